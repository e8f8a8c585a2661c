import type { Weighted } from './minutes.ts';

/** What is kept: (low, high], either in percent of the observations by rank or as values. */
export interface Trim {
  readonly kind: 'percent' | 'value';
  readonly low: number;
  readonly high: number;
}

/** What a trim keeps, how much lies outside, and the values on its boundaries. */
export interface Trimmed {
  readonly inside: { readonly count: number; readonly sum: number };
  readonly below: number;
  readonly above: number;
  readonly lowest: number;
  readonly highest: number;
}

/**
 * Applies `trim` to rising values. By percent whole observations are dropped, rounded down at both ends: of 5, the lower
 * and the upper 25 % drop one each; of a single one nothing is ever dropped.
 */
export function trimmed(values: readonly Weighted[], trim: Trim): Trimmed {
  return trim.kind === 'value' ? byValue(values, trim) : byRank(values, trim);
}

function byValue(values: readonly Weighted[], { low, high }: Trim): Trimmed {
  const inside = { count: 0, sum: 0 };
  let below = 0;
  let above = 0;
  for (const { value, count } of values) {
    if (value <= low) below += count;
    else if (value > high) above += count;
    else {
      inside.count += count;
      inside.sum += value * count;
    }
  }
  return { inside, below, above, lowest: low, highest: high };
}

function byRank(values: readonly Weighted[], { low, high }: Trim): Trimmed {
  const total = values.reduce((sum, { count }) => sum + count, 0);
  const dropLow = Math.floor((total * low) / 100 + ROUNDING);
  const dropHigh = Math.floor((total * (100 - high)) / 100 + ROUNDING);
  const from = Math.min(dropLow, total);
  const to = Math.max(total - dropHigh, from);
  const inside = { count: 0, sum: 0 };
  let lowest = values[0]!.value;
  let highest = values.at(-1)!.value;
  let seen = 0;
  for (const { value, count } of values) {
    const kept = Math.min(seen + count, to) - Math.max(seen, from);
    if (kept > 0) {
      if (inside.count === 0) lowest = value;
      highest = value;
      inside.count += kept;
      inside.sum += value * kept;
    }
    seen += count;
  }
  return { inside, below: from, above: total - to, lowest, highest };
}

const ROUNDING = 1e-9;
