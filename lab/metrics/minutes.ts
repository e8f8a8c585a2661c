/** A value and how often it was seen. */
export interface Weighted {
  readonly value: number;
  readonly count: number;
}

/** What Sum, Average, Minimum, Maximum and SampleCount are made from. Without data count is 0 and min is above max. */
export interface Summary {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/**
 * The samples of one metric by minute. A whole minute answers from its summary, so a window of a day costs 1,440 steps
 * however many samples it holds; only the minutes at both ends, and percentiles, look at samples.
 */
export class MinuteSeries {
  readonly #minutes = new Map<number, Minute>();
  /** The starts of the minutes, rising; late minutes are put in their place. */
  readonly #starts: number[] = [];
  firstTs: number | undefined;
  lastTs: number | undefined;

  add(ts_ms: number, value: number, count: number): void {
    const start = Math.floor(ts_ms / MINUTE_MS) * MINUTE_MS;
    let minute = this.#minutes.get(start);
    if (minute === undefined) {
      this.#minutes.set(start, (minute = newMinute()));
      this.#starts.splice(this.#from(start), 0, start);
    }
    minute.samples.push({ ts_ms, value, count });
    widen(minute, value, count);
    if (this.firstTs === undefined || ts_ms < this.firstTs) this.firstTs = ts_ms;
    if (this.lastTs === undefined || ts_ms > this.lastTs) this.lastTs = ts_ms;
  }

  /** Over [from_ms, to_ms). */
  summary(from_ms: number, to_ms: number): Summary {
    const total: Mutable = { count: 0, sum: 0, min: Infinity, max: -Infinity };
    this.#each(from_ms, to_ms, (minute, whole) => {
      if (whole) {
        total.count += minute.count;
        total.sum += minute.sum;
        total.min = Math.min(total.min, minute.min);
        total.max = Math.max(total.max, minute.max);
        return;
      }
      for (const { ts_ms, value, count } of minute.samples) {
        if (ts_ms >= from_ms && ts_ms < to_ms) widen(total, value, count);
      }
    });
    return total;
  }

  /** The values in [from_ms, to_ms), rising. */
  values(from_ms: number, to_ms: number): Weighted[] {
    const values: Weighted[] = [];
    this.#each(from_ms, to_ms, (minute, whole) => {
      for (const sample of minute.samples) {
        if (whole || (sample.ts_ms >= from_ms && sample.ts_ms < to_ms)) values.push(sample);
      }
    });
    return values.sort((a, b) => a.value - b.value);
  }

  #each(from_ms: number, to_ms: number, visit: (minute: Minute, whole: boolean) => void): void {
    const first = Math.floor(from_ms / MINUTE_MS) * MINUTE_MS;
    for (let at = this.#from(first); at < this.#starts.length; at += 1) {
      const start = this.#starts[at]!;
      if (start >= to_ms) return;
      visit(this.#minutes.get(start)!, start >= from_ms && start + MINUTE_MS <= to_ms);
    }
  }

  /** The index of the first minute that starts at or after `start`. */
  #from(start: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle]! < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const MINUTE_MS = 60_000;

interface Mutable {
  count: number;
  sum: number;
  min: number;
  max: number;
}

interface Minute extends Mutable {
  readonly samples: (Weighted & { readonly ts_ms: number })[];
}

const newMinute = (): Minute => ({ samples: [], count: 0, sum: 0, min: Infinity, max: -Infinity });

function widen(summary: Mutable, value: number, count: number): void {
  summary.count += count;
  summary.sum += value * count;
  if (value < summary.min) summary.min = value;
  if (value > summary.max) summary.max = value;
}
