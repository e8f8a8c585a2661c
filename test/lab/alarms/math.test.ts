import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { MathError } from '../../../lab/alarms/math/error.ts';
import { compileMath } from '../../../lab/alarms/math/evaluate.ts';
import type { Points } from '../../../lab/alarms/math/value.ts';

const MINUTE = 60_000;
/** Monday, 23 November 2026, 22:15 UTC. */
const START = Date.UTC(2026, 10, 23, 22, 15);
const _ = undefined;

function evaluate(expression: string, metrics: Readonly<Record<string, Points>>): Points {
  const length = Object.values(metrics)[0]?.length ?? 0;
  return compileMath(expression).evaluate({
    starts_ms: Array.from({ length }, (__, index) => START + index * MINUTE),
    period_ms: MINUTE,
    values: new Map(Object.entries(metrics)),
    metricIds: Object.keys(metrics).filter((id) => id.startsWith('m')),
  });
}

function problemOf(expression: string, metrics: Readonly<Record<string, Points>> = { m1: [1], m2: [2] }): MathError {
  try {
    evaluate(expression, metrics);
  } catch (error) {
    if (error instanceof MathError) return error;
  }
  throw new Error(`${expression} was taken`);
}

describe('arithmetic', () => {
  test('takes a missing value for 0 where the other series has one, and none where both have none', () => {
    expect(evaluate('m1 + m2', { m1: [1, 2, _, _], m2: [10, _, 30, _] })).toEqual([11, 2, 30, _]);
  });
  test('drops a datapoint that is divided by zero', () => {
    expect(evaluate('m1 / m2', { m1: [1, 2, 3], m2: [2, 0, _] })).toEqual([0.5, _, _]);
  });
  test('with a number there is a value where the series has one', () => {
    expect(evaluate('100 * m1 / 4', { m1: [1, _] })).toEqual([25, _]);
  });
  test.each([
    ['m1 + 2 * 3', 7],
    ['(m1 + 2) * 3', 9],
    ['m1 - 1 - 1', -1],
    ['8 / 2 / 2 + m1', 3],
    ['-m1 ^ 2', -1],
    ['2 ^ 3 ^ 2 + m1', 513],
    ['-2 * -m1', 2],
    ['m1 + 1e1 + .5', 11.5],
    ['1 + 1 == 2 AND m1', 1],
    ['m1 OR 0 AND 0', 1],
    ['m1 > 0 && m1 < 2', 1],
    ['m1 == 3 || m1 != 1', 0],
  ])('%s is %d for 1', (expression, expected) => {
    expect(evaluate(expression, { m1: [1] })).toEqual([expected]);
  });
  test('goes through arrays series by series', () => {
    expect(evaluate('SUM([m1, m2] * 10)', { m1: [1], m2: [2] })).toEqual([30]);
    expect(evaluate('AVG([m1, m2] / m3)', { m1: [1], m2: [3], m3: [2] })).toEqual([1]);
  });
});

describe('comparison', () => {
  // User Guide, "Comparison and logical operators"
  const metrics = { m1: [30, 20, 0, 0], m2: [20, _, 20, _] };
  test('is as the documentation shows it', () => {
    expect(evaluate('m1 < m2', metrics)).toEqual([0, 0, 1, 0]);
    expect(evaluate('m1 >= 30', metrics)).toEqual([1, 0, 0, 0]);
    expect(evaluate('m1 > 15 AND m2 > 15', metrics)).toEqual([1, 0, 0, 0]);
  });
});

describe('IF', () => {
  // User Guide, "Using IF expressions"
  const metrics = { m1: [1, 1, 0, 0, _], m2: [30, _, 0, 0, 30], m3: [0, 0, 20, _, 20] };
  test.each([
    ['IF(m1, m2, m3)', [30, 0, 20, _, _]],
    ['IF(m1, 5, m3)', [5, 5, 20, _, _]],
    ['IF(m1, m2, 5)', [30, 0, 5, 5, _]],
    ['IF(m1, m2)', [30, 0, _, _, _]],
    ['IF(1, m2, m3)', [30, _, 0, 0, 30]],
    ['IF(0, m2, m3)', [0, 0, 20, _, 20]],
    ['IF(m1 > 0, 1, 0)', [1, 1, 0, 0, _]],
  ])('%s', (expression, expected) => {
    expect(evaluate(expression, metrics)).toEqual(expected);
  });
  test('is the usual guard of an error rate', () => {
    const rate = 'IF(m1 > 0, m2 * 100 / m1, 0)';
    expect(evaluate(rate, { m1: [10, 0, _], m2: [1, 0, _] })).toEqual([10, 0, _]);
  });
});

