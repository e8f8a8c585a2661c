/** Samples beyond the percentile's far side that make it worth believing (User Guide, "low data samples"). */
const SAMPLES_BEYOND = 10;
const MIDDLE = 0.5;
const PERCENTILE = /^[pP](\d+(?:\.\d+)?)$/;

/** The percentile of a statistic as a fraction, `p99` is 0.99; undefined for other statistics. */
export function percentileOf(stat: string): number | undefined {
  const digits = PERCENTILE.exec(stat)?.[1];
  return digits === undefined ? undefined : Number(digits) / 100;
}

/** True where a percentile of `samples` observations means little: fewer than 10/(1-p), below the median than 10/p. */
export function isLowSample(percentile: number, samples: number): boolean {
  return samples < SAMPLES_BEYOND / (percentile >= MIDDLE ? 1 - percentile : percentile) - ROUNDING;
}
/** 10/(1-0.99) is 999.9999999999991 in floating point, 10/(1-0.9) a little over 100. */
const ROUNDING = 1e-6;
