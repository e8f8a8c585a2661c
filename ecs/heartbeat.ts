import { monitorEventLoopDelay } from 'node:perf_hooks';
import { decode } from '../core/kalshi/decode.ts';
import type { FieldsOf } from '../core/logging/event-log.ts';
import type { KeptBack } from '../core/logging/gate.ts';
import { exchangeInstant } from '../core/tape/row.ts';

/** What the streamer counts; frames and blocks since the start, instants in microseconds since 1970. */
export interface Counters {
  readonly recorder_id: string;
  readonly framesReceived: number;
  readonly framesAcknowledged: number;
  readonly framesWaiting: number;
  readonly framesDropped: number;
  readonly oldestWaitingTs: number | undefined;
  readonly lastAckTs: number;
  /** The newest data frame of each connection that had one, and when it was received. */
  readonly lastDataFrames: readonly { readonly raw: Buffer; readonly recv_ts: number }[];
  /** Lines of the log that were kept back. */
  readonly logKeptBack: KeptBack;
  readonly ws_state: string;
  readonly sessions: number;
  readonly reconnects_total: number;
  readonly gaps_open: number;
  readonly gaps_total: number;
  readonly spool_blocks: number;
  readonly spool_bytes: number;
}

/** The histogram measures this much even on an idle loop. */
const DELAY_RESOLUTION_MS = 20;

/** Turns counters into heartbeats: rates are against the heartbeat before. */
export class Heartbeat {
  readonly #delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  #at: number;
  #received = 0;
  #acknowledged = 0;
  #keptBack: KeptBack = { lines: 0, bytes: 0 };

  constructor(now_us: number) {
    this.#at = now_us;
    this.#delay.enable();
  }

  beat(counters: Counters, now_us: number): FieldsOf<'heartbeat'> {
    const elapsed_sec = Math.max((now_us - this.#at) / 1e6, 0.001);
    const memory = process.memoryUsage();
    const newest = newestOf(counters.lastDataFrames);
    const fields = {
      recorder_id: counters.recorder_id,
      last_event_ts: iso(newest?.event_ts ?? 0),
      last_ingest_ts: iso(counters.lastAckTs),
      ingest_lag_sec: round(Math.max(now_us - (counters.oldestWaitingTs ?? now_us), 0) / 1e6),
      exchange_lag_sec: newest === undefined ? 0 : round((newest.recv_ts - newest.event_ts) / 1e6),
      rows_buffered: counters.framesWaiting,
      rows_written_total: counters.framesAcknowledged,
      rows_since_last: counters.framesAcknowledged - this.#acknowledged,
      frames_received_total: counters.framesReceived,
      dropped_frames_total: counters.framesDropped,
      messages_per_sec: round((counters.framesReceived - this.#received) / elapsed_sec),
      ws_state: counters.ws_state,
      sessions: counters.sessions,
      reconnects_total: counters.reconnects_total,
      gaps_open: counters.gaps_open,
      gaps_total: counters.gaps_total,
      spool_blocks: counters.spool_blocks,
      spool_bytes: counters.spool_bytes,
      log_lines_suppressed: counters.logKeptBack.lines - this.#keptBack.lines,
      log_bytes_suppressed: counters.logKeptBack.bytes - this.#keptBack.bytes,
      rss_mb: round(memory.rss / 1e6),
      heap_mb: round(memory.heapUsed / 1e6),
      event_loop_delay_ms: round(Math.max(this.#delay.percentile(99) / 1e6 - DELAY_RESOLUTION_MS, 0)),
    };
    this.#delay.reset();
    this.#at = now_us;
    this.#received = counters.framesReceived;
    this.#acknowledged = counters.framesAcknowledged;
    this.#keptBack = counters.logKeptBack;
    return fields;
  }

  close(): void {
    this.#delay.disable();
  }
}

/** The frame whose event the exchange says is newest; undefined where none carries the exchange's time. */
function newestOf(frames: Counters['lastDataFrames']) {
  const timed = frames.map(({ raw, recv_ts }) => ({ recv_ts, event_ts: eventTs(raw) }));
  return timed.filter(({ event_ts }) => event_ts > 0).sort((a, b) => b.event_ts - a.event_ts)[0];
}

/** The exchange's time of a frame, microseconds since 1970; 0 where it carries none. */
function eventTs(frame: Buffer): number {
  const decoded = decode(frame.toString('utf8'));
  if (decoded.kind !== 'message') return 0;
  const msg = (decoded.message as { msg?: { ts?: string | number; ts_ms?: number } }).msg;
  try {
    const { ts, ts_source } = exchangeInstant({ ts: msg?.ts, ts_ms: msg?.ts_ms }, 0);
    return ts_source === 'exchange' ? ts : 0;
  } catch {
    return 0;
  }
}

/** Microseconds as ISO 8601; '' for none. */
function iso(micros: number): string {
  return micros === 0 ? '' : new Date(Math.floor(micros / 1_000)).toISOString();
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
