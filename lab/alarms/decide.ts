import type { AlarmState, MissingDataTreatment } from './state.ts';

/** One period of the evaluation range. */
export type Datapoint = 'breaching' | 'ok' | 'missing';

/** M of N: `m` of `n` evaluated datapoints must breach for ALARM. 1 ≤ m ≤ n. */
export interface Decider {
  readonly n: number;
  readonly m: number;
  readonly missing: MissingDataTreatment;
}

export interface Decision {
  readonly state: AlarmState;
  /** Which rule of the documentation decided. */
  readonly rule: 'datapoints' | 'filled' | 'no_data' | 'premature';
  /** Datapoints that counted as breaching, fills included. */
  readonly breaching: number;
  /** Datapoints that were reported, of those that counted. */
  readonly real: number;
}

/**
 * The state of an alarm over its evaluation range (oldest datapoint first), as CloudWatch's documentation has it
 * (User Guide, "Configuring how CloudWatch alarms treat missing data"):
 *
 * - With N reported datapoints or more, the newest N decide; missing ones are not there and their treatment is unused.
 * - With fewer, all that were reported count, and as many fills as make N.
 * - With none, the treatment alone decides.
 * - Where missing means missing or ignore, a lone old breach still alarms (or keeps the state): all that was reported
 *   breaches, and the oldest of it is at least M periods old.
 */
export function decide(decider: Decider, range: readonly Datapoint[], prior: AlarmState): Decision {
  const { n, m, missing } = decider;
  const reported = range.filter((point) => point !== 'missing');
  if (reported.length >= n) return byCount(m, breachesIn(reported.slice(-n)), n, 'datapoints');

  const real = reported.length;
  const breaching = breachesIn(reported);
  switch (missing) {
    case 'breaching':
      return byCount(m, breaching + n - real, real, real === 0 ? 'no_data' : 'filled');
    case 'notBreaching':
      return byCount(m, breaching, real, real === 0 ? 'no_data' : 'filled');
    case 'missing':
    case 'ignore': {
      const kept = (state: AlarmState): AlarmState => (missing === 'ignore' ? prior : state);
      if (real === 0) return { state: kept('INSUFFICIENT_DATA'), rule: 'no_data', breaching, real };
      if (isPremature(m, range, real, breaching)) return { state: kept('ALARM'), rule: 'premature', breaching, real };
      return byCount(m, breaching, real, 'filled');
    }
  }
}

/** The newest datapoint is one period old, so the age of one is its distance from the right end. */
function isPremature(m: number, range: readonly Datapoint[], real: number, breaching: number): boolean {
  if (breaching !== real || breaching >= m) return false;
  return range.length - range.indexOf('breaching') >= m;
}

function byCount(m: number, breaching: number, real: number, rule: Decision['rule']): Decision {
  return { state: breaching >= m ? 'ALARM' : 'OK', rule, breaching, real };
}

function breachesIn(points: readonly Datapoint[]): number {
  return points.filter((point) => point === 'breaching').length;
}
