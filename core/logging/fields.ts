/** Every field that may stand in a log line: defined once, events refer to it. The unit is in the name. */
export interface Field {
  readonly type: 'string' | 'number' | 'boolean' | 'strings' | 'counts';
  readonly meaning: string;
}

const string = (meaning: string) => ({ type: 'string', meaning }) as const;
const number = (meaning: string) => ({ type: 'number', meaning }) as const;
const boolean = (meaning: string) => ({ type: 'boolean', meaning }) as const;
/** Numbers by name: a metric filter reads one of them as `$.field.name`. */
const counts = (meaning: string) => ({ type: 'counts', meaning }) as const;
const strings = (meaning: string) => ({ type: 'strings', meaning }) as const;

export const FIELDS = {
  // who and where
  recorder_id: string('The recorder; two recorders of one market differ in it.'),
  session_id: string('The WebSocket connection, sortable by time.'),
  connection: number('Which of the recorder’s connections, from 0.'),
  block_id: string(
    'The Kinesis record: session and first-last frame number. Where a line is about a batch: its first block.',
  ),
  aws_request_id: string('The Lambda invocation.'),
  shard_id: string('The Kinesis shard.'),
  sequence_number: string('The Kinesis record’s sequence number.'),
  table: string('The warehouse table.'),
  program: string('The program that speaks.'),
  version: string('Our version.'),
  git_commit: string('The commit that was built; empty where it is not known.'),
  alarm: string('The alarm’s name.'),
  alarm_state: string('The alarm’s new state: ALARM, OK or INSUFFICIENT_DATA.'),

  // what happened
  attempt: number('Which attempt this was, from 1.'),
  attempts: number('Attempts made in all.'),
  backoff_ms: number('How long is waited before the next attempt.'),
  duration_ms: number('How long it took.'),
  category: string('The failure’s category, see “Categories”.'),
  failure_class: string('The failure’s class, see core/failure.'),
  exception_type: string('The error’s name.'),
  exception_msg: string('The error’s message, one line, bounded, without secrets.'),
  clickhouse_code: number('ClickHouse’s error code.'),
  clock_offset_sec: number('Our clock minus the exchange’s, to a second or so; below 0: ours is behind.'),
  http_status: number('The HTTP status of the answer.'),
  reason: string('Why.'),
  close_code: number('The WebSocket close code; 1006: no close frame.'),
  signal: string('The signal received.'),
  exit_code: number('The code that the process ends with.'),
  faults: strings('Every fault found, one text each.'),
  detail: string('What a person needs beside the fields.'),

  // counts
  kinds: strings('What was kept back, most first, each as kind=count.'),
  rows: number('Rows (frames, where the streamer speaks) concerned.'),
  frames: number('Frames concerned.'),
  blocks: number('Blocks concerned.'),
  bytes: number('Bytes concerned.'),
  records: number('Kinesis records concerned.'),
  duplicates: number('Blocks delivered again and skipped.'),
  rejects: number('Frames or records that could not become rows.'),
  torn: number('Blocks that an earlier attempt had landed in part.'),
  splits: number('Times an insert was split.'),
  count: number('How many.'),
  repeats: number('The same before it since the last such line.'),
  batches: number('Invocations of the sink summed up.'),
  lines: number('Log lines shown.'),
  span_sec: number('The time that the sums cover.'),
  frame_no: number('The frame’s number within its session.'),
  dropped_frames_total: number('Frames received and not kept since the start.'),

  // the exchange
  url: string('The address, without credentials or query.'),
  ws_url: string('The exchange’s WebSocket address, without query.'),
  channel: string('The exchange’s channel.'),
  channels: strings('The exchange’s channels.'),
  sid: number('The exchange’s subscription id.'),
  markets: number('How many markets.'),
  market_tickers: strings('The first few of the markets.'),
  expected_seq: number('The sequence number that was due.'),
  got_seq: number('The sequence number that came.'),
  missing: number('Messages known to be lost.'),
  gap_id: string('The hole’s row in `gaps`.'),
  cause: string('The hole’s cause.'),
  repair: string('How the hole was closed.'),
  error_code: number('The exchange’s error code.'),
  message_type: string('The type of the exchange’s message.'),
  drift: strings('What the exchange sends that we do not know: type:x, field:msg.y, event_type:z.'),

  // health
  last_event_ts: string('Exchange time of the newest event, ISO 8601.'),
  last_ingest_ts: string('When a block was last acknowledged, ISO 8601.'),
  ingest_lag_sec: number('Age of the oldest frame received and not yet acknowledged; 0 where none waits.'),
  rows_buffered: number('Frames received and not yet acknowledged.'),
  rows_written_total: number('Frames acknowledged by Kinesis since the start.'),
  rows_since_last: number('Frames acknowledged since the last heartbeat.'),
  messages_per_sec: number('Frames received per second since the last heartbeat.'),
  frames_received_total: number('Frames received since the start.'),
  ws_state: string('The worst state among the connections.'),
  sessions: number('Connections that are live.'),
  reconnects_total: number('Connections lost since the start.'),
  gaps_open: number('Holes not repaired yet; the probe leaves out those of sessions that ended.'),
  gaps_total: number('Holes since the start.'),
  spool_blocks: number('Blocks waiting on disk.'),
  spool_bytes: number('Bytes waiting on disk.'),
  exchange_lag_sec: number(
    'When the newest event was received minus when the exchange says it happened; below 0: our clock is behind.',
  ),
  log_lines_suppressed: number('Log lines kept back since the last heartbeat.'),
  log_bytes_suppressed: number('Bytes of log lines kept back since the last heartbeat.'),
  log_seq: number('Counts this program’s lines: a missing number is a lost line.'),
  rss_mb: number('Resident memory, MB.'),
  heap_mb: number('Heap in use, MB.'),
  event_loop_delay_ms: number('99th percentile of the event loop’s delay since the last heartbeat.'),

  // the warehouse, as the probe finds it
  rows_ingested_last_5m: counts('Rows that landed in the last five minutes, by table.'),
  newest_row_age_sec: number('How long ago the newest block landed; -1: none ever.'),
  end_to_end_lag_sec: number(
    'From the socket to the table: the slowest of the blocks of the last five minutes; 0: none.',
  ),
  parts: number('Active parts of all tables; -1: not known.'),
  parts_per_partition_max: number(
    'Active parts of the fullest partition: ClickHouse refuses inserts at 3,000; -1: not known.',
  ),
  disk_used_mb: number('What the tables take on disk, MB; -1: not known.'),
  disk_free_mb: number('What is free on the fullest disk, MB; -1: not known.'),

  // settings
  instance_type: string('Where it runs: the EC2 type, FARGATE with its size, or local.'),
  markets_per_connection: number('Markets that one connection takes at most.'),
  publish_queue_max_mb: number('Blocks in memory waiting for Kinesis, at most, MB.'),
  heartbeat_secs: number('The heartbeat’s period.'),
  dead_socket_secs: number('A socket without a byte for this long is dead.'),
  data_silence_secs: number('Without data for this long a sign of life is asked for.'),
  shutdown_timeout_ms: number('Flushing at shutdown may take this long.'),
  log_file: string('The log file, DEBUG and above; empty: none.'),
  log_file_max_mb: number('The log file’s bound over all its generations, MB.'),
  log_bytes_per_minute: number('The byte budget of stdout for what is below ERROR.'),
  ch_url: string('ClickHouse’s address, without credentials.'),
  ch_database: string('ClickHouse’s database.'),
  ch_user: string('ClickHouse’s user.'),
  stream: string('The Kinesis stream.'),
  flush_rows_threshold: number('A block is cut at this many frames.'),
  flush_secs_threshold: number('A block is cut at this age, seconds.'),
  flush_bytes_threshold: number('A block is cut at this many raw bytes.'),
  spool_dir: string('Where blocks wait while Kinesis is away.'),
  spool_full_policy: string('What happens when the spool is full.'),
  spool_max_mb: number('The spool’s bound, MB.'),
  node_version: string('Node’s version.'),
  log_level: string('The lowest level that is logged.'),
  previous_run: string('How the last run ended: clean, crashed or unknown.'),
  use_yes_price: boolean('Whether the no side is quoted in yes prices.'),
} as const satisfies Record<string, Field>;

export type FieldName = keyof typeof FIELDS;

interface ValueOf {
  string: string;
  number: number;
  boolean: boolean;
  strings: readonly string[];
  counts: Readonly<Record<string, number>>;
}

export type FieldValue<F extends FieldName> = ValueOf[(typeof FIELDS)[F]['type']];
