/** A point in time, milliseconds since 1970; printed as Logs Insights prints @timestamp. */
export class Instant {
  readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }
}

/** A map or a list, as jsonParse() returns it. */
export class Structure {
  readonly json: object;

  constructor(json: object) {
    this.json = json;
  }
}

/** What a field or an expression may be; a field that is missing is null. */
export type Value = string | number | boolean | Instant | Structure | null;

/** What a result shows: booleans as 1 and 0, instants as text, structures as JSON. */
export type Shown = string | number | null;

const NUMERIC = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The number that a value is or looks like; undefined where it is none. Instants are milliseconds, booleans 1 and 0. */
export function numberOf(value: Value): number | undefined {
  switch (typeof value) {
    case 'number':
      return value;
    case 'string':
      return numberOfText(value);
    case 'boolean':
      return value ? 1 : 0;
    default:
      return value instanceof Instant ? value.ms : undefined;
  }
}

export function looksNumeric(text: string): boolean {
  return numberOfText(text) !== undefined;
}

export function textOf(value: Exclude<Value, null>): string {
  if (typeof value === 'string') return value;
  return String(shownOf(value));
}

export function shownOf(value: Value): Shown {
  switch (typeof value) {
    case 'boolean':
      return value ? 1 : 0;
    case 'object':
      if (value === null) return null;
      return value instanceof Instant ? instantText(value.ms) : JSON.stringify(value.json);
    default:
      return value;
  }
}

/** `2026-11-23 22:00:00.000`, UTC. */
function instantText(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return String(ms);
  return date.toISOString().replace('T', ' ').slice(0, -1);
}

/** What filter makes of a value: null is neither true nor false. */
export function truthOf(value: Value): boolean | null {
  if (value === null || typeof value === 'boolean') return value;
  if (value === 'true') return true;
  const number = numberOf(value);
  return number !== undefined && number !== 0;
}

/** JSON that was parsed, as a value. */
export function valueOfJson(json: unknown): Value {
  if (typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean') return json;
  return typeof json === 'object' && json !== null ? new Structure(json) : null;
}

/** NaN and the infinities are no results: null. */
export function finite(number: number): number | null {
  return Number.isFinite(number) ? number : null;
}

function numberOfText(text: string): number | undefined {
  if (text.length === 0) return undefined;
  // Most texts start with a letter: they need no regular expression.
  const first = text.charCodeAt(0);
  if (first > 57 || first < 43) return undefined;
  return NUMERIC.test(text) ? Number(text) : undefined;
}
