import { type FieldsOf, eventLog } from '../../../core/logging/event-log.ts';
import { type EventEntry, type EventName, EVENTS } from '../../../core/logging/events.ts';
import { type Field, FIELDS } from '../../../core/logging/fields.ts';
import { type Condition, eventsMatching, matches } from '../../../core/logging/query.ts';

/** A value of each type, so that an event can be logged without a program. */
const EXAMPLE: Readonly<Record<Field['type'], unknown>> = {
  string: 'text',
  number: 7,
  boolean: true,
  strings: ['a', 'b'],
  counts: { frames: 7, trades: 0 },
};

export const ENTRIES = Object.entries(EVENTS) as unknown as readonly (readonly [EventName, EventEntry])[];

function exampleOf({ fields, optional = [] }: EventEntry): Record<string, unknown> {
  return Object.fromEntries([...fields, ...optional].map((name) => [name, EXAMPLE[FIELDS[name].type]]));
}

/** A line as the typed event log writes it, within the envelope that every program has. Fields that are not given are examples. */
export function lineOf<E extends EventName>(event: E, fields: Partial<FieldsOf<E>> = {}): string {
  let line = '';
  const log = eventLog((level, message, written) => {
    line = JSON.stringify({ level, message, timestamp: '2026-11-23T22:00:00.000Z', service: 'test', ...written });
  });
  log(event, { ...exampleOf(EVENTS[event]), ...fields } as unknown as FieldsOf<E>);
  return line;
}

/** For each event that may satisfy the condition: the fields with which it does. */
export function satisfying(where: Condition): readonly (readonly [EventName, Record<string, unknown>])[] {
  return eventsMatching(where).flatMap((event) =>
    casesOf(where)
      .map((fields) => [event, fields] as const)
      .filter(([name, fields]) => matches(where, JSON.parse(lineOf(name, fields)) as Record<string, unknown>)),
  );
}

/** Values that make the condition's leaves true, one case per value. */
export function casesOf(where: Condition): readonly Record<string, unknown>[] {
  if ('all' in where) {
    return where.all
      .map(casesOf)
      .reduce((cases, more) => cases.flatMap((one) => more.map((other) => ({ ...one, ...other }))));
  }
  if ('any' in where) return where.any.flatMap(casesOf);
  if (where.field === 'event' || where.field === 'level' || where.field === 'component') return [{}];
  return 'is' in where ? where.is.map((value) => ({ [where.field]: value })) : [{ [where.field]: where.above + 1 }];
}
