import { describe, expect, test } from 'vitest';
import { compileQuery } from '../../../lab/insights/query.ts';
import { events, rowsOf, run } from './support.ts';

const EVENTS = events(
  { message: '{"a":1,"b":{"c":[true,{"d":"x"}]}}', timestamp_ms: 1_000, log: '1:/g', logStream: 's1', ingestion_ms: 9 },
  { message: 'text', timestamp_ms: 2_000, logStream: 's2' },
);

describe('the result', () => {
  test('without fields is time and message, newest first', () => {
    expect(compileQuery('filter a = 1 or @logStream = "s2"').run(EVENTS)).toEqual({
      columns: ['@timestamp', '@message'],
      rows: [
        { '@timestamp': '1970-01-01 00:00:02.000', '@message': 'text' },
        { '@timestamp': '1970-01-01 00:00:01.000', '@message': '{"a":1,"b":{"c":[true,{"d":"x"}]}}' },
      ],
      statistics: { recordsMatched: 2, recordsScanned: 2, bytesScanned: 38 },
      warnings: [],
    });
  });

  test('has the fields of the service', () => {
    const { rows } = compileQuery('fields @log, @logStream, @ingestionTime, @timestamp | limit 2').run(EVENTS);
    expect(rows).toEqual([
      { '@log': null, '@logStream': 's2', '@ingestionTime': null, '@timestamp': '1970-01-01 00:00:02.000' },
      {
        '@log': '1:/g',
        '@logStream': 's1',
        '@ingestionTime': '1970-01-01 00:00:00.009',
        '@timestamp': '1970-01-01 00:00:01.000',
      },
    ]);
  });

  test('JSON is entered with dots and indices; maps and lists themselves are no fields', () => {
    expect(rowsOf('fields b.c.0, b.c.1.d, b, b.c, b.c.2', ['{"b":{"c":[true,{"d":"x"}]}}'])).toEqual([
      [1, 'x', null, null, null],
    ]);
  });

  test('a key that begins with @ has one more', () => {
    expect(rowsOf('fields @@x, @x', ['{"@x":1}'])).toEqual([[1, null]]);
  });

  test('several fields commands add up, and a name again is shown once with its new meaning', () => {
    expect(run('fields a, b | fields a + 1 as a, c', [{ a: 1, b: 2, c: 3 }])).toMatchObject({
      columns: ['a', 'b', 'c'],
      rows: [{ a: 2, b: 2, c: 3 }],
    });
  });

  test('display shows its columns only, and the last one counts', () => {
    const { columns, rows } = run('fields a as x, b | display b | display x, x = 1 as isOne', [{ a: 1, b: 2 }]);
    expect(columns).toEqual(['x', 'isOne']);
    expect(rows).toEqual([{ x: 1, isOne: 1 }]);
  });

  test('display shows a name that it has twice once, with its later meaning', () => {
    expect(run('display a, b as x, a + 1 as a', [{ a: 1, b: 2 }])).toMatchObject({
      columns: ['a', 'x'],
      rows: [{ a: 2, x: 2 }],
    });
  });

  test('an alias is seen by what comes after it, not before', () => {
    expect(rowsOf('filter ispresent(x) | fields a as x', [{ a: 1 }])).toEqual([]);
    expect(rowsOf('fields a * 2 as x | filter x = 2 | fields x + 1 as y | filter y > x', [{ a: 1 }])).toEqual([[2, 3]]);
  });

  test('an alias is seen by the columns after it in the same command', () => {
    expect(rowsOf('fields ms / 10 as a, a * 2 as b', [{ ms: 50 }, { ms: 50, a: 9 }])).toEqual([
      [5, 10],
      [5, 10],
    ]);
    expect(rowsOf('fields b * 2 as a, a + 1 as b, b as c | display c, c + 1 as d', [{ b: 3 }])).toEqual([[7, 8]]);
    expect(rowsOf('stats sum(a) as s by k | display s * 2 as t, t + 1 as u', [{ a: 1 }])).toEqual([[2, 3]]);
  });

  test('limit cuts, and 10,000 rows are the most without it', () => {
    const lines = Array.from({ length: 10_050 }, (_, i) => ({ i }));
    expect(run('fields i | limit 3', lines).rows).toHaveLength(3);
    const { rows, statistics } = run('fields i', lines);
    expect(rows).toHaveLength(10_000);
    expect(statistics.recordsMatched).toBe(10_050);
    expect(run('stats count(*) by i', lines).rows).toHaveLength(10_000);
  });

  test('matched are the events that the filters let through, before stats', () => {
    const lines = [{ i: 1 }, { i: 2 }, { i: 3 }];
    const { statistics } = run('filter i > 1 | stats count(*) as c by i | filter c > 5', lines);
    expect(statistics).toMatchObject({ recordsMatched: 2, recordsScanned: 3 });
  });

  test('dedup keeps the newest of each combination and every row with a null in it', () => {
    const lines = [
      { timestamp: '2026-11-23T22:00:00Z', s: 'a', i: 0 },
      { timestamp: '2026-11-23T22:00:03Z', s: 'a', i: 1 },
      { timestamp: '2026-11-23T22:00:02Z', s: 'b', i: 2 },
      { timestamp: '2026-11-23T22:00:01Z', i: 3 },
      { timestamp: '2026-11-23T22:00:00Z', i: 4 },
    ];
    expect(rowsOf('fields i | dedup s', lines).flat()).toEqual([1, 2, 3, 4]);
    expect(rowsOf('fields i | sort @timestamp | dedup s | limit 3', lines).flat()).toEqual([0, 4, 3]);
  });

  test('unnest gives a row for each item of a list, and one for what is no list', () => {
    const query =
      'fields jsonParse(@message) as m | unnest m.l into item | filter item.n != 2 | sort item.n | display item.n, m.x';
    expect(rowsOf(query, ['{"x":"p","l":[{"n":1},{"n":2},{"n":3}]}', '{"x":"q","l":{"n":9}}'])).toEqual([
      [1, 'p'],
      [3, 'p'],
      [9, 'q'],
    ]);
  });

  test('events outside the time range are not scanned, nor are those without a time', () => {
    const query = compileQuery('stats count(*)');
    const all = [...EVENTS, { message: '{"a":1}' }];
    expect(query.run(all, { start_ms: 1_000, end_ms: 2_000 }).statistics.recordsScanned).toBe(1);
    expect(query.run(all, { start_ms: 1_001 }).statistics.recordsScanned).toBe(1);
    expect(query.run(all).statistics.recordsScanned).toBe(3);
  });

  test.each([
    ['{"timestamp":"2026-11-23T22:00:00.500Z"}', '2026-11-23 22:00:00.500'],
    ['{"timestamp":"2026-11-23T23:00:00+01:00"}', '2026-11-23 22:00:00.000'],
    ['{"timestamp":"2026-11-23 22:00:00"}', '2026-11-23 22:00:00.000'],
    ['{"time":1795471200000}', '2026-11-23 22:00:00.000'],
    ['{"ts":1795471200}', '2026-11-23 22:00:00.000'],
    ['{"@timestamp":"2026-11-23T22:00:00Z"}', '2026-11-23 22:00:00.000'],
    ['{"time":"soon","ts":1795471200}', '2026-11-23 22:00:00.000'],
    ['{"_aws":{"Timestamp":1795471200000}}', '2026-11-23 22:00:00.000'],
    ['2026-11-23T22:00:00.000Z\tid\tINFO\ttext', '2026-11-23 22:00:00.000'],
    ['{"timestamp":"yesterday"}', null],
    ['{"timestamp":"2026-11-23T25:00:00.000Z"}', null],
    ['text', null],
  ])('an event without a time has the one its message names: %s', (message, time) => {
    expect(rowsOf('fields @timestamp', [message])).toEqual([[time]]);
  });
});
