import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { type MetricId, MetricStore } from '../../../lab/metrics/series.ts';
import { StatisticError } from '../../../lab/metrics/statistic.ts';

const ID: MetricId = { namespace: 'Tape', name: 'lag', dimensions: {} };
const T0 = Date.parse('2026-11-23T22:00:00Z');
const MINUTE_MS = 60_000;

function storeOf(values: readonly number[], id = ID): MetricStore {
  const store = new MetricStore();
  values.forEach((value, at) => store.put(id, { ts_ms: T0 + at, value }));
  return store;
}
const over = (values: readonly number[], stat: string): number | undefined =>
  storeOf(values).statistic(ID, stat, T0, T0 + MINUTE_MS);

const ONE_TO_TEN = [7, 1, 10, 3, 5, 2, 9, 4, 8, 6];

describe('a statistic', () => {
  test.each([
    ['Sum', 55],
    ['Average', 5.5],
    ['Minimum', 1],
    ['Maximum', 10],
    ['SampleCount', 10],
    ['p0', 1],
    ['p10', 1],
    ['p50', 5],
    ['p90', 9],
    ['p90.1', 10],
    ['p99.99', 10],
    ['p100', 10],
    ['tm90', 5],
    ['tm100', 5.5],
    ['TM(10%:90%)', 5.5],
    ['TM(20%:)', 6.5],
    ['TM(:20%)', 1.5],
    ['TM(2:5)', 4],
    ['TM(8:)', 9.5],
    ['IQM', 5.5],
    ['tc90', 9],
    ['TC(2:5)', 3],
    ['TC(100:)', 0],
    ['ts90', 45],
    ['TS(2:5)', 12],
    ['wm80', 5.2],
    ['WM(20%:80%)', 5.5],
    ['WM(2:5)', 4.1],
    ['PR(:3)', 30],
    ['PR(3:5)', 20],
  ])('%s of one to ten is %d', (stat, expected) => {
    expect(over(ONE_TO_TEN, stat)).toBeCloseTo(expected, 10);
  });

  test.each(['tm99', 'wm99', 'p99', 'IQM', 'TM(10%:90%)'])('%s of a single value is that value', (stat) => {
    expect(over([7], stat)).toBe(7);
  });

  test('of a range with nothing in it is undefined where it is a mean', () => {
    expect(over([7], 'TM(8:9)')).toBeUndefined();
  });

  test.each([
    ...['sum', 'p', 'p101', 'P99', 'tm', 'tm100.1', 'TM()', 'TM(:)', 'TM(10%:5)', 'TM(5:5)', 'TM(9:1)', 'TM(a:b)'],
    ...['TM(:110%)', 'PR(1%:5%)', 'pr5', 'IQM(1:2)', '', 'toString', 'Average '],
  ])('that CloudWatch does not have is an error naming it, with or without data: %j', (stat) => {
    for (const values of [[], [1]]) {
      const ask = () => over(values, stat);
      expect(ask).toThrow(StatisticError);
      expect(ask).toThrow(JSON.stringify(stat));
    }
  });

  test('weighs a sample by its count', () => {
    const store = new MetricStore();
    store.put(ID, { ts_ms: T0, value: 1, count: 99 });
    store.put(ID, { ts_ms: T0, value: 100, count: 1 });
    const at = (stat: string) => store.statistic(ID, stat, T0, T0 + 1);
    expect([at('Sum'), at('Average'), at('SampleCount')]).toEqual([199, 1.99, 100]);
    expect([at('p99'), at('p99.5'), at('tm99'), at('tc50')]).toEqual([1, 100, 1, 50]);
    expect(store.sampleCount(ID, T0, T0 + 1)).toBe(100);
  });
});

describe('a store of metrics', () => {
  test('takes a window from its first instant up to, not with, its last', () => {
    const store = new MetricStore();
    for (const second of [0, 59, 60, 61, 120]) store.put(ID, { ts_ms: T0 + second * 1_000, value: second });
    const sum = (from: number, to: number) => store.statistic(ID, 'Sum', T0 + from * 1_000, T0 + to * 1_000);
    expect([sum(0, 60), sum(1, 61), sum(59, 120), sum(60, 121), sum(62, 120), sum(121, 999)]).toEqual([
      59,
      119,
      180,
      241,
      undefined,
      undefined,
    ]);
    expect(store.sampleCount(ID, T0, T0 + 60_000)).toBe(2);
    expect([store.firstTs(ID), store.lastTs(ID)]).toEqual([T0, T0 + 120_000]);
  });

  test('tells metrics apart by namespace, name and dimensions, in whatever order these are named', () => {
    const store = new MetricStore();
    const ids: readonly MetricId[] = [
      ID,
      { ...ID, namespace: 'Tapel', name: 'ag' },
      { ...ID, name: 'Lag' },
      { ...ID, dimensions: { a: '1', b: '2' } },
      { ...ID, dimensions: { a: '2', b: '1' } },
      { ...ID, dimensions: { a1b: '2' } },
    ];
    ids.forEach((id, at) => store.put(id, { ts_ms: T0, value: at + 1 }));
    expect(store.metrics()).toEqual(ids);
    expect(ids.map((id) => store.statistic(id, 'Sum', T0, T0 + 1))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(store.statistic({ ...ID, dimensions: { b: '2', a: '1' } }, 'Sum', T0, T0 + 1)).toBe(4);
  });

  test('knows nothing of a metric that has no sample', () => {
    const store = new MetricStore();
    expect([store.firstTs(ID), store.lastTs(ID), store.statistic(ID, 'p99', 0, Infinity)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(store.sampleCount(ID, 0, Infinity)).toBe(0);
    expect(store.metrics()).toEqual([]);
  });

  test.each([
    { ts_ms: NaN, value: 1 },
    { ts_ms: T0, value: Infinity },
    { ts_ms: T0, value: 1, count: 0 },
  ])('refuses %j and stores nothing', (sample) => {
    const store = new MetricStore();
    expect(() => store.put(ID, sample)).toThrow(RangeError);
    expect(store.metrics()).toEqual([]);
  });

  const sample = fc.record({
    ts_ms: fc.integer({ min: T0, max: T0 + 10 * MINUTE_MS }),
    value: fc.integer({ min: -1_000, max: 1_000 }),
    count: fc.integer({ min: 1, max: 5 }),
  });
  const instant = fc.integer({ min: T0 - MINUTE_MS, max: T0 + 11 * MINUTE_MS });

  test.prop([fc.array(sample, { maxLength: 60 }), instant, instant])(
    'agrees in any order of arrival with a sum over all samples',
    (samples, from, to) => {
      const store = new MetricStore();
      for (const one of samples) store.put(ID, one);
      const inside = samples
        .filter(({ ts_ms }) => ts_ms >= from && ts_ms < to)
        .flatMap(({ value, count }) => Array<number>(count).fill(value))
        .sort((a, b) => a - b);
      const some = inside.length > 0;
      expect(store.sampleCount(ID, from, to)).toBe(inside.length);
      const sum = inside.reduce((total, value) => total + value, 0);
      expect(store.statistic(ID, 'Sum', from, to)).toBe(some ? sum : undefined);
      expect(store.statistic(ID, 'Minimum', from, to)).toBe(inside[0]);
      expect(store.statistic(ID, 'Maximum', from, to)).toBe(inside.at(-1));
      expect(store.statistic(ID, 'p50', from, to)).toBe(inside[Math.ceil(inside.length / 2) - 1]);
      const trimmed = store.statistic(ID, 'tc90', from, to);
      expect(trimmed).toBe(some ? inside.length - Math.floor(inside.length / 10) : undefined);
    },
  );
});
