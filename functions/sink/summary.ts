/** Sums are told at most once in so many seconds. */
export const SUMMARY_EVERY_SEC = 30;
/** Batches that one sum holds; it is told early when they are reached, so that its lags stay bounded. */
export const SUMMARY_MAX_BATCHES = 1_000;

/** What one batch brought into ClickHouse. */
export interface Landed {
  readonly aws_request_id: string;
  /** Its newest block, landed now or before; undefined: it has none. */
  readonly newest_block_id: string | undefined;
  readonly records: number;
  readonly blocks: number;
  readonly duplicates: number;
  readonly torn: number;
  readonly frames: number;
  /** Rows of every table but `frames` and `blocks`. */
  readonly rows: number;
  readonly rejects: number;
  readonly unknownTypes: number;
  readonly duration_ms: number;
  /** Age of the oldest frame when the batch was in, seconds; 0 where nothing was new. */
  readonly ingest_lag_sec: number;
}

/** Several batches: sums, `duration_ms` and `ingest_lag_sec` of the slowest, `aws_request_id` and block of the newest. */
export interface LandedSum extends Landed {
  readonly batches: number;
  /** The time that the sums cover: since the last that were told, or since the first batch began. */
  readonly span_sec: number;
  /** The lag of each batch that brought something new, seconds. */
  readonly lags: readonly number[];
  /** When the newest batch was in, milliseconds since 1970. */
  readonly lastAt: number;
}

interface Open {
  readonly sum: Landed;
  readonly batches: number;
  readonly lags: number[];
  readonly lastAt: number;
}

/** Sums up what lands: the first batch is due at once, then at most one sum in SUMMARY_EVERY_SEC. Holds no timer. */
export class Summary {
  #open: Open | undefined;
  /** Since when it is summed up, and when a sum was taken last; milliseconds since 1970. */
  #since: number | undefined;
  #takenAt = Number.NEGATIVE_INFINITY;

  add(landed: Landed, now_ms: number): void {
    this.#since ??= now_ms - landed.duration_ms;
    const { sum, batches = 0, lags = [] } = this.#open ?? {};
    if (landed.blocks > 0) lags.push(landed.ingest_lag_sec);
    this.#open = {
      sum: sum === undefined ? landed : together(sum, landed),
      batches: batches + 1,
      lags,
      lastAt: now_ms,
    };
  }

  /** The sum, where there is one and it is due; a new one begins. */
  due(now_ms: number): LandedSum | undefined {
    const elapsedMs = now_ms - this.#takenAt;
    // A clock that was set back must not silence us.
    const isDue = elapsedMs < 0 || elapsedMs >= SUMMARY_EVERY_SEC * 1_000;
    const isFull = (this.#open?.batches ?? 0) >= SUMMARY_MAX_BATCHES;
    return isDue || isFull ? this.take(now_ms) : undefined;
  }

  /** The sum, due or not: for the end. */
  take(now_ms: number): LandedSum | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    const { sum, batches, lags, lastAt } = open;
    const span_sec = Math.max(0, now_ms - (this.#since ?? now_ms)) / 1_000;
    this.#open = undefined;
    this.#since = this.#takenAt = now_ms;
    return { ...sum, batches, span_sec, lags, lastAt };
  }
}

function together(a: Landed, b: Landed): Landed {
  return {
    aws_request_id: b.aws_request_id,
    newest_block_id: b.newest_block_id ?? a.newest_block_id,
    records: a.records + b.records,
    blocks: a.blocks + b.blocks,
    duplicates: a.duplicates + b.duplicates,
    torn: a.torn + b.torn,
    frames: a.frames + b.frames,
    rows: a.rows + b.rows,
    rejects: a.rejects + b.rejects,
    unknownTypes: a.unknownTypes + b.unknownTypes,
    duration_ms: Math.max(a.duration_ms, b.duration_ms),
    ingest_lag_sec: Math.max(a.ingest_lag_sec, b.ingest_lag_sec),
  };
}
