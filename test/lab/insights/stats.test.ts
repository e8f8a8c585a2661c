import { describe, expect, test } from 'vitest';
import { rowsOf, run, type Line } from './support.ts';

const LINES: readonly Line[] = [
  { timestamp: '2026-11-23T22:00:00.000Z', event: 'a', n: 4, who: 'x', v: 'v10' },
  { timestamp: '2026-11-23T22:04:59.999Z', event: 'b', n: '1', who: 'y', v: 'v9' },
  { timestamp: '2026-11-23T22:05:00.000Z', event: 'a', n: 2, who: 'x' },
  { timestamp: '2026-11-23T22:01:00.000Z', event: 'a', n: 3, who: null, v: 'v1' },
  { timestamp: '2026-11-23T22:09:00.000Z', n: 'none' },
];

describe('stats', () => {
  test('counts by fields and bins; lines without the field are a group of their own', () => {
    expect(run('stats count(*) by event, bin(5m) | sort event, bin(5m)', LINES)).toMatchObject({
      columns: ['event', 'bin(5m)', 'count(*)'],
      rows: [
        { event: null, 'bin(5m)': '2026-11-23 22:05:00.000', 'count(*)': 1 },
        { event: 'a', 'bin(5m)': '2026-11-23 22:00:00.000', 'count(*)': 2 },
        { event: 'a', 'bin(5m)': '2026-11-23 22:05:00.000', 'count(*)': 1 },
        { event: 'b', 'bin(5m)': '2026-11-23 22:00:00.000', 'count(*)': 1 },
      ],
    });
  });

  test.each([
    ['count(*)', 5],
    ['count()', 5],
    ['count(who)', 3],
    ['count_distinct(who)', 2],
    ['count_distinct(n)', 5],
    ['sum(n)', 10],
    ['avg(n)', 2.5],
    ['min(n)', 1],
    ['max(n)', 4],
    ['median(n)', 2.5],
    ['pct(n, 0)', 1],
    ['pct(n, 50)', 2.5],
    ['pct(n, 90)', 3.7],
    ['pct(n, 100)', 4],
    ['stddev(n)', Math.sqrt(1.25)],
    ['min(v)', 'v1'],
    ['max(v)', 'v10'],
    ['sortsFirst(v)', 'v1'],
    ['sortsLast(v)', 'v10'],
    ['sortsFirst(n)', 'none'],
    ['sortsLast(n)', 4],
    ['earliest(event)', 'a'],
    ['latest(event)', 'a'],
    ['latest(who)', 'x'],
    ['max(@timestamp)', '2026-11-23 22:09:00.000'],
    ['sum(n * 2) / count(*)', 4],
    ['sum(strcontains(who, "x"))', 2],
    ['sum(event = "a")', 3],
  ])('%s is %s', (item, value) => {
    const [[result]] = rowsOf(`stats ${item}`, LINES) as [[unknown]];
    if (typeof value === 'number') expect(result).toBeCloseTo(value, 12);
    else expect(result).toBe(value);
  });

  test('without "by" there is one row, also where nothing matched', () => {
    const query =
      'filter event = "z" | stats count(*), count(n), sum(n), avg(n), max(n), pct(n, 9), latest(n), stddev(n)';
    expect(rowsOf(query, LINES)).toEqual([[0, 0, 0, null, null, null, null, null]]);
  });

  test('with "by" there is no row where nothing matched', () => {
    expect(run('filter event = "z" | stats count(*) by event', LINES).rows).toEqual([]);
  });

  test('5 and "5" are one group and one distinct value', () => {
    expect(rowsOf('stats count(*), count_distinct(k) by k', [{ k: 5 }, { k: '5' }])).toEqual([[5, 2, 1]]);
  });

  test('an item may use the items before it and what is grouped by', () => {
    const query =
      'stats max(n) as top, min(n) as low, top - low as span, concat(event, "!") as name by event | sort event';
    expect(rowsOf(query, LINES.slice(0, 4))).toEqual([
      ['a', 4, 2, 2, 'a!'],
      ['b', 1, 1, 0, 'b!'],
    ]);
  });

  test('filter, sort, fields and limit see the columns by alias or as they are written, and nothing else', () => {
    const query =
      'stats count(*) by event | filter count(*) > 1 or `count(*)` = 1 | sort COUNT( * ) desc, event | limit 1';
    expect(rowsOf(query, LINES)).toEqual([['a', 3]]);
    const { rows, warnings } = run(
      'stats count(*) as c by event | filter c > 1 | sort @timestamp | fields c * 2 as d',
      LINES,
    );
    expect(rows).toEqual([{ d: 6 }]);
    expect(warnings).toHaveLength(1);
  });

  test('a second stats works on the lines of the first', () => {
    expect(rowsOf('stats count(*) as c by event, bin(5m) as t | stats max(c), count(*) by t | sort t', LINES)).toEqual([
      ['2026-11-23 22:00:00.000', 2, 2],
      ['2026-11-23 22:05:00.000', 1, 2],
    ]);
    expect(rowsOf('stats count(*) as c by bin(1m) as @timestamp | stats sum(c) as s by bin(1h)', LINES)).toEqual([
      ['2026-11-23 22:00:00.000', 5],
    ]);
  });

  test('a second stats may use the names of the first', () => {
    expect(rowsOf('stats sum(n) as n by event, who | stats sum(n) as n by event | sort event', LINES)).toEqual([
      [null, 0],
      ['a', 9],
      ['b', 1],
    ]);
  });

  test('groups come in the order in which they were first seen, and by may have an alias', () => {
    expect(run('stats count(*) as c by event as e', LINES).rows.map((row) => row['e'])).toEqual(['a', 'b', null]);
  });

  test('earliest and latest are told by @timestamp, not by the order of the lines', () => {
    expect(rowsOf('filter event = "a" | stats earliest(n), latest(n)', [...LINES].reverse())).toEqual([[4, 2]]);
  });

  test('of several events at one time the first is the earliest and the last the latest, and missing values are passed over', () => {
    const lines = [{ n: 1 }, { n: 2 }, { n: 3 }, {}].map((line) => ({ ...line, timestamp: '2026-11-23T22:00:00Z' }));
    expect(rowsOf('stats earliest(n), latest(n)', lines)).toEqual([[1, 3]]);
  });
});
