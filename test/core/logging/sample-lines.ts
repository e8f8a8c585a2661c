import { type FieldsOf, eventLog } from '../../../core/logging/event-log.ts';
import { type EventEntry, type EventName, EVENTS } from '../../../core/logging/events.ts';
import { type Field, FIELDS } from '../../../core/logging/fields.ts';

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
