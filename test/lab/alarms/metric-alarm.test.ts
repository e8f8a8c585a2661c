import { describe, expect, test } from 'vitest';
import {
  type BandOperator,
  breachesBand,
  breachesThreshold,
  type ThresholdOperator,
} from '../../../lab/alarms/comparison.ts';
import { compileAlarm } from '../../../lab/alarms/compile.ts';
import { AlarmError, type MetricAlarm } from '../../../lab/alarms/definition.ts';
import { evaluateAlarm, type EvaluationOptions } from '../../../lab/alarms/evaluate.ts';
import { isLowSample, percentileOf } from '../../../lab/alarms/low-samples.ts';
import { evaluationRange, evaluationStep } from '../../../lab/alarms/schedule.ts';
import type { AlarmState } from '../../../lab/alarms/state.ts';
import { type MetricId, MetricStore } from '../../../lab/metrics/series.ts';
import { LAG, metric, metricAlarm, MINUTE_MS, T0 } from './alarms.ts';

/** One value a minute that end at T0, oldest first. */
function storeOf(values: readonly (number | undefined)[], id: MetricId = LAG, store = new MetricStore()): MetricStore {
  values.forEach((value, index) => {
    const ts_ms = T0 - (values.length - index) * MINUTE_MS + 30_000;
    if (value !== undefined) store.put(id, { ts_ms, value });
  });
  return store;
}

function stateOf(
  alarm: MetricAlarm,
  store: MetricStore,
  { prior = 'INSUFFICIENT_DATA', ...options }: EvaluationOptions & { prior?: AlarmState } = {},
): AlarmState {
  return evaluateAlarm(compileAlarm(alarm), store, T0, prior, options).state;
}

describe('a metric alarm', () => {
  test('alarms where M of the newest N periods breach', () => {
    expect(stateOf(metricAlarm(), storeOf([11, 5, 11]))).toBe('ALARM');
    expect(stateOf(metricAlarm(), storeOf([11, 11, 5, 5, 11]))).toBe('OK');
  });

  test('has too little to say where nothing was ever reported', () => {
    expect(stateOf(metricAlarm(), new MetricStore())).toBe('INSUFFICIENT_DATA');
    expect(stateOf(metricAlarm({ missing: 'breaching' }), new MetricStore())).toBe('ALARM');
  });

  test('looks back further than N, so a stopped metric is judged by its last points for a while', () => {
    const store = storeOf([11, 11, 11, undefined, undefined]);
    expect(stateOf(metricAlarm({ missing: 'notBreaching' }), store)).toBe('ALARM');
    expect(stateOf(metricAlarm({ missing: 'notBreaching' }), store, { range: (n) => n })).toBe('OK');
  });

  test('slides: its periods end where it is evaluated, not where a clock’s period ends', () => {
    const store = new MetricStore();
    store.put(LAG, { ts_ms: T0 + 200_000, value: 11 });
    const alarm = compileAlarm(metricAlarm({ n: 1, m: 1, queries: [metric('m1', LAG, 'Sum', 300)] }));
    const at = (minutes: number): AlarmState =>
      evaluateAlarm(alarm, store, T0 + minutes * MINUTE_MS, 'OK', { range: (n) => n }).state;
    expect([3, 4, 8, 9].map(at)).toEqual(['INSUFFICIENT_DATA', 'ALARM', 'ALARM', 'INSUFFICIENT_DATA']);
  });

  test('says in its reason what it saw', () => {
    const { reason } = evaluateAlarm(compileAlarm(metricAlarm()), storeOf([11, undefined, 12.5, 3]), T0, 'OK');
    expect(reason).toContain('[- 11 - 12.5 3]');
  });

  test('of a band takes the band it is given, and has missing data without one', () => {
    const alarm = metricAlarm({ threshold: { kind: 'band', operator: 'GreaterThanUpperThreshold' } });
    const store = storeOf([11, 11, 11]);
    expect(stateOf(alarm, store)).toBe('INSUFFICIENT_DATA');
    expect(stateOf(alarm, store, { band: () => ({ lower: 0, upper: 5 }) })).toBe('ALARM');
    expect(stateOf(alarm, store, { band: () => ({ lower: 0, upper: 15 }) })).toBe('OK');
  });
});

describe('an alarm on an expression', () => {
  const CALLS: MetricId = { namespace: 'Tape', name: 'Calls', dimensions: { Function: 'sink' } };
  const queries: MetricAlarm['queries'] = [
    { kind: 'expression', id: 'rate', expression: 'IF(calls > 0, bad / calls, 0)' },
    { kind: 'expression', id: 'bad', expression: 'errors * 100' },
    metric('errors', LAG, 'Sum'),
    metric('calls', CALLS, 'Sum'),
  ];
  const alarm = metricAlarm({ queries, returns: 'rate', n: 2, m: 2 });

  test('evaluates expressions after those they name', () => {
    expect(stateOf(alarm, storeOf([2, 2], CALLS, storeOf([1, 1])))).toBe('ALARM');
    expect(stateOf(alarm, storeOf([20, 20], CALLS, storeOf([1, 1])))).toBe('OK');
    expect(stateOf(alarm, new MetricStore())).toBe('INSUFFICIENT_DATA');
  });

  test.each([
    [
      'a circle',
      [
        { kind: 'expression', id: 'a', expression: 'b + m1' },
        { kind: 'expression', id: 'b', expression: 'a' },
      ],
    ],
    ['an id that does not exist', [{ kind: 'expression', id: 'a', expression: 'm1 + gone' }]],
    ['an expression that is one number', [{ kind: 'expression', id: 'a', expression: 'SUM(m1)' }]],
    ['a function that is not evaluated here', [{ kind: 'expression', id: 'a', expression: 'SEARCH("x")' }]],
  ] as const)('is refused with %s', (_, expressions) => {
    const broken = metricAlarm({ queries: [...expressions, metric('m1', LAG)], returns: 'a' });
    expect(() => compileAlarm(broken)).toThrow(AlarmError);
  });
});

