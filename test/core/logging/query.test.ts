import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EVENTS, type EventEntry } from '../../../core/logging/events.ts';
import { PATTERNS, type Pattern } from '../../../core/logging/patterns.ts';
import {
  type Condition,
  eventsMatching,
  type LogQuery,
  matches,
  PLATFORM_FIELDS,
  toInsights,
  toJq,
  toLogQl,
} from '../../../core/logging/query.ts';
import { compileQuery } from '../../../lab/insights/query.ts';
import { lineOf } from './sample-lines.ts';

const hasJq = spawnSync('jq', ['--version']).status === 0;
const patterns = Object.entries(PATTERNS as Readonly<Record<string, Pattern>>);

const QUERY: LogQuery = {
  where: {
    all: [
      { field: 'event', is: ['heartbeat'] },
      {
        any: [
          { field: 'ingest_lag_sec', above: 5 },
          { field: 'ws_state', is: ['waiting', 'connecting'] },
        ],
      },
    ],
  },
  show: ['ws_state', 'ingest_lag_sec'],
};

describe('one query in three dialects', () => {
  test('Logs Insights', () => {
    expect(toInsights(QUERY).split('\n')).toEqual([
      'fields @timestamp, ws_state, ingest_lag_sec',
      '| filter (event = "heartbeat") and ((ingest_lag_sec > 5) or (ws_state in ["waiting", "connecting"]))',
      '| sort @timestamp desc',
      '| limit 20',
    ]);
    expect(toInsights({ ...QUERY, countBy: ['cause'] })).toContain(
      '| stats count(*) as lines by cause\n| sort lines desc',
    );
  });

  test('LogQL', () => {
    expect(toLogQl(QUERY)).toBe(
      '{service_name=~"kalshi-tape.*"} | json | (event="heartbeat") and ((ingest_lag_sec > 5) or (ws_state=~"waiting|connecting")) | line_format `{{.timestamp}} {{.ws_state}} {{.ingest_lag_sec}}`',
    );
  });

  test.skipIf(!hasJq)(
    'jq returns the newest lines that match, for any condition and any lines (jq is not installed: skipped)',
    () => {
      const value = fc.constantFrom('a', 'b', 1, 7, null);
      const line = fc.record({
        timestamp: fc.nat({ max: 99 }).map((n) => `t${String(n).padStart(2, '0')}`),
        event: value,
        ingest_lag_sec: value,
      });
      const leaf: fc.Arbitrary<Condition> = fc.oneof(
        fc.record({
          field: fc.constant('event' as const),
          is: fc.array(fc.constantFrom('a', 'b', 1), { minLength: 1 }),
        }),
        fc.record({ field: fc.constant('ingest_lag_sec' as const), above: fc.constantFrom(0, 3, 9) }),
      );
      const condition = fc.oneof(
        leaf,
        fc.record({ all: fc.array(leaf, { minLength: 1 }) }),
        fc.record({ any: fc.array(leaf, { minLength: 1 }) }),
      );
      fc.assert(
        fc.property(
          fc.uniqueArray(line, { selector: (l) => l.timestamp, maxLength: 15 }),
          condition,
          (lines, where) => {
            const query: LogQuery = { where, show: ['event'] };
            const input = ['no JSON', ...lines.map((l) => JSON.stringify(l))].join('\n');
            const answer = spawnSync('jq', ['-c', '-n', '-R', toJq(query)], { input, encoding: 'utf8' });
            const expected = lines
              .filter((l) => matches(where, l))
              .sort((a, b) => (a.timestamp < b.timestamp ? 1 : -1))
              .map((l) => JSON.stringify([l.timestamp, l.event]));
            expect(answer.stdout.split('\n').filter((text) => text !== '')).toEqual(expected);
          },
        ),
        { numRuns: 40 },
      );
    },
  );
});

