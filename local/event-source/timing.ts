/** What AWS does not let one configure, and a laptop wants otherwise. Milliseconds. */
export interface Timing {
  /** Between two polls of a shard that had nothing more. AWS: about 1,000. */
  readonly pollIntervalMs: number;
  /** Between two looks at the list of shards; the end of a shard is looked at once. */
  readonly shardListIntervalMs: number;
  /**
   * Before the first retry; doubled for each further failure in a row. With the maximum of 30 s the contract's
   * 10,000 retries last 83 h, longer than its record age of three days: age decides, not the counter.
   */
  readonly retryBaseMs: number;
  readonly retryMaxMs: number;
  /** How long stop() lets the invocation under way finish before its signal is aborted. */
  readonly stopGraceMs: number;
}

export const LOCAL_TIMING: Timing = {
  pollIntervalMs: 250,
  shardListIntervalMs: 10_000,
  retryBaseMs: 250,
  retryMaxMs: 30_000,
  stopGraceMs: 5_000,
};

/** Milliseconds to wait after the n-th failure in a row, n from 1. */
export function retryDelayMs(failuresInARow: number, timing: Timing): number {
  return Math.min(timing.retryBaseMs * 2 ** (failuresInARow - 1), timing.retryMaxMs);
}
