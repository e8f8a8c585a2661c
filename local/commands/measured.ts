/** What the programs make of a rate of messages. */
export interface Measured {
  /** Of a record on the stream, a frame’s share. */
  readonly bytesPerMessage: number;
  readonly recordsPerSec: number;
  readonly invocationsPerSec: number;
  /** Of the sink, the slowest batch: an upper bound of what is billed. */
  readonly invocationSec: number;
}

/**
 * `npm start -- --rate N --for 45`, 2026-11-23, Node 24.21.0, two shared cores, 200 markets on one connection: `bytes / rows`
 * and `blocks / span_sec` of the second `publish_ok`, `batches / span_sec` and the largest `duration_ms` of `insert_ok`.
 * ClickHouse stood on the same machine.
 */
export const MEASURED: Readonly<Record<number, Measured>> = {
  100: { bytesPerMessage: 45.8, recordsPerSec: 0.97, invocationsPerSec: 0.95, invocationSec: 0.52 },
  1_000: { bytesPerMessage: 25.9, recordsPerSec: 0.97, invocationsPerSec: 0.95, invocationSec: 0.46 },
  10_000: { bytesPerMessage: 19.6, recordsPerSec: 2, invocationsPerSec: 1.78, invocationSec: 1.23 },
};

/**
 * Lines that come whatever the rate, of the same three runs, whose sizes differ by a fiftieth; a heartbeat each 30 s, as
 * the stages have it.
 */
export const LINES: readonly { readonly event: string; readonly bytes: number; readonly perMinute: number }[] = [
  { event: 'heartbeat', bytes: 708, perMinute: 2 },
  { event: 'publish_ok', bytes: 241, perMinute: 2 },
  { event: 'insert_ok', bytes: 387, perMinute: 2 },
  { event: 'the sink’s metrics (EMF)', bytes: 688, perMinute: 2 },
  { event: 'warehouse_heartbeat', bytes: 544, perMinute: 1 },
];
/** What CloudWatch Logs counts for a line beside its bytes. */
export const LINE_OVERHEAD_BYTES = 26;

/** Metrics that the sink writes by itself; functions/sink/metrics.ts. */
export const EMF_METRICS = 7;

/** The probe: a few questions of some milliseconds each; Lambda’s own share is the most of it. */
export const PROBE_INVOCATION_SEC = 0.2;
