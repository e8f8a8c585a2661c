import type { FieldName } from './fields.ts';

export type Level = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'CRITICAL';
export type Component = 'streamer' | 'ws' | 'kinesis' | 'spool' | 'sink' | 'clickhouse' | 'log';

export interface EventEntry {
  readonly component: Component;
  /** By impact: nothing to do is INFO or DEBUG, recovered is WARN, lost or set aside is ERROR, dying is CRITICAL. */
  readonly level: Level;
  readonly fields: readonly FieldName[];
  readonly optional?: readonly FieldName[];
  readonly means: string;
  readonly action: string;
}

const WHAT_FAILED = ['category', 'exception_type', 'exception_msg'] as const;
const FAILURE_DETAILS = ['failure_class', 'clickhouse_code', 'http_status'] as const;

/** Every event that a program may log. The level belongs to the event: a caller cannot choose it. */
export const EVENTS = {
  // streamer
  startup_config: {
    component: 'streamer',
    level: 'INFO',
    fields: [
      'recorder_id',
      'version',
      'node_version',
      'url',
      'channels',
      'markets',
      'market_tickers',
      'use_yes_price',
      'stream',
      'flush_rows_threshold',
      'flush_secs_threshold',
      'flush_bytes_threshold',
      'spool_dir',
      'spool_max_mb',
      'spool_full_policy',
      'log_level',
      'previous_run',
    ],
    means: 'The streamer started; this is what it was told.',
    action: 'None. More than one within minutes: a crash loop.',
  },
  startup_refused: {
    component: 'streamer',
    level: 'CRITICAL',
    fields: ['faults'],
    means: 'The configuration is missing or invalid; nothing was started and nothing is recorded.',
    action: 'Correct every fault named and deploy again.',
  },
  heartbeat: {
    component: 'streamer',
    level: 'INFO',
    fields: [
      'recorder_id',
      'last_event_ts',
      'last_ingest_ts',
      'ingest_lag_sec',
      'rows_buffered',
      'rows_written_total',
      'rows_since_last',
      'frames_received_total',
      'dropped_frames_total',
      'messages_per_sec',
      'ws_state',
      'sessions',
      'reconnects_total',
      'gaps_open',
      'gaps_total',
      'spool_blocks',
      'spool_bytes',
      'rss_mb',
      'heap_mb',
      'event_loop_delay_ms',
    ],
    means: 'The streamer lives, and this is how it is.',
    action: 'None. Its absence is the alarm.',
  },
  received_signal: {
    component: 'streamer',
    level: 'INFO',
    fields: ['signal'],
    means: 'The process was asked to end.',
    action: 'None in a deployment; else find out who asked.',
  },
  shutdown_requested: {
    component: 'streamer',
    level: 'INFO',
    fields: ['reason', 'rows_buffered', 'spool_blocks'],
    means: 'Reading stops; what is in flight is being flushed.',
    action: 'None.',
  },
  shutdown_complete: {
    component: 'streamer',
    level: 'INFO',
    fields: ['duration_ms', 'rows_written_total', 'rows_buffered', 'spool_blocks', 'exit_code'],
    means: 'Everything received is published or on disk.',
    action: 'None.',
  },
  shutdown_forced: {
    component: 'streamer',
    level: 'ERROR',
    fields: ['reason', 'rows_buffered'],
    means: 'The process ends before everything was flushed; what was buffered is lost and becomes a hole.',
    action: 'Look at why flushing took so long (Kinesis, disk), or who sent a second signal.',
  },
  crashed: {
    component: 'streamer',
    level: 'CRITICAL',
    fields: ['exception_type', 'exception_msg', 'detail'],
    means: 'An error nobody expected; the process ends.',
    action: 'Read the stack in `detail`; the next start says previous_run: crashed and names the hole.',
  },

  // ws
  ws_connecting: {
    component: 'ws',
    level: 'INFO',
    fields: ['session_id', 'connection', 'attempt', 'url'],
    means: 'A connection is being made, signed anew.',
    action: 'None.',
  },
  ws_connected: {
    component: 'ws',
    level: 'INFO',
    fields: ['session_id', 'connection', 'attempt', 'duration_ms'],
    means: 'The exchange accepted the connection.',
    action: 'None.',
  },
  ws_subscribed: {
    component: 'ws',
    level: 'INFO',
    fields: ['session_id', 'connection', 'channel', 'sid', 'markets', 'market_tickers'],
    means: 'The exchange confirmed a subscription.',
    action: 'None.',
  },
  ws_disconnected: {
    component: 'ws',
    level: 'WARN',
    fields: ['session_id', 'connection', 'cause', 'close_code', 'reason', 'frames', 'backoff_ms'],
    means: 'A connection was lost; it is made anew after the wait. The hole is in `gaps`.',
    action: 'None for one. Many within minutes: see WebSocket flapping.',
  },
  ws_closed: {
    component: 'ws',
    level: 'INFO',
    fields: ['session_id', 'connection', 'frames'],
    means: 'We closed the connection in a shutdown.',
    action: 'None.',
  },
  ws_error: {
    component: 'ws',
    level: 'WARN',
    fields: ['session_id', 'connection', 'attempt', 'backoff_ms', ...WHAT_FAILED],
    optional: FAILURE_DETAILS,
    means: 'A connection could not be made; it is tried again after the wait.',
    action: 'None for one. See DNS or network, or the exchange’s status page.',
  },
  ws_auth_refused: {
    component: 'ws',
    level: 'ERROR',
    fields: ['session_id', 'connection', 'attempt', 'backoff_ms', ...WHAT_FAILED],
    optional: FAILURE_DETAILS,
    means: 'The exchange refused our key (401). Nothing is recorded. It is tried again, slowly.',
    action: 'Check key id, private key, environment (prod or demo) and the clock.',
  },
  ws_gap: {
    component: 'ws',
    level: 'WARN',
    fields: ['session_id', 'gap_id', 'cause', 'channel', 'sid', 'markets', 'market_tickers', 'missing'],
    optional: ['expected_seq', 'got_seq'],
    means: 'A hole: the markets named are suspect from now on. A row in `gaps` is opened.',
    action: 'None: a repair is under way. Many: see Gap storm.',
  },
  ws_resubscribed: {
    component: 'ws',
    level: 'INFO',
    fields: ['session_id', 'gap_id', 'cause', 'channel', 'sid', 'repair', 'duration_ms'],
    means: 'Fresh snapshots came; the hole is closed.',
    action: 'None.',
  },
  ws_exchange_error: {
    component: 'ws',
    level: 'WARN',
    fields: ['session_id', 'connection', 'error_code', 'reason', 'sid'],
    means: 'The exchange answered with an error.',
    action: 'Code 8, 11, 14, 26: the configuration asks for what the exchange does not give. Else none.',
  },
  ws_data_silence: {
    component: 'ws',
    level: 'INFO',
    fields: ['session_id', 'connection', 'duration_ms'],
    means: 'Pings, but no data for long; a snapshot is asked for to tell quiet from dead.',
    action: 'None: if no answer comes the connection is made anew.',
  },
  ws_frame_dropped: {
    component: 'ws',
    level: 'ERROR',
    fields: ['session_id', 'reason', 'frames', 'bytes'],
    means: 'Frames were received and could not be kept. A row in `gaps` names their numbers.',
    action: 'reason spool_full: bring Kinesis back or enlarge SPOOL_MAX_MB. frame_oversize: tell us.',
  },

  // kinesis
  publish_ok: {
    component: 'kinesis',
    level: 'DEBUG',
    fields: ['blocks', 'frames', 'bytes', 'duration_ms', 'attempt'],
    means: 'Blocks were acknowledged.',
    action: 'None.',
  },
  publish_retry: {
    component: 'kinesis',
    level: 'WARN',
    fields: ['blocks', 'attempt', 'backoff_ms', ...WHAT_FAILED],
    optional: FAILURE_DETAILS,
    means: 'Some blocks were not acknowledged; only those are sent again.',
    action: 'None for one. throttled: more shards.',
  },
  publish_failed: {
    component: 'kinesis',
    level: 'WARN',
    fields: ['blocks', 'frames', 'attempts', ...WHAT_FAILED],
    optional: FAILURE_DETAILS,
    means: 'Kinesis stays away; blocks go to the disk spool and are sent later.',
    action: 'See Kinesis throttling, or DNS or network.',
  },
  publish_recovered: {
    component: 'kinesis',
    level: 'INFO',
    fields: ['spool_blocks', 'duration_ms'],
    means: 'Kinesis answers again; the spool drains behind live data.',
    action: 'None.',
  },

  // spool
  spool_recovered: {
    component: 'spool',
    level: 'INFO',
    fields: ['blocks', 'bytes'],
    means: 'Blocks of an earlier run were found on disk; they are published first come first served.',
    action: 'None.',
  },
  spool_drained: {
    component: 'spool',
    level: 'INFO',
    fields: ['blocks', 'duration_ms'],
    means: 'The spool is empty again.',
    action: 'None.',
  },
  spool_damaged: {
    component: 'spool',
    level: 'ERROR',
    fields: ['block_id', 'reason'],
    means: 'A spooled block cannot be read back; its file is kept aside, its frames are missing.',
    action: 'Check the disk.',
  },

  // sink
  sink_batch: {
    component: 'sink',
    level: 'INFO',
    fields: [
      'aws_request_id',
      'records',
      'blocks',
      'duplicates',
      'torn',
      'frames',
      'rows',
      'rejects',
      'duration_ms',
      'ingest_lag_sec',
    ],
    means: 'A batch is in ClickHouse, whole.',
    action: 'None.',
  },
  sink_batch_failed: {
    component: 'sink',
    level: 'WARN',
    fields: ['aws_request_id', 'records', 'blocks', 'table', 'duration_ms', ...WHAT_FAILED],
    optional: FAILURE_DETAILS,
    means: 'A batch was not committed; the event source delivers it again.',
    action: 'See the category’s heading; page only if it persists.',
  },
  insert_ok: {
    component: 'clickhouse',
    level: 'DEBUG',
    fields: ['aws_request_id', 'table', 'rows', 'bytes', 'attempt', 'duration_ms'],
    means: 'One insert was committed.',
    action: 'None.',
  },
  insert_retry: {
    component: 'clickhouse',
    level: 'WARN',
    fields: ['aws_request_id', 'table', 'rows', 'attempt', 'backoff_ms', ...WHAT_FAILED],
    optional: FAILURE_DETAILS,
    means: 'An insert failed; the same bytes are sent again with the same token.',
    action: 'None for one.',
  },
  insert_split: {
    component: 'clickhouse',
    level: 'WARN',
    fields: ['aws_request_id', 'table', 'rows', ...WHAT_FAILED],
    optional: FAILURE_DETAILS,
    means: 'An insert was too large for the query’s memory; it is sent in halves.',
    action: 'None for one. Often: raise max_memory_usage or lower the batch.',
  },
  insert_failed: {
    component: 'clickhouse',
    level: 'ERROR',
    fields: ['aws_request_id', 'table', 'rows', 'attempts', ...WHAT_FAILED],
    optional: FAILURE_DETAILS,
    means: 'An insert was given up in this invocation; the batch is not committed and comes again.',
    action: 'See the category’s heading.',
  },
  insert_dropped: {
    component: 'clickhouse',
    level: 'ERROR',
    fields: ['aws_request_id', 'table', 'rows', 'reason', ...WHAT_FAILED],
    optional: FAILURE_DETAILS,
    means: 'ClickHouse refuses a row for what it is; it was set aside in `rejects` and the others inserted.',
    action: 'Read the row in `rejects`; usually the exchange sends something new.',
  },
  record_rejected: {
    component: 'sink',
    level: 'ERROR',
    fields: ['aws_request_id', 'shard_id', 'sequence_number', 'reason', 'bytes'],
    means: 'A Kinesis record is no block; it was set aside in `rejects` with its bytes.',
    action: 'Find out who else writes to the stream.',
  },
  frames_rejected: {
    component: 'sink',
    level: 'WARN',
    fields: ['aws_request_id', 'block_id', 'rejects', 'reason', 'detail'],
    means: 'Frames could not become rows; they are in `frames` and in `rejects`.',
    action: 'Read `rejects`: too_many_decimals and invalid_message mean that the exchange changed its format.',
  },
  schema_drift: {
    component: 'sink',
    level: 'WARN',
    fields: ['aws_request_id', 'block_id', 'count', 'drift'],
    means: 'The exchange sends types or fields that we do not know. Nothing is lost: frames keep them.',
    action: 'Compare with the exchange’s changelog; extend core/kalshi/messages.ts.',
  },
  // the log itself
  log_suppressed: {
    component: 'log',
    level: 'WARN',
    fields: ['count', 'bytes', 'kinds'],
    means: 'Lines of the last minute were kept back: repeated ones, or beyond the byte budget. The counts are exact.',
    action: 'Look at the kinds: something repeats. Nothing of level ERROR or above is ever kept back.',
  },

  sink_started: {
    component: 'sink',
    level: 'INFO',
    fields: ['version', 'node_version', 'ch_url', 'ch_database', 'ch_user', 'log_level'],
    means: 'A sink environment started; this is what it was told.',
    action: 'None.',
  },
  sink_refused: {
    component: 'sink',
    level: 'CRITICAL',
    fields: ['faults'],
    means: 'The sink’s configuration is missing or invalid; nothing is inserted, the stream keeps the data.',
    action: 'Correct every fault named.',
  },
} as const satisfies Record<string, EventEntry>;

export type EventName = keyof typeof EVENTS;
