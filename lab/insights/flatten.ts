import type { Value } from './value.ts';

/** Instants of our own where the event has none: fields that hold it, the first that is there. */
export const TIME_KEYS = ['timestamp', 'time', 'ts', '@timestamp'] as const;

/** Fields of an event's JSON by name, `a.0.b`; empty where the message is no JSON object or list. */
export function flatten(message: string): ReadonlyMap<string, Value> {
  const fields = new Map<string, Value>();
  const json = parsed(message);
  if (typeof json === 'object' && json !== null) add(fields, undefined, json, 0);
  return fields;
}

/** Epoch milliseconds (or seconds, below 100,000,000,000) or an ISO 8601 text; undefined where it is neither. */
export function timeOf(value: Value | undefined): number | undefined {
  if (typeof value === 'number') return Math.abs(value) < SECONDS_BELOW ? value * 1_000 : value;
  if (typeof value !== 'string' || !ISO_START.test(value)) return undefined;
  const ms = Date.parse(HAS_ZONE.test(value) ? value : `${value.replace(' ', 'T')}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** The time that a message itself names: a field, or what a plain text begins with. */
export function timeOfMessage(message: string, fields: ReadonlyMap<string, Value>): number | undefined {
  for (const key of TIME_KEYS) {
    const time = timeOf(fields.get(jsonKey(key)));
    if (time !== undefined) return time;
  }
  return timeOf(fields.get('_aws.Timestamp')) ?? timeOf(TEXT_TIME.exec(message)?.[0]);
}

/** A key that begins with @ is shown with one more: @timestamp and the like are the service's own. */
function jsonKey(key: string): string {
  return key.startsWith('@') ? `@${key}` : key;
}

/** What is nested deeper has no fields. */
const MAX_DEPTH = 64;
const SECONDS_BELOW = 1e11;
const ISO_START = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;
const HAS_ZONE = /(?:Z|[+-]\d\d:?\d\d)$/;
const TEXT_TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?/;

function parsed(message: string): unknown {
  // Most lines that are no JSON are told from their first character.
  if (!/^\s*[[{]/.test(message)) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

function add(fields: Map<string, Value>, name: string | undefined, json: unknown, depth: number): void {
  if (typeof json === 'object') {
    if (json === null || depth === MAX_DEPTH) return;
    for (const [key, value] of Object.entries(json)) {
      add(fields, name === undefined ? jsonKey(key) : `${name}.${key}`, value, depth + 1);
    }
  } else if (name !== undefined) fields.set(name, json as Value);
}