describe('functions', () => {
  const metrics = { m1: [1, _, 4, 2], m2: [3, _, _, 6] };
  test.each([
    ['FILL(m1, 0)', [1, 0, 4, 2]],
    ['FILL(m1, REPEAT)', [1, 1, 4, 2]],
    ['FILL(m1, LINEAR)', [1, 2.5, 4, 2]],
    ['FILL(m2, m1)', [3, _, 4, 6]],
    ['DIFF(m1)', [_, _, 3, -2]],
    ['DIFF_TIME(m1)', [_, _, 120, 60]],
    ['RATE(m1)', [_, _, 3 / 120, -2 / 60]],
    ['RUNNING_SUM(m1)', [1, _, 5, 7]],
    ['SUM([m1, m2])', [4, _, 4, 8]],
    ['AVG([m1, m2])', [2, _, 2, 4]],
    ['MAX([m1, m2])', [3, _, 4, 6]],
    ['MIN([m1, m2])', [1, _, 4, 2]],
    ['DATAPOINT_COUNT([m1, m2])', [2, _, 1, 2]],
    ['SUM(METRICS())', [4, _, 4, 8]],
    ['SUM(METRICS("2"))', [3, _, _, 6]],
    ['m1 / METRIC_COUNT(METRICS())', [0.5, _, 2, 1]],
    ['m1 - MIN(m1)', [0, _, 3, 1]],
    ['m1 * 0 + AVG(m1)', [7 / 3, _, 7 / 3, 7 / 3]],
    ['m1 / PERIOD(m1) * 60', [1, _, 4, 2]],
    ['ABS(-m1)', [1, _, 4, 2]],
    ['CEIL(m1 / 2)', [1, _, 2, 1]],
    ['FLOOR(m1 / 2)', [0, _, 2, 1]],
    ['LOG10(m1 * 0 + 100)', [2, _, 2, 2]],
    ['LOG(m1 - m1)', [_, _, _, _]],
    ['FIRST([m1, m2])', [1, _, 4, 2]],
    ['LAST([m1, m2])', [3, _, _, 6]],
    ['TIME_SERIES(7)', [7, 7, 7, 7]],
    ['MINUTE(m1)', [15, 16, 17, 18]],
    ['IF(DAY(m1) == 1 AND HOUR(m1) == 22, m1)', [1, 0, 4, 2]],
    ['STDDEV([m1, m2])', [1, _, 0, 2]],
  ])('%s', (expression, expected) => {
    expect(evaluate(expression, metrics)).toEqual(expected);
  });
});

describe('what is not evaluated', () => {
  test.each([
    ['m1 +', 4],
    ['m1 m2', 3],
    ['(m1', 3],
    ['m1 & m2', 3],
    ['SEARCH("x")', 0],
    ['m1 + ANOMALY_DETECTION_BAND(m1, 2)', 5],
    ['m1 + NOSUCH(m1)', 5],
    ['M1 + 1', 0],
    ['m1 + other', 5],
    ['1 + 1', 2],
    ['AVG(m1)', 0],
    ['METRICS()', 0],
    ['SORT(METRICS(), AVG, DESC)', 16],
    ['IF(1, 2, 3)', 0],
    ['IF([m1, m2], m1)', 0],
    ['FILL(m1, NOTHING)', 9],
    ['FILL(m1, "x")', 9],
    ['[m1, m2] + [m1, m2]', 9],
    ['[m1, 2]', 5],
    ['ABS(1)', 0],
    ['METRICS(m1)', 0],
    ['m1 ! m2', 3],
    ['', 0],
  ])('%s is an error with its position', (expression, position) => {
    expect(problemOf(expression)).toMatchObject({ name: 'MathError', position, expression });
  });
  test('nesting without end is an error, not an exhausted stack', () => {
    expect(problemOf(`${'('.repeat(5000)}m1${')'.repeat(5000)}`)).toMatchObject({ name: 'MathError' });
    expect(problemOf(`${'-'.repeat(5000)}m1`)).toMatchObject({ name: 'MathError' });
  });
  test('a function over one whole series is noted: it depends on the evaluation range', () => {
    expect(compileMath('m1 - AVG(m1)').notes).toHaveLength(1);
    expect(compileMath('AVG([m1, m2]) + SUM(METRICS())').notes).toEqual([]);
  });
});

property.prop([fc.string({ maxLength: 60 })])('any text is an expression or a MathError', (text) => {
  try {
    compileMath(text);
  } catch (error) {
    expect(error).toBeInstanceOf(MathError);
  }
});

const point = fc.option(fc.integer({ min: -5, max: 5 }), { nil: undefined });
const four = fc.array(point, { minLength: 4, maxLength: 4 });

property.prop([four, four])('addition and OR do not care for the order of their sides', (m1, m2) => {
  for (const operator of ['+', 'OR', 'AND', '==']) {
    expect(evaluate(`m1 ${operator} m2`, { m1, m2 })).toEqual(evaluate(`m2 ${operator} m1`, { m1, m2 }));
  }
});

property.prop([four])('what is filled misses nothing and changes nothing that was there', (m1) => {
  const filled = evaluate('FILL(m1, 9)', { m1 });
  expect(filled).toEqual(m1.map((value) => value ?? 9));
});
