import { EVENTS, type EventEntry, type EventName } from '../../../core/logging/events.ts';
import { FIELDS, type Field, type FieldName } from '../../../core/logging/fields.ts';

export type Line = Readonly<Record<string, unknown>>;

/** What Powertools writes around our fields. */
const ENVELOPE = ['level', 'message', 'timestamp', 'service', 'sampling_rate', 'component', 'event'];

/** Text that may be empty, which Powertools then leaves out of the line. */
const MAY_BE_EMPTY: readonly string[] = ['git_commit'] satisfies readonly FieldName[];

const FITS: Readonly<Record<Field['type'], (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  boolean: (value) => typeof value === 'boolean',
  strings: (value) => Array.isArray(value) && value.every(isString),
  counts: (value) =>
    typeof value === 'object' && value !== null && Object.values(value).every((n) => Number.isSafeInteger(n)),
};

/** Everything in which a line differs from what the catalogue says of its event; none for a line as it should be. */
export function faultsOf(line: Line): string[] {
  const name = String(line['event']);
  if (!Object.hasOwn(EVENTS, name)) return [`${name} is no event`];
  const entry: EventEntry = EVENTS[name as EventName];
  const { level, component, fields, optional = [] } = entry;
  const head = { level, component, message: name };
  const faults = Object.entries(head).flatMap(([key, value]) =>
    line[key] === value ? [] : [`${key} is not ${value}`],
  );
  const known: readonly FieldName[] = [...fields, ...optional];
  for (const field of fields)
    if (!Object.hasOwn(line, field) && !MAY_BE_EMPTY.includes(field)) faults.push(`${field} is missing`);
  for (const [key, value] of Object.entries(line)) {
    if (ENVELOPE.includes(key)) continue;
    const field = known.find((candidate) => candidate === key);
    if (field === undefined) faults.push(`${key} is no field of it`);
    else if (!FITS[FIELDS[field].type](value)) faults.push(`${key} is no ${FIELDS[field].type}`);
  }
  return faults;
}

function isString(value: unknown): boolean {
  return typeof value === 'string';
}
