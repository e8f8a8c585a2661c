import { NOT_LIVE_STATES } from './metrics.ts';
import type { Condition, LogQuery } from './query.ts';

/** One thing that goes wrong (or seems to), as an operator meets it: a heading of LOGGING_GUIDE.md and a saved query. */
export interface Pattern {
  readonly title: string;
  readonly symptom: string;
  readonly causes: readonly string[];
  readonly query: LogQuery;
  readonly action: readonly string[];
}

const FAILED = ['category', 'failure_class', 'exception_msg'] as const;

const NOT_LIVE = {
  all: [
    { field: 'event', is: ['heartbeat'] },
    { field: 'ws_state', is: NOT_LIVE_STATES },
  ],
} as const satisfies Condition;

export const PATTERNS = {
  heartbeat_missing: {
    title: 'Heartbeat missing',
    symptom: 'No `heartbeat` of the streamer for minutes.',
    causes: [
      'The streamer is dead: its last lines say why, or there is none (killed: memory, host).',
      'It hangs: the heartbeats before had a growing `event_loop_delay_ms`.',
      'All logs are silent: their delivery, see *Log silence*.',
    ],
    query: {
      where: {
        field: 'event',
        is: ['heartbeat', 'startup_config', 'startup_refused', 'shutdown_complete', 'shutdown_forced', 'crashed'],
      },
      show: ['event', 'reason', 'exception_msg', 'rss_mb', 'event_loop_delay_ms', 'ws_state'],
    },
    action: [
      'Read the service’s events (ECS) or `docker ps -a` for the exit code: 137 is a kill, 70 a crash, 2 the configuration.',
      'Start it again. The hole since its last block is written into `gaps` at the next start.',
    ],
  },
  ingestion_stall: {
    title: 'Ingestion stall',
    symptom:
      '`rows_ingested_last_5m` of `warehouse_heartbeat` is 0 while the streamer’s `messages_per_sec` is above 0; or no `insert_ok` for minutes.',
    causes: [
      'ClickHouse refuses or is away: `sink_batch_failed` and `probe_failed` name the category.',
      'The sink cannot start: `sink_refused` names every fault.',
      'Neither line is there: the event source mapping is disabled, or the function is not invoked.',
    ],
    query: {
      where: {
        field: 'event',
        is: ['sink_batch_failed', 'insert_failed', 'sink_refused', 'probe_failed', 'warehouse_heartbeat', 'heartbeat'],
      },
      show: [
        'event',
        'messages_per_sec',
        'rows_ingested_last_5m.frames',
        'newest_row_age_sec',
        'table',
        'faults',
        ...FAILED,
      ],
    },
    action: [
      'Go to the heading of the `category`.',
      'Without one: look at the mapping’s state and the function’s invocations and throttles.',
      'Nothing is lost as long as the oldest waiting record is younger than the stream’s retention; raise that first if it comes near.',
    ],
  },
  sink_failing: {
    title: 'Sink failing',
    symptom: 'Lambda counts errors, timeouts or throttles of the sink; or `sink_refused`.',
    causes: [
      '`sink_refused`: the configuration.',
      '`platform.report` with `record.status: timeout`: an insert took longer than the function has, see *ClickHouse slow*.',
      '`record.status: error` or `failure` with a `record.errorType`: the bundle does not load, the process died, or memory ran out.',
      'Throttles: the reserved concurrency is below the number of shards.',
    ],
    query: {
      where: {
        any: [
          { field: 'component', is: ['sink', 'clickhouse'] },
          { field: 'event', is: ['probe_failed'] },
          { field: 'type', is: ['platform.report', 'platform.initReport', 'platform.initRuntimeDone'] },
        ],
      },
      show: [
        'level',
        'event',
        'type',
        'record.status',
        'record.errorType',
        'table',
        'duration_ms',
        'faults',
        ...FAILED,
      ],
    },
    action: [
      'Go to the heading of the `category` where our lines have one; else read the platform’s lines of the same log group.',
      'A crash loop after a deployment: deploy the version before. The batch comes again by itself.',
    ],
  },
  ws_flapping: {
    title: 'WebSocket flapping',
    symptom: 'Many `ws_disconnected` or `ws_error`; `reconnects_total` climbs.',
    causes: [
      '`cause: dead_socket`, or `category` dns_resolution, network, connection_refused: the network.',
      '`cause: disconnect` on a Thursday 03:00–05:00 New York: the exchange’s maintenance.',
      '`cause: disconnect` with `close_code: 1006` at other times: the exchange drops what it accepts.',
    ],
    query: {
      where: { field: 'event', is: ['ws_disconnected', 'ws_error'] },
      show: ['event', 'cause', 'close_code', 'category', 'http_status', 'exception_msg', 'backoff_ms'],
    },
    action: ['Remove the cause that the newest lines name. Each lost connection is a row in `gaps` with its window.'],
  },
  exchange_unreachable: {
    title: 'Exchange unreachable',
    symptom: '`ws_state` of the heartbeats is not `live` for minutes; `ws_error` again and again.',
    causes: [
      '`category` dns_resolution or connection_refused: host name, DNS or a wrong port.',
      '`category` timeout or network: a route, a NAT or a security group; or the exchange’s network.',
      '`http_status` 503: see *Exchange maintenance*. `ws_auth_refused`: see *Exchange rejects the key*.',
    ],
    query: {
      where: {
        any: [{ field: 'event', is: ['ws_error', 'ws_auth_refused', 'ws_connecting', 'ws_connected'] }, NOT_LIVE],
      },
      show: ['event', 'ws_state', 'connection', 'attempt', 'url', 'http_status', 'backoff_ms', ...FAILED],
    },
    action: [
      'Try the address from the same subnet: `curl -v https://HOST/trade-api/ws/v2` must answer 401.',
      'No answer there: network. An answer there and none here: proxy, DNS or clock of the task.',
    ],
  },
  exchange_maintenance: {
    title: 'Exchange maintenance',
    symptom: '`ws_error` with `http_status` 500, 502, 503 or 504: the exchange answers, and is not available.',
    causes: ['Its weekly maintenance, Thursday 03:00–05:00 New York.', 'An outage of the exchange.'],
    query: {
      where: {
        any: [
          {
            all: [
              { field: 'event', is: ['ws_error'] },
              { field: 'http_status', is: [500, 502, 503, 504] },
            ],
          },
          {
            all: [
              { field: 'event', is: ['ws_disconnected'] },
              { field: 'cause', is: ['disconnect'] },
            ],
          },
          NOT_LIVE,
        ],
      },
      show: ['event', 'ws_state', 'connection', 'http_status', 'close_code', 'reason', 'backoff_ms'],
    },
    action: [
      'None within the maintenance: the page is held back while the exchange itself says that it is away.',
      'After three hours it pages: read the exchange’s status page, check host and environment.',
    ],
  },
  key_rejected: {
    title: 'Exchange rejects the key',
    symptom: '`ws_auth_refused`: the upgrade is answered with 401 or 403.',
    causes: [
      'The key id and the private key are not a pair, or the key was deleted.',
      'A key of demo at prod, or the reverse.',
      'The clock: the signature carries the time, and the answer is the same 401. `clock_offset_sec` of more than a few seconds says so; near 0 it is the key.',
    ],
    query: {
      where: { field: 'event', is: ['ws_auth_refused'] },
      show: ['event', 'connection', 'attempt', 'http_status', 'clock_offset_sec', 'exception_msg', 'backoff_ms'],
    },
    action: [
      'Compare the secret with the exchange’s account page. With a `clock_offset_sec` far from 0: `chronyc tracking` on the host.',
      'A changed secret is read at the next start only: `aws ecs update-service --force-new-deployment`. The wait between attempts is minutes, on purpose.',
    ],
  },
  subscription_refused: {
    title: 'Exchange refuses a subscription',
    symptom: '`ws_exchange_error` with `error_code` 8, 11, 14 or 26.',
    causes: [
      '8: the channel does not exist any more. 11: a parameter. 14: the channel wants markets.',
      '26: more markets than one subscription may have.',
    ],
    query: {
      where: {
        all: [
          { field: 'event', is: ['ws_exchange_error'] },
          { field: 'error_code', above: 0 },
        ],
      },
      show: ['event', 'connection', 'error_code', 'reason', 'sid'],
    },
    action: [
      'Correct channels or markets of the stage; for 26 lower MARKETS_PER_CONNECTION (its default is in core/contract/streamer-env.ts). The other channels go on.',
    ],
  },
  clock_skew: {
    title: 'Clock skew',
    symptom:
      '`exchange_lag_sec` of the heartbeats is below 0, or stays above some seconds while `ingest_lag_sec` is small.',
    causes: [
      'Below 0: our clock is behind. Above: it is ahead, or the feed reaches us late (an overloaded reader shows gaps too).',
      'Time synchronisation is off: chrony is not running, or the laptop slept.',
    ],
    query: {
      where: { field: 'event', is: ['heartbeat', 'ws_auth_refused'] },
      show: [
        'event',
        'exchange_lag_sec',
        'clock_offset_sec',
        'ingest_lag_sec',
        'event_loop_delay_ms',
        'messages_per_sec',
      ],
    },
    action: [
      'On the host: `chronyc tracking`. `recv_ts` of what was recorded meanwhile is off by `exchange_lag_sec`; `ts` is the exchange’s and right.',
    ],
  },
  memory_limit: {
    title: 'ClickHouse memory limit',
    symptom:
      '`category: memory_limit` in `insert_retry`, `insert_split`, `insert_failed`, `sink_batch_failed` or `probe_failed`.',
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
    causes: [
      'dns_resolution: a typing error (ENOTFOUND), or a resolver that does not answer (EAI_AGAIN).',
      'connection_refused: the host is up and nobody listens: the server is down or the port is wrong.',
      'timeout without any answer: a security group or a route swallows the packets.',
      'network: the socket broke; https spoken to in http does so too.',
    ],
    query: {
      where: { field: 'category', is: ['dns_resolution', 'connection_refused', 'network', 'timeout'] },
      show: ['component', 'event', ...FAILED],
    },
    action: [
      '`component` names the hop: ws the exchange, kinesis the stream, clickhouse, sink and probe the warehouse.',
    ],
  },
  clickhouse_slow: {
    title: 'ClickHouse slow',
    symptom:
      '`duration_ms` of `insert_ok` is seconds; `category: timeout` in `insert_failed` or `probe_failed`; the sink comes near its timeout.',
    causes: ['Merges, a heavy query or a slow disk.', 'No answer at all, not even to the probe: see *DNS or network*.'],
    query: {
      where: {
        any: [
          {
            all: [
              { field: 'event', is: ['insert_ok'] },
              { field: 'duration_ms', above: 5_000 },
            ],
          },
          { field: 'category', is: ['timeout'] },
        ],
      },
      show: ['event', 'duration_ms', 'rows', 'table', 'exception_msg'],
    },
    action: [
      'Look at system.processes, system.merges and the disk. What timed out may be in: the same bytes come again under the same token.',
    ],
  },
  clickhouse_overloaded: {
    title: 'ClickHouse overloaded or too many parts',
    symptom: '`category` too_many_parts or throttled of the sink; `parts_per_partition_max` grows.',
    causes: [
      'Merges do not keep up: a slow disk, or too many small inserts.',
      'Too many queries or connections at a time (202, 203, HTTP 429).',
    ],
    query: {
      where: {
        any: [
          { field: 'event', is: ['warehouse_heartbeat'] },
          {
            all: [
              { field: 'component', is: ['sink', 'clickhouse', 'probe'] },
              { field: 'category', is: ['too_many_parts', 'throttled'] },
            ],
          },
        ],
      },
      show: ['event', 'parts', 'parts_per_partition_max', 'category', 'exception_msg'],
    },
    action: [
      'Stop what else inserts or queries.',
      'Never smaller inserts: raise `maximumBatchingWindow_sec` in core/contract/event-source.ts and deploy.',
    ],
  },
  schema_or_credentials: {
    title: 'Schema missing or credentials refused',
    symptom: '`category` schema or auth of the sink or the probe.',
    causes: [
      'schema: the migrations were not run, or an older version of them; a wrong database name (60, 81).',
      'auth: a wrong password, a secret that was rotated, a missing grant (516, 497).',
    ],
    query: {
      where: {
        all: [
          { field: 'component', is: ['sink', 'clickhouse', 'probe'] },
          { field: 'category', is: ['schema', 'auth'] },
        ],
      },
      show: ['event', 'table', 'clickhouse_code', 'http_status', ...FAILED],
    },
    action: [
      'schema: `npm run migrate`. auth: correct the secret or the grant; functions read the secret when they start, see Secrets in the README.',
      'The same batch comes again by itself afterwards.',
    ],
  },
  disk_full: {
    title: 'ClickHouse disk full or read-only',
    symptom: '`category` disk_full or readonly; `disk_free_mb` falls.',
    causes: [
      'Old partitions were never dropped.',
      'A quota of the user (201).',
      'A replica without Keeper, or a user with readonly=1.',
    ],
    query: {
      where: {
        any: [
          { field: 'event', is: ['warehouse_heartbeat'] },
          { field: 'category', is: ['disk_full', 'readonly'] },
        ],
      },
      show: ['event', 'disk_used_mb', 'disk_free_mb', 'category', 'exception_msg'],
    },
    action: [
      '`ALTER TABLE frames DROP PARTITION …` for what is archived, or enlarge the disk; inserts go on by themselves.',
    ],
  },
  poison_block: {
    title: 'Rows or records set aside',
    symptom: '`record_rejected` or `insert_dropped`; a row in `rejects`.',
    causes: [
      '`record_rejected`: somebody else writes to the stream, or a record is damaged.',
      '`insert_dropped`: ClickHouse refuses a value that we let through.',
    ],
    query: {
      where: { field: 'event', is: ['record_rejected', 'insert_dropped', 'frames_rejected'] },
      show: ['event', 'table', 'reason', 'shard_id', 'sequence_number', 'block_id', 'exception_msg'],
    },
    action: ['Read `rejects`: it holds the bytes and the reason. The others of the batch landed; nothing is blocked.'],
  },
  failure_destination: {
    title: 'Failure destination not empty',
    symptom:
      'The event source delivered a batch to the failure bucket, or dropped it; `newest_row_age_sec` was high for days.',
    causes: ['A batch failed until its records were too old or its retries were used up: a long outage of ClickHouse.'],
    query: {
      where: { field: 'event', is: ['sink_batch_failed', 'insert_failed', 'record_rejected'] },
      show: ['event', 'aws_request_id', 'records', 'blocks', 'table', ...FAILED],
    },
    action: [
      'Remove the cause first. Then deliver each object of the bucket to the sink again: `aws s3 cp s3://BUCKET/KEY - | jq -r .payload > event.json && aws lambda invoke --function-name SINK --cli-binary-format raw-in-base64-out --payload file://event.json answer.json`. Blocks that are there already are skipped; an empty `batchItemFailures` in the answer says that all landed.',
      'Dropped without a copy: before its retention ends read the stream again, by a second event source mapping on the sink with `--starting-position AT_TIMESTAMP`; delete it when it has caught up.',
    ],
  },
  kinesis_throttling: {
    title: 'Kinesis throttling or away',
    symptom: '`publish_retry`, then `publish_failed`; `spool_blocks` grows.',
    causes: [
      '`category: throttled`: too few shards.',
      'Anything else: Kinesis or the way to it is down, or the role may not write.',
      '`spool_unavailable`: SPOOL_DIR cannot be opened; what Kinesis does not take is in memory only, until it is full.',
    ],
    query: {
      where: { field: 'component', is: ['kinesis', 'spool'] },
      show: ['event', 'blocks', 'spool_blocks', ...FAILED],
    },
    action: [
      'Throttled: more shards.',
      'Else wait: blocks are on disk and drain by themselves (`spool_drained`).',
      '`ws_frame_dropped` with `reason: spool_full` is loss: enlarge SPOOL_MAX_MB (`spoolMb` of a stage).',
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
  frames_lost: {
    title: 'Frames lost: spool, disk, shutdown',
    symptom: '`ws_frame_dropped`, `shutdown_forced` or `spool_damaged`.',
    causes: [
      '`ws_frame_dropped` with `spool_full`: Kinesis was away for longer than SPOOL_MAX_MB holds, or the disk is full.',
      '`ws_frame_dropped` with `frame_oversize`: one message was larger than a block.',
      '`shutdown_forced`: Kinesis and the disk did not take the last frames in time.',
      '`spool_damaged`: the disk.',
    ],
    query: {
      where: { field: 'event', is: ['ws_frame_dropped', 'shutdown_forced', 'spool_damaged', 'publish_failed'] },
      show: ['event', 'reason', 'frames', 'bytes', 'rows_buffered', 'block_id', 'exception_msg'],
    },
    action: [
      'Bring Kinesis back. `gaps` names the frame numbers that are missing; trades can be asked for by REST, books cannot.',
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
      'Overflow: look at `event_loop_delay_ms`; more CPU (`compute` of a stage), or fewer markets per recorder. Else none: repairs run by themselves.',
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
          { field: 'cause', is: ['data_silence', 'dead_socket', 'no_reply'] },
          {
            all: [
              { field: 'event', is: ['heartbeat'] },
              { field: 'messages_per_sec', is: [0] },
            ],
          },
        ],
      },
      show: ['event', 'cause', 'duration_ms', 'connection', 'ws_state', 'messages_per_sec', 'ingest_lag_sec'],
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
    symptom: '`startup_config` with `previous_run` crashed or unknown, more than once.',
    causes: [
      '`crashed` names the error and its stack.',
      'No `crashed` before the start: it was killed (memory, kill -9, host).',
      '`startup_refused`: the configuration.',
      '`unknown`: a new task on ECS, whose disk is new: one that replaces a dead one, or a deployment. Three of those within a quarter of an hour look like a loop; `shutdown_complete` of the old task says that they are none.',
    ],
    query: {
      where: {
        field: 'event',
        is: ['crashed', 'startup_config', 'startup_refused', 'shutdown_forced', 'shutdown_complete'],
      },
      show: ['event', 'previous_run', 'exception_msg', 'faults', 'version'],
    },
    action: [
      'Remove the error, or go back to the last `version` that lived. The hole that each crash left is in `gaps` (recorder_crashed).',
    ],
  },
  clean_deploy: {
    title: 'Clean deploy',
    symptom:
      '`received_signal`, `shutdown_requested`, `shutdown_complete`, then `startup_config` with `previous_run: clean`. On ECS the new task comes first, with `previous_run: unknown` on its new disk, and then the old one’s `received_signal`: for some seconds both record.',
    causes: ['A deployment, or somebody stopped the service.'],
    query: {
      where: { field: 'event', is: ['received_signal', 'shutdown_requested', 'shutdown_complete', 'startup_config'] },
      show: ['event', 'signal', 'duration_ms', 'rows_buffered', 'previous_run'],
    },
    action: ['None.'],
  },
  probe_silent: {
    title: 'Warehouse probe silent',
    symptom: 'Neither `warehouse_heartbeat` nor `probe_failed` for minutes.',
    causes: [
      '`probe_refused`: its configuration.',
      'Its schedule is off, or it ends in a timeout or a crash before it can say anything: the platform’s lines.',
    ],
    query: {
      where: { field: 'component', is: ['probe'] },
      show: ['level', 'event', 'faults', 'newest_row_age_sec', 'duration_ms', ...FAILED],
    },
    action: ['Correct it. Meanwhile: `SELECT max(landed_at) FROM kalshi.blocks`.'],
  },
  telling_failed: {
    title: 'Alarm could not be told',
    symptom: '`notification_failed`, or `notify_refused`.',
    causes: ['The webhook’s address or secret changed.', 'The chat service is away.', 'The notifier’s configuration.'],
    query: {
      where: { field: 'component', is: ['notify'] },
      show: ['level', 'event', 'alarm', 'alarm_state', 'channel', 'faults', ...FAILED],
    },
    action: [
      'Look at the alarms in CloudWatch itself, then correct the channel. The plain e-mail does not go through the notifier; the one with the evidence does.',
    ],
  },
  emf_errors: {
    title: 'EMF errors',
    symptom: 'AWS/Logs counts EMFParsingErrors or EMFValidationErrors in the sink’s log group.',
    causes: [
      'A line with `_aws` that is cut off, larger than CloudWatch takes, or dated outside what it accepts: `filter @message like "_aws"` shows them.',
    ],
    query: {
      where: { field: 'event', is: ['insert_ok', 'sink_started'] },
      show: ['event', 'version', 'frames', 'rows', 'batches'],
    },
    action: [
      'Compare the metric FramesLanded with the sum of `frames` here; the lines are right, the metric is too low.',
    ],
  },
  cost_guard: {
    title: 'Log volume',
    symptom: 'More bytes in an hour than the budget; or `log_suppressed` for a quarter of an hour.',
    causes: [
      'LOG_LEVEL is DEBUG.',
      'A fault repeats: `kinds` of `log_suppressed` names it. ERROR and above are never kept back.',
    ],
    query: {
      where: { field: 'level', is: ['DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL'] },
      show: ['event'],
      countBy: ['component', 'event', 'level'],
    },
    action: [
      'Remove the fault that repeats (`filter event = "log_suppressed" | fields kinds.0, kinds.1, kinds.2`), or set LOG_LEVEL back to INFO (`logLevel` of a stage).',
    ],
  },
  log_silence: {
    title: 'Log silence',
    symptom: 'No line of a program for minutes, not even its heartbeat, while rows land.',
    causes: [
      'The program is dead: its alarm pages.',
      'Its log is not delivered: `log_seq` jumps where lines were lost; the warehouse goes on filling.',
    ],
    query: {
      where: { field: 'event', is: ['heartbeat', 'insert_ok', 'warehouse_heartbeat'] },
      show: ['event', 'log_seq', 'rows_written_total', 'frames', 'newest_row_age_sec'],
    },
    action: [
      'Ask the warehouse: `SELECT max(landed_at) FROM kalshi.blocks`. If it moves, look at the log driver; if not, the program is dead.',
    ],
  },
} as const satisfies Record<string, Pattern>;

export type PatternName = keyof typeof PATTERNS;
