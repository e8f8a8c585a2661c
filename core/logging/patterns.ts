import type { LogQuery } from './query.ts';

/** One thing that goes wrong (or seems to), as an operator meets it: a heading of LOGGING_GUIDE.md and a saved query. */
export interface Pattern {
  readonly title: string;
  readonly symptom: string;
  readonly causes: readonly string[];
  readonly query: LogQuery;
  readonly action: readonly string[];
}

const FAILED = ['category', 'failure_class', 'exception_msg'] as const;

export const PATTERNS = {
  ingestion_stall: {
    title: 'Ingestion stall',
    symptom: 'No `sink_batch` for minutes while the streamer’s `frames_received_total` grows.',
    causes: [
      'ClickHouse refuses or is away: `sink_batch_failed` names the category.',
      'The sink cannot start: `sink_refused` names every fault.',
    ],
    query: {
      where: { field: 'event', is: ['sink_batch_failed', 'insert_failed', 'sink_refused'] },
      show: ['event', 'table', ...FAILED],
    },
    action: ['Go to the heading of the `category`. Nothing is lost meanwhile: the stream keeps three days.'],
  },
  ws_flapping: {
    title: 'WebSocket flapping',
    symptom: 'Many `ws_disconnected` or `ws_error`; `reconnects_total` climbs.',
    causes: [
      '`ws_auth_refused`: key id, private key, environment (prod or demo) or clock.',
      '`cause: dead_socket`, or `category` dns_resolution, network, connection_refused: the network.',
      '`cause: disconnect` on a Thursday 03:00–05:00 New York: the exchange’s maintenance.',
    ],
    query: {
      where: { field: 'event', is: ['ws_disconnected', 'ws_error', 'ws_auth_refused'] },
      show: ['event', 'cause', 'close_code', 'category', 'exception_msg', 'backoff_ms'],
    },
    action: ['Remove the cause that the newest lines name. Each lost connection is a row in `gaps` with its window.'],
  },
  memory_limit: {
    title: 'ClickHouse memory limit',
    symptom: '`category: memory_limit` in `insert_retry`, `insert_split`, `insert_failed` or `sink_batch_failed`.',
    causes: [
      '`memory_query`: one insert against max_memory_usage.',
      '`memory_server`: the whole server, or this user over all queries.',
    ],
    query: {
      where: { field: 'category', is: ['memory_limit'] },
      show: ['event', 'table', 'rows', 'failure_class', 'exception_msg'],
    },
    action: [
      '`memory_query`: nothing at once, the sink halves the insert; if it stays, raise max_memory_usage.',
      '`memory_server`: find what uses the memory (system.processes, system.merges) and stop it. The stream keeps the data.',
    ],
  },
  dns_or_network: {
    title: 'DNS or network',
    symptom: '`category` dns_resolution, connection_refused, network or timeout.',
    causes: ['A wrong address.', 'A server that is down.', 'A security group or route.'],
    query: {
      where: { field: 'category', is: ['dns_resolution', 'connection_refused', 'network', 'timeout'] },
      show: ['component', 'event', ...FAILED],
    },
    action: ['`component` names the hop: ws the exchange, kinesis the stream, clickhouse and sink the warehouse.'],
  },
  kinesis_throttling: {
    title: 'Kinesis throttling or away',
    symptom: '`publish_retry`, then `publish_failed`; `spool_blocks` grows.',
    causes: [
      '`category: throttled`: too few shards.',
      'Anything else: Kinesis or the way to it is down, or the role may not write.',
    ],
    query: {
      where: { field: 'component', is: ['kinesis', 'spool'] },
      show: ['event', 'blocks', 'spool_blocks', ...FAILED],
    },
    action: [
      'Throttled: more shards.',
      'Else wait: blocks are on disk and drain by themselves (`spool_drained`).',
      '`ws_frame_dropped` with `reason: spool_full` is loss: enlarge SPOOL_MAX_MB.',
    ],
  },
  lag_growing: {
    title: 'Lag grows with a healthy socket',
    symptom: '`ws_state: live` and `messages_per_sec` above 0, but `ingest_lag_sec` grows from heartbeat to heartbeat.',
    causes: [
      'Kinesis does not take what comes: see *Kinesis throttling or away*.',
      'The process has too little CPU: `event_loop_delay_ms`.',
    ],
    query: {
      where: {
        all: [
          { field: 'event', is: ['heartbeat'] },
          { field: 'ingest_lag_sec', above: 5 },
        ],
      },
      show: ['ingest_lag_sec', 'rows_buffered', 'spool_blocks', 'messages_per_sec', 'event_loop_delay_ms'],
    },
    action: [
      '`spool_blocks` above 0: Kinesis. `event_loop_delay_ms` above 100: more CPU, or fewer markets per recorder.',
    ],
  },
  gap_storm: {
    title: 'Gap storm',
    symptom: '`ws_gap` again and again; `gaps_open` stays above 0.',
    causes: [
      '`exchange_overflow` (error 25): this recorder reads too slowly.',
      '`sequence`: the exchange skipped numbers.',
      '`channel_error` (10): the exchange ended the subscription.',
    ],
    query: {
      where: { field: 'event', is: ['ws_gap', 'ws_exchange_error'] },
      show: ['event', 'cause', 'channel', 'sid', 'missing', 'error_code', 'market_tickers'],
    },
    action: [
      'Overflow: look at `event_loop_delay_ms`; more CPU or a lower MARKETS_PER_CONNECTION. Else none: repairs run by themselves.',
    ],
  },
  quiet_or_dead: {
    title: 'Quiet market or dead feed',
    symptom: '`messages_per_sec` is 0.',
    causes: [
      'A quiet night: `ingest_lag_sec` is 0, `ws_state` is live.',
      'A feed that pings and sends nothing: `ws_disconnected` with `cause: data_silence`.',
    ],
    query: {
      where: {
        any: [
          { field: 'event', is: ['ws_data_silence'] },
          { field: 'cause', is: ['data_silence', 'dead_socket'] },
        ],
      },
      show: ['event', 'cause', 'duration_ms', 'connection'],
    },
    action: [
      'None. After DATA_SILENCE_SECONDS the recorder asks for a sign of life: an answer proves the feed, silence makes it connect anew.',
    ],
  },
  schema_drift: {
    title: 'Schema drift at the exchange',
    symptom: '`schema_drift`, or `frames_rejected` with `invalid_message` or `too_many_decimals`.',
    causes: ['The exchange added or changed a type, a field, an event type or its decimals.'],
    query: {
      where: { field: 'event', is: ['schema_drift', 'frames_rejected'] },
      show: ['event', 'drift', 'reason', 'rejects', 'detail'],
    },
    action: ['Nothing is lost: `frames` has every byte and `rejects` says why. Extend core/kalshi/messages.ts.'],
  },
  crash_loop: {
    title: 'Crash loop',
    symptom: '`startup_config` with `previous_run: crashed`, more than once.',
    causes: [
      '`crashed` names the error and its stack.',
      'No `crashed` before the start: it was killed (memory, kill -9, host).',
      '`startup_refused`: the configuration.',
    ],
    query: {
      where: { field: 'event', is: ['crashed', 'startup_config', 'startup_refused', 'shutdown_forced'] },
      show: ['event', 'previous_run', 'exception_msg', 'faults', 'version'],
    },
    action: [
      'Remove the error, or go back to the last `version` that lived. The hole that each crash left is in `gaps` (recorder_crashed).',
    ],
  },
  clean_deploy: {
    title: 'Clean deploy',
    symptom:
      '`received_signal`, `shutdown_requested`, `shutdown_complete`, then `startup_config` with `previous_run: clean`.',
    causes: ['A deployment, or somebody stopped the service.'],
    query: {
      where: { field: 'event', is: ['received_signal', 'shutdown_requested', 'shutdown_complete', 'startup_config'] },
      show: ['event', 'signal', 'duration_ms', 'rows_buffered', 'previous_run'],
    },
    action: ['None.'],
  },
  log_silence: {
    title: 'Log silence',
    symptom: 'No line of a program for minutes, not even its heartbeat.',
    causes: [
      'The program is dead: its alarm pages.',
      'Its log is not delivered: `log_seq` jumps where lines were lost; the warehouse goes on filling.',
    ],
    query: {
      where: { field: 'event', is: ['heartbeat', 'sink_batch'] },
      show: ['event', 'log_seq', 'rows_written_total', 'frames'],
    },
    action: [
      'Ask the warehouse: `SELECT max(landed_at) FROM kalshi.blocks`. If it moves, look at the log driver; if not, the program is dead.',
    ],
  },
} as const satisfies Record<string, Pattern>;
