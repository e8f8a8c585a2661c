import type { Summary, Weighted } from './minutes.ts';
import { trimmed, type Trim } from './trim.ts';

/** A statistic as it is computed: from a summary, or from the rising values themselves (never an empty list). */
export type Statistic =
  | { readonly kind: 'summary'; readonly of: (summary: Summary) => number }
  | { readonly kind: 'values'; readonly of: (values: readonly Weighted[]) => number | undefined };

/** CloudWatch has no such statistic; nothing was computed. */
export class StatisticError extends Error {
  override readonly name = 'StatisticError';
  readonly statistic: string;
  constructor(statistic: string, why: string) {
    super(`unknown statistic ${JSON.stringify(statistic)}: ${why}; nothing was computed`);
    this.statistic = statistic;
  }
}

/**
 * Reads a statistic as CloudWatch writes it: Sum, Average, Minimum, Maximum, SampleCount, IQM, pNN.N, tmNN wmNN tcNN
 * tsNN, TM(a:b) WM(a:b) TC(a:b) TS(a:b) with two percentages or two values, PR(a:b) with values. Throws StatisticError.
 */
export function parseStatistic(text: string): Statistic {
  let known = PARSED.get(text);
  if (known === undefined) {
    known = read(text);
    if (PARSED.size < PARSED_MAX) PARSED.set(text, known);
  }
  return known;
}

/** Alarms ask for the same few names a thousand times. */
const PARSED = new Map<string, Statistic>();
const PARSED_MAX = 1_000;

const SUMMARIES: Readonly<Record<string, (summary: Summary) => number>> = {
  Sum: ({ sum }) => sum,
  Average: ({ sum, count }) => sum / count,
  Minimum: ({ min }) => min,
  Maximum: ({ max }) => max,
  SampleCount: ({ count }) => count,
};

const SHORT = /^(p|tm|wm|tc|ts)(\d{1,3}(?:\.\d{1,10})?)$/;
const RANGE = /^(TM|WM|TC|TS|PR)\(\s*([^:\s]*)\s*:\s*([^:\s]*)\s*\)$/;
const BOUND = /^(-?\d+(?:\.\d+)?)(%?)$/;

function read(text: string): Statistic {
  const summary = Object.hasOwn(SUMMARIES, text) ? SUMMARIES[text] : undefined;
  if (summary !== undefined) return { kind: 'summary', of: summary };
  if (text === 'IQM') return valuesOf('TM', { kind: 'percent', low: 25, high: 75 });
  const short = SHORT.exec(text);
  if (short !== null) {
    const percent = Number(short[2]);
    if (percent > 100) throw new StatisticError(text, 'a percentile ends at 100');
    return short[1] === 'p'
      ? { kind: 'values', of: (values) => percentile(values, percent) }
      : valuesOf(short[1]!.toUpperCase(), { kind: 'percent', low: 0, high: percent });
  }
  const range = RANGE.exec(text);
  if (range !== null) return valuesOf(range[1]!, trimOf(text, range[1]!, range[2]!, range[3]!));
  throw new StatisticError(text, 'not Sum, Average, Minimum, Maximum, SampleCount, pNN, tmNN, TM(a:b) or the like');
}

function trimOf(text: string, name: string, low: string, high: string): Trim {
  if (low === '' && high === '') throw new StatisticError(text, 'one bound must be given');
  const [from, to] = [low, high].map((bound) => (bound === '' ? undefined : BOUND.exec(bound)));
  if (from === null || to === null) throw new StatisticError(text, 'a bound is a number or a percentage');
  if (from !== undefined && to !== undefined && from[2] !== to[2]) {
    throw new StatisticError(text, 'both bounds are percentages or both are values');
  }
  const percent = (from ?? to)![2] === '%';
  if (percent && name === 'PR') throw new StatisticError(text, 'PR takes values');
  const bounds = {
    low: from === undefined ? (percent ? 0 : -Infinity) : Number(from[1]),
    high: to === undefined ? (percent ? 100 : Infinity) : Number(to[1]),
  };
  if (bounds.low >= bounds.high) throw new StatisticError(text, 'the first bound is below the second');
  if (percent && (bounds.low < 0 || bounds.high > 100)) throw new StatisticError(text, 'percentages are 0 … 100');
  return { kind: percent ? 'percent' : 'value', ...bounds };
}

function valuesOf(name: string, trim: Trim): Statistic {
  return {
    kind: 'values',
    of: (values) => {
      const { inside, below, above, lowest, highest } = trimmed(values, trim);
      const total = inside.count + below + above;
      switch (name) {
        case 'TM':
          return inside.count === 0 ? undefined : inside.sum / inside.count;
        case 'TS':
          return inside.sum;
        case 'TC':
          return inside.count;
        case 'PR':
          return (100 * inside.count) / total;
        default:
          // WM: what lies outside counts as if it lay on the boundary. Of an end that trims nothing there is none.
          return (inside.sum + (below && below * lowest) + (above && above * highest)) / total;
      }
    },
  };
}

/** The smallest value that at least `percent` of the observations do not exceed: always one that was observed. */
function percentile(values: readonly Weighted[], percent: number): number {
  const total = values.reduce((sum, { count }) => sum + count, 0);
  const rank = (total * percent) / 100 - ROUNDING;
  let seen = 0;
  for (const { value, count } of values) {
    seen += count;
    if (seen >= rank) return value;
  }
  return values.at(-1)!.value;
}

/** 0.29 * 100 is a hair above 29; a rank must not move for that. */
const ROUNDING = 1e-9;