describe('what CloudWatch refuses', () => {
  test.each([
    ['M above N', metricAlarm({ m: 4 })],
    ['no period at all', metricAlarm({ n: 0 })],
    ['a period that is no minute', metricAlarm({ queries: [metric('m1', LAG, 'Sum', 45)] })],
    ['more than a day of minutes', metricAlarm({ n: 1441, m: 1 })],
    ['more than a week of hours', metricAlarm({ n: 169, m: 1, queries: [metric('m1', LAG, 'Sum', 3600)] })],
    ['metrics of different periods', metricAlarm({ queries: [metric('m1', LAG), metric('m2', LAG, 'Sum', 120)] })],
    [
      'eleven metrics',
      metricAlarm({ queries: Array.from({ length: 11 }, (_, at) => metric(`m${at}`, LAG)), returns: 'm0' }),
    ],
    ['an id that returns nothing', metricAlarm({ returns: 'other' })],
  ])('%s is refused here too', (_, alarm) => {
    expect(() => compileAlarm(alarm)).toThrow(AlarmError);
  });

  test('a week of hours and a day of minutes are taken', () => {
    expect(() => compileAlarm(metricAlarm({ n: 168, m: 1, queries: [metric('m1', LAG, 'Sum', 3600)] }))).not.toThrow();
    expect(() => compileAlarm(metricAlarm({ n: 1440, m: 1 }))).not.toThrow();
  });
});

describe('a percentile of few samples', () => {
  test('is low below ten on its far side', () => {
    expect([isLowSample(0.99, 999), isLowSample(0.99, 1000)]).toEqual([true, false]);
    expect([isLowSample(0.9, 99), isLowSample(0.9, 100)]).toEqual([true, false]);
    expect([isLowSample(0.1, 99), isLowSample(0.1, 100)]).toEqual([true, false]);
    expect(percentileOf('p99.9')).toBeCloseTo(0.999, 9);
    expect(percentileOf('Maximum')).toBeUndefined();
  });

  test('keeps the state where the alarm says so', () => {
    const queries = [metric('m1', LAG, 'p90')];
    const store = storeOf([11, 11, 11]);
    expect(stateOf(metricAlarm({ queries }), store, { prior: 'OK' })).toBe('ALARM');
    expect(stateOf(metricAlarm({ queries, lowSamples: 'ignore' }), store, { prior: 'OK' })).toBe('OK');
    for (let index = 0; index < 100; index++) store.put(LAG, { ts_ms: T0 - 1 - index, value: 11 });
    expect(stateOf(metricAlarm({ queries, lowSamples: 'ignore' }), store, { prior: 'OK' })).toBe('ALARM');
  });

  test('without a sample is missing data', () => {
    const alarm = metricAlarm({ queries: [metric('m1', LAG, 'p90')], lowSamples: 'ignore', missing: 'breaching' });
    expect(stateOf(alarm, new MetricStore(), { prior: 'OK' })).toBe('ALARM');
  });
});

describe('comparison', () => {
  test.each<[ThresholdOperator, boolean[]]>([
    ['GreaterThanThreshold', [false, false, true]],
    ['GreaterThanOrEqualToThreshold', [false, true, true]],
    ['LessThanThreshold', [true, false, false]],
    ['LessThanOrEqualToThreshold', [true, true, false]],
  ])('%s', (operator, expected) => {
    expect([9, 10, 11].map((value) => breachesThreshold(operator, value, 10))).toEqual(expected);
  });
  test.each<[BandOperator, boolean[]]>([
    ['LessThanLowerOrGreaterThanUpperThreshold', [true, false, false, true]],
    ['LessThanLowerThreshold', [true, false, false, false]],
    ['GreaterThanUpperThreshold', [false, false, false, true]],
  ])('%s', (operator, expected) => {
    expect([0, 1, 5, 6].map((value) => breachesBand(operator, value, { lower: 1, upper: 5 }))).toEqual(expected);
  });
});

test('the evaluation range has CloudWatch’s one published example and is always longer than N', () => {
  expect(evaluationRange(3)).toBe(5);
  for (let n = 1; n < 1440; n++) expect(evaluationRange(n)).toBeGreaterThan(n);
});

test('evaluation is every ten seconds, minute or hour', () => {
  expect([evaluationStep(10, 3), evaluationStep(60, 3), evaluationStep(3600, 25)]).toEqual([10_000, 60_000, 3_600_000]);
});
