import { MinuteSeries } from './minutes.ts';
import { parseStatistic } from './statistic.ts';

/** What CloudWatch tells metrics apart by. The order of the dimensions means nothing. */
export interface MetricId {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** One observation: `value`, seen `count` times (1 unless told) at `ts_ms`, milliseconds since 1970. */
export interface Sample {
  readonly ts_ms: number;
  readonly value: number;
  readonly count?: number;
  readonly unit?: string;
}

/**
 * Metrics in memory. Instants are kept as given: a window need not begin on a minute. Samples of different units are one
 * series here, where CloudWatch would keep them apart.
 */
export class MetricStore {
  readonly #series = new Map<string, Kept>();

  /** Throws RangeError where instant or value is not finite or count not above 0; the sample is then not stored. */
  put(id: MetricId, sample: Sample): void {
    const { ts_ms, value, count = 1 } = sample;
    if (!Number.isFinite(ts_ms) || !Number.isFinite(value) || !(count > 0 && Number.isFinite(count))) {
      throw new RangeError(
        `sample of ${id.namespace} ${id.name} not stored: ts_ms ${ts_ms}, value ${value}, count ${count}`,
      );
    }
    const key = keyOf(id);
    let kept = this.#series.get(key);
    if (kept === undefined) this.#series.set(key, (kept = { id, minutes: new MinuteSeries() }));
    kept.minutes.add(ts_ms, value, count);
  }

  /**
   * The statistic over [from_ms, to_ms): Sum, Average, Minimum, Maximum, SampleCount, pNN, tmNN, TM(a:b) and their
   * kin. undefined: no data. Throws StatisticError for a statistic that does not exist, with or without data.
   */
  statistic(id: MetricId, stat: string, from_ms: number, to_ms: number): number | undefined {
    const statistic = parseStatistic(stat);
    const minutes = this.#series.get(keyOf(id))?.minutes;
    if (minutes === undefined) return undefined;
    if (statistic.kind === 'values') {
      const values = minutes.values(from_ms, to_ms);
      return values.length === 0 ? undefined : statistic.of(values);
    }
    const summary = minutes.summary(from_ms, to_ms);
    return summary.count === 0 ? undefined : statistic.of(summary);
  }

  /** How many observations lie in [from_ms, to_ms). */
  sampleCount(id: MetricId, from_ms: number, to_ms: number): number {
    return this.#series.get(keyOf(id))?.minutes.summary(from_ms, to_ms).count ?? 0;
  }

  /** Every metric that has a sample, in the order of their first. */
  metrics(): readonly MetricId[] {
    return [...this.#series.values()].map(({ id }) => id);
  }

  /** The earliest instant with a sample. */
  firstTs(id: MetricId): number | undefined {
    return this.#series.get(keyOf(id))?.minutes.firstTs;
  }

  /** The latest instant with a sample. */
  lastTs(id: MetricId): number | undefined {
    return this.#series.get(keyOf(id))?.minutes.lastTs;
  }
}

interface Kept {
  readonly id: MetricId;
  readonly minutes: MinuteSeries;
}

function keyOf({ namespace, name, dimensions }: MetricId): string {
  const names = Object.keys(dimensions);
  if (names.length > 1) names.sort();
  let key = `${namespace.length}:${namespace}${name.length}:${name}`;
  for (const dimension of names) {
    const value = dimensions[dimension]!;
    key += `${dimension.length}:${dimension}${value.length}:${value}`;
  }
  return key;
}
