import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { type Datapoint, decide } from '../../../lab/alarms/decide.ts';
import { ALARM_STATES, type AlarmState, MISSING_DATA_TREATMENTS } from '../../../lab/alarms/state.ts';

const MARKS: Readonly<Record<string, Datapoint>> = { '0': 'ok', X: 'breaching', '-': 'missing' };
const points = (marks: string): Datapoint[] => marks.split(' ').map((mark) => MARKS[mark]!);

/** The four columns, in CloudWatch's order, from one prior state. */
function row(m: number, n: number, marks: string, prior: AlarmState): AlarmState[] {
  return MISSING_DATA_TREATMENTS.map((missing) => decide({ m, n, missing }, points(marks), prior).state);
}

describe('two of three', () => {
  // User Guide, "Configuring how CloudWatch alarms treat missing data", second table
  test.each(ALARM_STATES)('agrees with the documentation from %s', (prior) => {
    expect(row(2, 3, '0 - X - X', prior)).toEqual(['ALARM', 'ALARM', 'ALARM', 'ALARM']);
    expect(row(2, 3, '0 0 X 0 X', prior)).toEqual(['ALARM', 'ALARM', 'ALARM', 'ALARM']);
    expect(row(2, 3, '0 - X - -', prior)).toEqual(['OK', 'OK', 'ALARM', 'OK']);
    expect(row(2, 3, '- - - - 0', prior)).toEqual(['OK', 'OK', 'ALARM', 'OK']);
    expect(row(2, 3, '- - - X -', prior)).toEqual(['ALARM', prior, 'ALARM', 'OK']);
  });
});

describe('the newest point alone', () => {
  test('does not alarm before it is M periods old', () => {
    expect(decide({ m: 3, n: 3, missing: 'missing' }, points('- - - - X'), 'OK').state).toBe('OK');
    expect(decide({ m: 3, n: 3, missing: 'missing' }, points('- - - X -'), 'OK').state).toBe('OK');
    expect(decide({ m: 3, n: 3, missing: 'missing' }, points('- - X - -'), 'OK')).toMatchObject({
      state: 'ALARM',
      rule: 'premature',
    });
  });

  test('alarms at once where one datapoint is enough', () => {
    expect(row(1, 1, '- - X', 'OK')).toEqual(['ALARM', 'ALARM', 'ALARM', 'ALARM']);
  });
});

test('one good datapoint in range takes the premature rule away', () => {
  expect(decide({ m: 3, n: 4, missing: 'missing' }, points('X 0 - - - -'), 'OK').state).toBe('OK');
});

test('datapoints older than the newest N do not count when N were reported', () => {
  expect(row(2, 2, 'X X 0 0', 'ALARM')).toEqual(['OK', 'OK', 'OK', 'OK']);
});

const range = fc.array(fc.constantFrom<Datapoint>('ok', 'breaching', 'missing'), { minLength: 1, maxLength: 12 });
const sizes = fc
  .integer({ min: 1, max: 8 })
  .chain((n) => fc.record({ n: fc.constant(n), m: fc.integer({ min: 1, max: n }) }));
const prior = fc.constantFrom(...ALARM_STATES);
const treatment = fc.constantFrom(...MISSING_DATA_TREATMENTS);

property.prop([sizes, range, prior, treatment])(
  'with N reported or more it is plain M of the newest N',
  (size, seen, before, missing) => {
    const reported = seen.filter((point) => point !== 'missing');
    fc.pre(reported.length >= size.n);
    const breaching = reported.slice(-size.n).filter((point) => point === 'breaching').length;
    expect(decide({ ...size, missing }, seen, before)).toMatchObject({
      state: breaching >= size.m ? 'ALARM' : 'OK',
      rule: 'datapoints',
    });
  },
);

property.prop([sizes, range, prior])('treatments agree where nothing is missing', (size, seen, before) => {
  const whole = [...seen.filter((point) => point !== 'missing'), ...Array<Datapoint>(size.n).fill('ok')];
  const states = MISSING_DATA_TREATMENTS.map((missing) => decide({ ...size, missing }, whole, before).state);
  expect(new Set(states).size).toBe(1);
});

property.prop([sizes, range, prior])('breaching never says OK where notBreaching says ALARM', (size, seen, before) => {
  const good = decide({ ...size, missing: 'notBreaching' }, seen, before).state;
  if (good === 'ALARM') expect(decide({ ...size, missing: 'breaching' }, seen, before).state).toBe('ALARM');
});

property.prop([sizes, range])('missing and ignore differ only where ignore keeps the state', (size, seen) => {
  for (const before of ALARM_STATES) {
    const missing = decide({ ...size, missing: 'missing' }, seen, before);
    const ignore = decide({ ...size, missing: 'ignore' }, seen, before);
    expect(ignore.rule).toBe(missing.rule);
    const keeps = ignore.rule === 'no_data' || ignore.rule === 'premature';
    expect(ignore.state).toBe(keeps ? before : missing.state);
  }
});

property.prop([sizes, range])('only ignore looks at the state before', (size, seen) => {
  for (const missing of ['missing', 'breaching', 'notBreaching'] as const) {
    const states = ALARM_STATES.map((before) => decide({ ...size, missing }, seen, before).state);
    expect(new Set(states).size).toBe(1);
  }
});
