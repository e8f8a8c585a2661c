import { describe, expect, test } from 'vitest';
import { eventLog, firstTickers, isLogged, MAX_TICKERS_LOGGED } from '../../../core/logging/event-log.ts';
import { type EventEntry, type EventName, EVENTS, type Level } from '../../../core/logging/events.ts';
import { type Field, type FieldName, FIELDS } from '../../../core/logging/fields.ts';
import { jsonLines } from '../../../ecs/console.ts';

const ENTRIES = Object.entries(EVENTS) as unknown as readonly (readonly [EventName, EventEntry])[];
const SNAKE = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
/** Powertools', and those that every line has from us. */
const RESERVED = ['level', 'message', 'timestamp', 'service', 'sampling_rate', 'xray_trace_id', 'component', 'event'];
const LEVELS: readonly Level[] = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL'];

const fieldsOf = ({ fields, optional = [] }: EventEntry): readonly FieldName[] => [...fields, ...optional];

/** A value of each type, so that an event can be logged without a program. */
const EXAMPLE: Readonly<Record<Field['type'], unknown>> = {
  string: 'text',
  number: 7,
  boolean: true,
  strings: ['a', 'b'],
  counts: { trades: 3 },
};
const exampleOf = (entry: EventEntry): Record<string, unknown> =>
  Object.fromEntries(fieldsOf(entry).map((name) => [name, EXAMPLE[FIELDS[name].type]]));

describe('the catalogue', () => {
  test.each(ENTRIES)('defines every field of %s, each once', (_, entry) => {
    const names = fieldsOf(entry);
    for (const name of names) expect(Object.hasOwn(FIELDS, name), name).toBe(true);
    expect(new Set(names).size).toBe(names.length);
    expect(LEVELS).toContain(entry.level);
    expect([entry.means, entry.action].every((text) => text.endsWith('.'))).toBe(true);
  });

  test('names events and fields in snake_case and leaves the reserved names alone', () => {
    for (const name of [...Object.keys(EVENTS), ...Object.keys(FIELDS)]) expect(name).toMatch(SNAKE);
    for (const name of RESERVED) expect(Object.hasOwn(FIELDS, name), name).toBe(false);
  });

  test('has no field that no event uses and that means nothing', () => {
    for (const [name, { meaning }] of Object.entries(FIELDS)) expect(meaning, name).toMatch(/\.$/);
  });

  test('asks somebody to act at ERROR and above only where it says what to do', () => {
    for (const [name, { level, action }] of ENTRIES) {
      if (level === 'ERROR' || level === 'CRITICAL') expect(action, name).not.toMatch(/^None/);
    }
  });
});

describe('an event log', () => {
  test('adds component and event, and logs at the event’s own level', () => {
    const written: unknown[] = [];
    eventLog((...line) => written.push(line))('received_signal', { signal: 'SIGTERM' });
    expect(written).toEqual([
      ['INFO', 'received_signal', { component: 'streamer', event: 'received_signal', signal: 'SIGTERM' }],
    ]);
  });

  test.each(LEVELS)('lets through what is %s or above, in the order of impact', (lowest) => {
    const through = LEVELS.filter((level) => isLogged(level, lowest));
    expect(through).toEqual(LEVELS.slice(LEVELS.indexOf(lowest)));
  });

  test('names the first few tickers', () => {
    const tickers = Array.from({ length: 40 }, (_, i) => `T${i}`);
    expect(firstTickers(tickers)).toEqual(tickers.slice(0, MAX_TICKERS_LOGGED));
    expect(firstTickers(['T'])).toEqual(['T']);
  });
});

describe('a line of the streamer', () => {
  const NOW = new Date('2026-11-23T19:02:56.123Z');

  function linesOf(lowest: Level): Record<string, unknown>[] {
    const lines: string[] = [];
    const write = jsonLines(
      (line) => lines.push(line),
      lowest,
      () => NOW,
    );
    for (const [name, entry] of ENTRIES) eventLog(write)(name, exampleOf(entry) as never);
    return lines.map((line) => {
      expect(line.indexOf('\n')).toBe(line.length - 1);
      return JSON.parse(line) as Record<string, unknown>;
    });
  }

  test('is one JSON object with its head first, then component, event and fields', () => {
    const lines = linesOf('DEBUG');
    expect(lines).toHaveLength(ENTRIES.length);
    for (const [i, line] of lines.entries()) {
      const [name, entry] = ENTRIES[i]!;
      const head = ['level', 'message', 'timestamp', 'service', 'log_seq', 'component', 'event'];
      expect(Object.keys(line).slice(0, head.length)).toEqual(head);
      expect(line).toMatchObject({
        ...exampleOf(entry),
        level: entry.level,
        message: name,
        event: name,
        component: entry.component,
        timestamp: '2026-11-23T19:02:56.123Z',
      });
    }
  });

  test('is counted without a hole, and what is not logged is not counted', () => {
    const lines = linesOf('WARN');
    const logged = ENTRIES.filter(([, { level }]) => isLogged(level, 'WARN'));
    expect(lines.map(({ event }) => event)).toEqual(logged.map(([name]) => name));
    expect(lines.map(({ log_seq }) => log_seq)).toEqual(lines.map((_, i) => i + 1));
  });
});
