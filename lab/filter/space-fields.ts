/** A field of a space-delimited event: its value, and where it begins with its bracket or quote. */
export interface EventField {
  readonly value: string;
  readonly at: number;
}

/** The fields of an event: parted by white space, except within [ ] and " ", which are taken off. */
export function spaceFields(event: string): readonly EventField[] {
  const fields: EventField[] = [];
  let at = 0;
  for (;;) {
    at = end(event, at, NOT_SPACE);
    if (at >= event.length) return fields;
    const close = closeOf(event, at);
    const next = close === undefined ? end(event, at, SPACE) : close + 1;
    fields.push({ value: close === undefined ? event.slice(at, next) : event.slice(at + 1, close), at });
    at = next;
  }
}

const SPACE = /\s/g;
const NOT_SPACE = /\S/g;

/** Where the next character of a kind is; the event's length where there is none. */
function end(event: string, from: number, kind: RegExp): number {
  kind.lastIndex = from;
  return kind.exec(event)?.index ?? event.length;
}

/** Where the bracket or quote that opens at `at` closes; undefined if nothing opens, or it does not close at a field's end. */
function closeOf(event: string, at: number): number | undefined {
  const open = event[at];
  if (open !== '[' && open !== '"') return undefined;
  let close = event.indexOf(open === '[' ? ']' : '"', at + 1);
  while (open === '"' && close > 0 && event[close - 1] === '\\') close = event.indexOf('"', close + 1);
  if (close < 0) return undefined;
  return close + 1 === event.length || /\s/.test(event[close + 1]!) ? close : undefined;
}
