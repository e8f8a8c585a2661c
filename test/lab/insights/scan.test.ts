import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flatten, timeOfMessage } from '../../../lab/insights/flatten.ts';
import type { Row } from '../../../lab/insights/row.ts';
import { FieldScanner } from '../../../lab/insights/scan.ts';
import { Instant } from '../../../lab/insights/value.ts';
import { brokenLine, jsonLine } from './json.ts';

const NAMES = ['event', 'n', 'a', 'a.b', 'b', 'b.a.0', '@@timestamp', 'timestamp', 'ä', 'x"y', 'absent', '@x'];
const FIELDS = new Map(NAMES.map((name, slot) => [name, slot]));
const TIME = NAMES.length;
const RUNS = 3_000;

/** What the scanner read from the bytes of the line, with other bytes around them. */
function scanned(scanner: FieldScanner, line: string): unknown[] {
  const bytes = Buffer.from(`}"${line}"{`);
  const row: Row = new Array<null>(TIME + 1).fill(null);
  scanner.read(bytes, 2, bytes.length - 2, row);
  return row.map(plain);
}

function parsed(line: string): unknown[] {
  const fields = flatten(line);
  const time = timeOfMessage(line, fields);
  return [...NAMES.map((name) => fields.get(name) ?? null), time ?? null];
}

function plain(value: unknown): unknown {
  return value instanceof Instant ? value.ms : value;
}

describe('the field scanner', () => {
  const scanner = new FieldScanner({ fields: FIELDS, time: TIME });

  test('reads from any JSON what JSON.parse reads', () => {
    fc.assert(
      fc.property(jsonLine, (line) => {
        JSON.parse(line);
        expect(scanned(scanner, line)).toEqual(parsed(line));
      }),
      { numRuns: RUNS },
    );
  });

  test('reads from what is nearly JSON what JSON.parse reads, mostly nothing', () => {
    fc.assert(
      fc.property(brokenLine, (line) => {
        // A lone half of a surrogate pair becomes another character in bytes.
        const same = Buffer.from(line).toString();
        expect(scanned(scanner, same)).toEqual(parsed(same));
      }),
      { numRuns: RUNS },
    );
  });

  test('reads nested fields alone, and plain fields without the time', () => {
    const nested = new FieldScanner({ fields: new Map([['b.a.0', 0]]), time: undefined });
    const row: Row = [null];
    fc.assert(
      fc.property(jsonLine, (line) => {
        const bytes = Buffer.from(line);
        nested.read(bytes, 0, bytes.length, row);
        expect(row[0]).toEqual(flatten(line).get('b.a.0') ?? null);
      }),
      { numRuns: RUNS },
    );
  });

  test.each([
    ['{"event":"a","event":{"x":1}}', null],
    ['{"event":{"x":1},"event":"a"}', 'a'],
    ['{"event":"a","\\u0065vent":"b"}', 'b'],
    ['{"x":{"event":"a"}}', null],
    ['{"x":"{\\"event\\":\\"a\\"}","event":"b"}', 'b'],
    ['{"event":"a"} x', null],
    ['{"event":"a"', null],
    ['{"event":"a",}', null],
    ['{"event":"a","n":01}', null],
    ['[{"event":"a"}]', null],
    ['"event"', null],
    ['  {"event" : "a\\u00e4"}  ', 'aä'],
    ['{"event":"😀"}', '😀'],
  ])('%s has the event %s', (line, event) => {
    expect(scanned(scanner, line)[0]).toBe(event);
  });

  test.each([
    'T25:00:00.000Z',
    'T22:60:00.000Z',
    'T22:00:61.000Z',
    'T22-00:00.000Z',
    'T2x:00:00.000Z',
    '_22:00:00.000Z',
  ])('a time of day that is none, %s, is none here either', (time) => {
    const line = `{"timestamp":"2026-11-23${time}"}`;
    expect(scanned(scanner, line)).toEqual(parsed(line));
    expect(scanned(scanner, line)[TIME]).toBeNull();
  });

  test('nesting without measure costs its fields, not the run', () => {
    const deep = `{"event":"a","x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
    expect(scanned(scanner, deep)[0]).toBe('a');
  });
});
