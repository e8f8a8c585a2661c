import { naturalOrder, sortOrder } from './compare.ts';
import type { Evaluate, Row } from './row.ts';
import { finite, Instant, numberOf, textOf, type Value } from './value.ts';

/** One aggregate of one group. */
export interface Aggregate {
  readonly add: (row: Row) => void;
  readonly result: () => Value;
}

/** What an aggregate is made from: its argument (undefined: `*`), the event's time, the percentage of pct(). */
export interface AggregateInput {
  readonly of: Evaluate | undefined;
  readonly time: Evaluate;
  readonly percent: number;
}

const ALWAYS: Evaluate = () => true;

/** Fields that are missing are passed over by all but count(*); what is no number by those that calculate. */
const AGGREGATES: Readonly<Record<string, (input: AggregateInput) => Aggregate>> = {
  count: ({ of }) => new Count(of ?? ALWAYS),
  count_distinct: ({ of }) => new CountDistinct(of ?? ALWAYS),
  sum: ({ of }) => new Sums(of ?? ALWAYS, (sums) => sums.sum),
  avg: ({ of }) => new Sums(of ?? ALWAYS, (sums) => (sums.count === 0 ? null : finite(sums.sum / sums.count))),
  stddev: ({ of }) => new Sums(of ?? ALWAYS, (sums) => (sums.count === 0 ? null : finite(sums.deviation))),
  pct: ({ of, percent }) => new Percentile(of ?? ALWAYS, percent),
  median: ({ of }) => new Percentile(of ?? ALWAYS, 50),
  min: ({ of }) => new Best(of ?? ALWAYS, isSmaller, asNumber),
  max: ({ of }) => new Best(of ?? ALWAYS, isLarger, asNumber),
  sortsfirst: ({ of }) => new Best(of ?? ALWAYS, (value, best) => sortOrder(value, best) < 0),
  sortslast: ({ of }) => new Best(of ?? ALWAYS, (value, best) => sortOrder(value, best) > 0),
  earliest: ({ of, time }) => new AtTime(of ?? ALWAYS, time, (ms, best) => ms < best),
  latest: ({ of, time }) => new AtTime(of ?? ALWAYS, time, (ms, best) => ms >= best),
};

export function isAggregate(name: string): boolean {
  return Object.hasOwn(AGGREGATES, name);
}

/** A new aggregate of this (lower case) name, which must be one. */
export function aggregate(name: string, input: AggregateInput): Aggregate {
  return AGGREGATES[name]!(input);
}

/** What values are counted and grouped by: 5 and "5" are one, an instant is its time. */
export function identity(value: Value): string | number | null {
  if (value === null || typeof value === 'string') return value;
  return value instanceof Instant ? value.ms : textOf(value);
}

class Count implements Aggregate {
  readonly #of: Evaluate;
  #count = 0;

  constructor(of: Evaluate) {
    this.#of = of;
  }

  add(row: Row): void {
    if (this.#of(row) !== null) this.#count++;
  }

  result(): Value {
    return this.#count;
  }
}

class CountDistinct implements Aggregate {
  readonly #of: Evaluate;
  readonly #seen = new Set<string | number>();

  constructor(of: Evaluate) {
    this.#of = of;
  }

  add(row: Row): void {
    const key = identity(this.#of(row));
    if (key !== null) this.#seen.add(key);
  }

  result(): Value {
    return this.#seen.size;
  }
}

class Sums implements Aggregate {
  readonly #of: Evaluate;
  readonly #result: (sums: Sums) => Value;
  count = 0;
  sum = 0;
  #mean = 0;
  /** Sum of the squares of the distances from the mean (Welford). */
  #squares = 0;

  constructor(of: Evaluate, result: (sums: Sums) => Value) {
    this.#of = of;
    this.#result = result;
  }

  /** Of the whole population: of one value it is 0. */
  get deviation(): number {
    return Math.sqrt(this.#squares / this.count);
  }

  add(row: Row): void {
    const value = this.#of(row);
    const number = value === null ? undefined : numberOf(value);
    if (number === undefined) return;
    this.count++;
    this.sum += number;
    const distance = number - this.#mean;
    this.#mean += distance / this.count;
    this.#squares += distance * (number - this.#mean);
  }

  result(): Value {
    return this.#result(this);
  }
}

/** Exact, interpolated linearly between the two values that the percentage falls between. */
class Percentile implements Aggregate {
  readonly #of: Evaluate;
  readonly #percent: number;
  readonly #values: number[] = [];

  constructor(of: Evaluate, percent: number) {
    this.#of = of;
    this.#percent = percent;
  }

  add(row: Row): void {
    const value = this.#of(row);
    const number = value === null ? undefined : numberOf(value);
    if (number !== undefined) this.#values.push(number);
  }

  result(): Value {
    const sorted = Float64Array.from(this.#values).sort();
    if (sorted.length === 0) return null;
    const place = ((sorted.length - 1) * this.#percent) / 100;
    const below = sorted[Math.floor(place)]!;
    const above = sorted[Math.ceil(place)]!;
    return below + (above - below) * (place - Math.floor(place));
  }
}

class Best implements Aggregate {
  readonly #of: Evaluate;
  readonly #isBetter: (value: Value, best: Value) => boolean;
  readonly #shown: (best: Value) => Value;
  #best: Value = null;

  constructor(
    of: Evaluate,
    isBetter: (value: Value, best: Value) => boolean,
    shown: (best: Value) => Value = (best) => best,
  ) {
    this.#of = of;
    this.#isBetter = isBetter;
    this.#shown = shown;
  }

  add(row: Row): void {
    const value = this.#of(row);
    if (value !== null && (this.#best === null || this.#isBetter(value, this.#best))) this.#best = value;
  }

  result(): Value {
    return this.#shown(this.#best);
  }
}

/** Of several events at the very time: earliest is the first, latest the last. Events without a time are passed over. */
class AtTime implements Aggregate {
  readonly #of: Evaluate;
  readonly #time: Evaluate;
  readonly #isBetter: (ms: number, best: number) => boolean;
  #best: { readonly ms: number; readonly value: Value } | undefined;

  constructor(of: Evaluate, time: Evaluate, isBetter: (ms: number, best: number) => boolean) {
    this.#of = of;
    this.#time = time;
    this.#isBetter = isBetter;
  }

  add(row: Row): void {
    const value = this.#of(row);
    const time = this.#time(row);
    const ms = time === null ? undefined : numberOf(time);
    if (value === null || ms === undefined) return;
    if (this.#best === undefined || this.#isBetter(ms, this.#best.ms)) this.#best = { ms, value };
  }

  result(): Value {
    return this.#best?.value ?? null;
  }
}

/** A text that looks like a number is one, unless it has more digits than a double holds. */
function asNumber(best: Value): Value {
  const number = typeof best === 'string' ? numberOf(best) : undefined;
  return number === undefined || Math.abs(number) > Number.MAX_SAFE_INTEGER ? best : number;
}

/** Numbers count before texts: one text among numbers is neither their least nor their greatest. */
function isSmaller(value: Value, best: Value): boolean {
  return isBeyond(value, best, -1);
}

function isLarger(value: Value, best: Value): boolean {
  return isBeyond(value, best, 1);
}

function isBeyond(value: Value, best: Value, sign: 1 | -1): boolean {
  if (value === null || best === null) return false;
  const a = numberOf(value);
  const b = numberOf(best);
  if (a !== undefined && b !== undefined) return (a - b) * sign > 0;
  if (a !== undefined || b !== undefined) return a !== undefined;
  return naturalOrder(textOf(value), textOf(best)) * sign > 0;
}
