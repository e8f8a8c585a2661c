/** What the programs make of a rate of messages. */
export interface Measured {
  /** Of a record on the stream, a frame’s share. */
  readonly bytesPerMessage: number;
  readonly recordsPerSec: number;
  readonly invocationsPerSec: number;
  /** Of the sink, in the mean: what is billed is the sum. */
  readonly invocationSec: number;
}

/**
 * `npm start -- --rate N --for 45`, 2026-11-23, Node 24.21.0, two shared cores, 200 markets on one connection: `bytes / rows`
 * and `blocks / span_sec` of the second `publish_ok`. Invocations: `node scripts/measure-load.ts 100 1000 10000`, 2026-11-29,
 * 45 s each, the mean. ClickHouse stood on the same machine, and other programs ran: a second time it was 149 and 225 ms at
 * 100 and 1,000; the smaller ones are here.
 */
export const MEASURED: Readonly<Record<number, Measured>> = {
  100: { bytesPerMessage: 45.8, recordsPerSec: 0.97, invocationsPerSec: 0.98, invocationSec: 0.094 },
  1_000: { bytesPerMessage: 25.9, recordsPerSec: 0.97, invocationsPerSec: 0.98, invocationSec: 0.162 },
  10_000: { bytesPerMessage: 19.6, recordsPerSec: 2, invocationsPerSec: 2, invocationSec: 0.267 },
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
