import type { MetricAlarm } from './definition.ts';
import { HIGH_RESOLUTION_PERIODS_SEC } from './schedule.ts';

/** CloudWatch's own bounds: it refuses an alarm outside them. */
const MOST_METRICS = 10;
const HOUR_SEC = 3600;
const LONGEST_SHORT_SEC = 86_400;
const LONGEST_LONG_SEC = 604_800;
const MINUTE_SEC = 60;

/** The one period of an alarm's metrics, in seconds; undefined where they differ or there is none. */
export function periodOf(alarm: MetricAlarm): number | undefined {
  const periods = new Set(alarm.queries.flatMap((query) => (query.kind === 'metric' ? [query.period_sec] : [])));
  const [period] = periods;
  return periods.size === 1 ? period : undefined;
}

/** What CloudWatch would refuse about an alarm; empty where it would take it. */
export function quotaFaults(alarm: MetricAlarm): string[] {
  const { m, n } = alarm;
  const faults: string[] = [];
  const period = periodOf(alarm);
  const metrics = alarm.queries.filter((query) => query.kind === 'metric').length;

  if (!Number.isInteger(n) || n < 1) faults.push(`EvaluationPeriods must be a whole number from 1, it is ${n}`);
  if (!Number.isInteger(m) || m < 1) faults.push(`DatapointsToAlarm must be a whole number from 1, it is ${m}`);
  else if (m > n) faults.push(`DatapointsToAlarm ${m} is more than EvaluationPeriods ${n}`);
  if (metrics > MOST_METRICS) faults.push(`${metrics} metrics, at most ${MOST_METRICS} are allowed`);
  if (period === undefined) return [...faults, 'all metrics must have one and the same Period'];
  if (!HIGH_RESOLUTION_PERIODS_SEC.includes(period) && (period < MINUTE_SEC || period % MINUTE_SEC !== 0))
    return [...faults, `Period must be 10, 20, 30 or a multiple of 60, it is ${period}`];
  const longest = period < HOUR_SEC ? LONGEST_SHORT_SEC : LONGEST_LONG_SEC;
  if (period * n > longest) faults.push(`Period × EvaluationPeriods is ${period * n} s, at most ${longest} s`);
  return faults;
}
