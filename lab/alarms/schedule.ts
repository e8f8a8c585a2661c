/** When an alarm looks, and how far back. All spans in milliseconds, all instants in milliseconds since 1970. */
export const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** Alarms on high-resolution metrics look this often. */
const HIGH_RESOLUTION_STEP_MS = 10_000;
export const HIGH_RESOLUTION_PERIODS_SEC: readonly number[] = [10, 20, 30];

/**
 * How many datapoints CloudWatch retrieves for `n` evaluation periods. **An assumption**: AWS says only that it is more
 * than n and depends on period and resolution; its one documented example is 3 → 5. This is n and a third, at least two more.
 */
export function evaluationRange(n: number): number {
  return n + Math.max(LEAST_EXTRA, Math.floor(n / EXTRA_SHARE));
}
const LEAST_EXTRA = 2;
const EXTRA_SHARE = 3;

/** The span between two evaluations: a minute; ten seconds for periods under a minute; an hour where the alarm spans over a day. */
export function evaluationStep(period_sec: number, n: number): number {
  if (HIGH_RESOLUTION_PERIODS_SEC.includes(period_sec)) return HIGH_RESOLUTION_STEP_MS;
  return period_sec * 1000 * n > DAY_MS ? HOUR_MS : MINUTE_MS;
}

/** The starts of `count` periods that end at `at_ms`, oldest first: a sliding window, not aligned to the clock. */
export function periodStarts(at_ms: number, period_ms: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => at_ms - (count - index) * period_ms);
}