describe('patterns', () => {
  test.each(patterns)('%s asks only for events and fields that are there', (_, { query }) => {
    for (const { field, values } of leavesOf(query.where)) {
      if (field === 'event') for (const value of values) expect(Object.keys(EVENTS)).toContain(value);
    }
    const known = new Set(['event', 'component', 'level', 'log_seq']);
    for (const event of eventsMatching(query.where)) {
      const { fields, optional = [] }: EventEntry = EVENTS[event];
      [...fields, ...optional].forEach((field) => known.add(field));
    }
    const platform = new Set<string>(PLATFORM_FIELDS);
    for (const field of [...query.show, ...(query.countBy ?? [])])
      if (!platform.has(field)) expect([...known], field).toContain(field.split('.')[0]);
  });
});

describe('events that may satisfy a condition', () => {
  test.each<[string, Condition, readonly string[]]>([
    ['by name', { field: 'event', is: ['ws_gap', 'heartbeat'] }, ['heartbeat', 'ws_gap']],
    ['by a field that they carry', { field: 'exchange_lag_sec', above: 3 }, ['heartbeat']],
    [
      'by component and level',
      {
        all: [
          { field: 'component', is: ['probe'] },
          { field: 'level', is: ['CRITICAL'] },
        ],
      },
      ['probe_refused'],
    ],
    [
      'by either',
      {
        any: [
          { field: 'repair', is: ['x'] },
          { field: 'kinds', is: ['x'] },
        ],
      },
      ['ws_resubscribed', 'log_suppressed'],
    ],
    ['by a number within a field', { field: 'rows_ingested_last_5m.frames', is: [0] }, ['warehouse_heartbeat']],
    [
      'none',
      {
        all: [
          { field: 'event', is: ['ws_gap'] },
          { field: 'exit_code', above: 0 },
        ],
      },
      [],
    ],
  ])('%s', (_, condition, events) => {
    expect(eventsMatching(condition)).toEqual(events);
  });
});

describe('a number within a field', () => {
  const QUERY_OF_PART: LogQuery = {
    where: { field: 'rows_ingested_last_5m.frames', above: 0 },
    show: ['rows_ingested_last_5m.frames'],
  };

  test('is found by its path, and absent satisfies nothing', () => {
    expect(matches(QUERY_OF_PART.where, { rows_ingested_last_5m: { frames: 3 } })).toBe(true);
    expect(matches(QUERY_OF_PART.where, { rows_ingested_last_5m: {} })).toBe(false);
    expect(matches(QUERY_OF_PART.where, { rows_ingested_last_5m: 3 })).toBe(false);
  });

  test('has a dot in Logs Insights and jq, and an underscore in Loki', () => {
    expect(toInsights(QUERY_OF_PART)).toContain('filter rows_ingested_last_5m.frames > 0');
    expect(toJq(QUERY_OF_PART)).toContain('.rows_ingested_last_5m.frames > 0');
    expect(toLogQl(QUERY_OF_PART)).toContain(
      'rows_ingested_last_5m_frames > 0 | line_format `{{.timestamp}} {{.rows_ingested_last_5m_frames}}`',
    );
  });
});

describe('a list', () => {
  const QUERY_OF_LIST: LogQuery = { where: { field: 'event', is: ['startup_refused'] }, show: ['event', 'faults'] };
  const line = lineOf('startup_refused', { faults: ['MARKETS: is required', 'SPOOL_DIR: is no folder'] });

  test('is shown element by element in Logs Insights, which knows no lists', () => {
    const { rows } = compileQuery(toInsights(QUERY_OF_LIST)).run([{ message: line, timestamp_ms: 0 }]);
    expect(JSON.stringify(rows)).toContain('MARKETS: is required');
    expect(JSON.stringify(rows)).toContain('SPOOL_DIR: is no folder');
  });

  test('is asked for by name in Loki, whose parser passes over lists', () => {
    expect(toLogQl(QUERY_OF_LIST)).toContain('| json | json faults="faults" | event="startup_refused"');
  });
});

function leavesOf(condition: Condition): readonly { readonly field: string; readonly values: readonly unknown[] }[] {
  if ('all' in condition) return condition.all.flatMap(leavesOf);
  if ('any' in condition) return condition.any.flatMap(leavesOf);
  return [{ field: condition.field, values: 'is' in condition ? condition.is : [] }];
}
