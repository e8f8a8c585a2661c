import type { AwsMetricName } from './aws-metrics.ts';
import type { EventName } from './events.ts';
import type { MetricName } from './metrics.ts';
import type { PatternName } from './patterns.ts';
import type { ThresholdName } from './thresholds.ts';

/** page: somebody gets up. ticket: somebody looks in working hours. */
export type Severity = 'page' | 'ticket';
type Statistic = 'Sum' | 'Minimum' | 'Maximum' | 'Average';

/** One series: a metric of ours or one of AWS's, by the statistic of a period. */
export interface Series {
  readonly metric: MetricName | AwsMetricName;
  readonly statistic: Statistic;
}

/** Metric math over named series; `{name}` stands for that threshold, `{sink_timeout_ms}` for the sink’s timeout. */
export interface Expression {
  readonly expression: string;
  readonly inputs: Readonly<Record<string, Series>>;
}

/** An alarm on numbers: fires when `m` of the last `n` periods satisfy the comparison. */
export interface Alarm {
  readonly severity: Severity;
  readonly of: Series | Expression;
  readonly period_sec: number;
  readonly comparison: 'above' | 'at_least' | 'below';
  readonly threshold: number | ThresholdName;
  readonly m: number | ThresholdName;
  readonly n: number | ThresholdName;
  /** What a period without data counts as, and why. */
  readonly missing: { readonly as: 'breaching' | 'notBreaching'; readonly because: string };
  /** The heading of LOGGING_GUIDE.md. */
  readonly pattern: PatternName;
  /** What is true while it fires. */
  readonly means: string;
  /** What to do first. */
  readonly action: string;
}

const COUNTED = { as: 'notBreaching', because: 'Nothing was counted: nothing happened.' } as const;
const NO_HEARTBEAT = { as: 'notBreaching', because: 'Without heartbeats heartbeat_missing speaks.' } as const;
const NO_PROBE = { as: 'notBreaching', because: 'Without the probe’s lines probe_silent speaks.' } as const;
const UNUSED = { as: 'notBreaching', because: 'AWS writes no data where nothing is read or invoked.' } as const;

const MINUTE = 60;
const FIVE_MINUTES = 300;
const QUARTER = 900;
const HOUR = 3_600;

const sum = (metric: MetricName | AwsMetricName): Series => ({ metric, statistic: 'Sum' });
const most = (metric: MetricName | AwsMetricName): Series => ({ metric, statistic: 'Maximum' });
const least = (metric: MetricName | AwsMetricName): Series => ({ metric, statistic: 'Minimum' });

/** A count that is 0 where nothing was counted: else the last count that was still too high would be found again. */
const count = (metric: MetricName): Expression => ({ expression: 'FILL(count, 0)', inputs: { count: sum(metric) } });

/** At least one in the window: what must not happen at all. */
const ONCE = { period_sec: FIVE_MINUTES, comparison: 'at_least', threshold: 1, m: 1, n: 1, missing: COUNTED } as const;
/** In three of five minutes: what passes by itself is not told. */
const PERSISTS = { period_sec: MINUTE, comparison: 'at_least', threshold: 1, m: 3, n: 5, missing: COUNTED } as const;
/** In two of three minutes: what does not pass by itself, short of a deployment under way. */
const AT_ONCE = { period_sec: MINUTE, comparison: 'at_least', threshold: 1, m: 2, n: 3, missing: COUNTED } as const;

const HELD = 'Nothing is lost while the stream keeps it.';

export const ALARMS = {
  // the streamer
  heartbeat_missing: {
    severity: 'page',
    of: sum('Heartbeats'),
    period_sec: MINUTE,
    comparison: 'below',
    threshold: 1,
    m: 3,
    n: 3,
    missing: { as: 'breaching', because: 'A dead streamer writes no zeros: silence is the fault itself.' },
    pattern: 'heartbeat_missing',
    means: 'No heartbeat for three minutes: the streamer is dead or hangs, and nothing is recorded.',
    action: 'Look at the service’s events and at the last lines before the silence.',
  },
  crash_loop: {
    severity: 'page',
    of: count('UncleanStarts'),
    period_sec: QUARTER,
    comparison: 'at_least',
    threshold: 'unclean_starts',
    m: 1,
    n: 1,
    missing: COUNTED,
    pattern: 'crash_loop',
    means: 'The streamer starts again and again without having ended cleanly; each time there is a hole.',
    action: 'Read `crashed` or `startup_refused`; go back to the last version that lived.',
  },
  streamer_critical: {
    severity: 'page',
    of: sum('StreamerCritical'),
    ...ONCE,
    pattern: 'crash_loop',
    means: 'The streamer said that it dies or cannot start.',
    action: 'Read the CRITICAL line: `startup_refused` names every fault, `crashed` holds the stack.',
  },
  streamer_restarted: {
    severity: 'ticket',
    of: sum('CrashedStarts'),
    ...ONCE,
    pattern: 'crash_loop',
    means: 'The streamer started after a run that did not end cleanly. The hole is in `gaps` (recorder_crashed).',
    action: 'Find out what ended it: memory, host, or a `crashed` line.',
  },
  frames_lost: {
    severity: 'ticket',
    of: sum('FramesLost'),
    ...ONCE,
    pattern: 'frames_lost',
    means: 'Frames that were received are lost: a forced shutdown, a damaged spool file, or more than a block holds.',
    action: 'Read the line’s `reason`; `gaps` names what is missing.',
  },

  // the exchange
  not_live: {
    severity: 'page',
    of: sum('NotLive'),
    period_sec: MINUTE,
    comparison: 'at_least',
    threshold: 1,
    m: 4,
    n: 5,
    missing: NO_HEARTBEAT,
    pattern: 'exchange_unreachable',
    means: 'For minutes a connection to the exchange is not live: its markets are not recorded.',
    action: 'Read the newest `ws_error`: its category says whether name, network or exchange is at fault.',
  },
  ws_flapping: {
    severity: 'page',
    of: count('Disconnects'),
    period_sec: QUARTER,
    comparison: 'at_least',
    threshold: 'reconnects',
    m: 1,
    n: 1,
    missing: COUNTED,
    pattern: 'ws_flapping',
    means: 'Connections to the exchange are lost again and again; each loss is a hole.',
    action: 'Read `cause` and `close_code` of the newest `ws_disconnected`.',
  },
  key_rejected: {
    severity: 'page',
    of: sum('KeyRejected'),
    period_sec: QUARTER,
    comparison: 'at_least',
    threshold: 1,
    m: 1,
    n: 1,
    missing: {
      as: 'notBreaching',
      because: 'The key is tried again every ten minutes at the latest: none in 15 is none.',
    },
    pattern: 'key_rejected',
    means: 'The exchange refuses our key. Nothing is recorded on that connection.',
    action: 'Check key id, private key, environment (prod or demo) and the clock.',
  },
  exchange_unavailable: {
    severity: 'ticket',
    of: count('ExchangeUnavailable'),
    period_sec: FIVE_MINUTES,
    comparison: 'at_least',
    threshold: 3,
    m: 1,
    n: 1,
    missing: COUNTED,
    pattern: 'exchange_maintenance',
    means: 'The exchange answers, and says that it is not available.',
    action: 'None during its maintenance (Thursday 03:00–05:00 New York); else read its status page.',
  },
  not_live_for_hours: {
    severity: 'page',
    of: sum('NotLive'),
    period_sec: FIVE_MINUTES,
    comparison: 'at_least',
    threshold: 1,
    m: 36,
    n: 36,
    missing: NO_HEARTBEAT,
    pattern: 'exchange_maintenance',
    means: 'For three hours a connection to the exchange has not been live: longer than any maintenance.',
    action: 'Ask the exchange; check that host and environment are still the ones it serves.',
  },
  dead_feed: {
    severity: 'ticket',
    of: sum('DeadFeeds'),
    ...ONCE,
    pattern: 'quiet_or_dead',
    means: 'A connection went silent without a close and was replaced. The hole is in `gaps`.',
    action: 'None for one. Several a day: look for a NAT or firewall that forgets connections.',
  },
  subscription_refused: {
    severity: 'ticket',
    of: sum('SubscriptionsRefused'),
    ...ONCE,
    pattern: 'subscription_refused',
    means: 'The exchange does not give what the configuration asks for; that channel is not recorded.',
    action: 'Read `error_code` and `reason`; correct channels or markets of the stage.',
  },
  gap_storm: {
    severity: 'page',
    of: count('Holes'),
    period_sec: QUARTER,
    comparison: 'at_least',
    threshold: 'gaps',
    m: 1,
    n: 1,
    missing: COUNTED,
    pattern: 'gap_storm',
    means: 'Messages are missing again and again within living connections: books are suspect most of the time.',
    action: 'Read `cause` of `ws_gap`: exchange_overflow means that we read too slowly.',
  },
  slow_consumer: {
    severity: 'ticket',
    of: sum('Overflows'),
    ...ONCE,
    pattern: 'gap_storm',
    means: 'The exchange ended a subscription because we read too slowly (error 25). It is subscribed anew.',
    action: 'Look at `event_loop_delay_ms`; more CPU, or fewer markets per connection.',
  },
  clock_skew: {
    severity: 'ticket',
    of: { expression: 'ABS(lag)', inputs: { lag: { metric: 'ExchangeLag', statistic: 'Average' } } },
    period_sec: MINUTE,
    comparison: 'above',
    threshold: 'clock_skew_sec',
    m: 3,
    n: 5,
    missing: NO_HEARTBEAT,
    pattern: 'clock_skew',
    means: 'Our clock and the exchange’s differ by seconds: `recv_ts` is wrong, and the key will be refused soon.',
    action: 'Check time synchronisation of the host (chrony).',
  },

  // the stream
  ingest_lag: {
    severity: 'page',
    of: most('PublishLag'),
    period_sec: MINUTE,
    comparison: 'above',
    threshold: 'ingest_lag_sec',
    m: 3,
    n: 5,
    missing: NO_HEARTBEAT,
    pattern: 'lag_growing',
    means: 'Frames are received, and Kinesis does not take them in time.',
    action: 'Look at `publish_retry` and `publish_failed`: throttled, unreachable or not allowed.',
  },
  spool_not_empty: {
    severity: 'page',
    of: least('SpoolBlocks'),
    period_sec: MINUTE,
    comparison: 'above',
    threshold: 0,
    m: 'spool_minutes',
    n: 'spool_minutes',
    missing: NO_HEARTBEAT,
    pattern: 'kinesis_throttling',
    means: 'Blocks have waited on the streamer’s disk for many minutes: Kinesis is away or takes too little.',
    action: 'Bring Kinesis back or add shards; the spool drains by itself.',
  },
  frames_dropped: {
    severity: 'page',
    of: sum('FramesDropped'),
    ...ONCE,
    pattern: 'frames_lost',
    means: 'Frames are being lost now: Kinesis is away and the spool is full.',
    action: 'Bring Kinesis back; enlarge SPOOL_MAX_MB afterwards.',
  },
  spool_unavailable: {
    severity: 'ticket',
    of: sum('SpoolUnavailable'),
    ...ONCE,
    pattern: 'kinesis_throttling',
    means:
      'The streamer started without its spool: what Kinesis does not take is kept in memory only. Nothing is lost.',
    action: 'Read `exception_msg` of `spool_unavailable`; correct SPOOL_DIR or its disk and start the streamer again.',
  },
  kinesis_throttled: {
    severity: 'ticket',
    of: sum('PublishThrottled'),
    ...PERSISTS,
    pattern: 'kinesis_throttling',
    means: 'Kinesis throttles the streamer’s requests. They are sent again; nothing is lost yet.',
    action: 'Add shards: expectedMessagesPerSecond of the stage.',
  },
  stream_throttled: {
    severity: 'ticket',
    of: sum('StreamThrottled'),
    ...PERSISTS,
    missing: UNUSED,
    pattern: 'kinesis_throttling',
    means: 'The stream refuses records beyond its throughput, whoever writes them.',
    action: 'Add shards; find out whether somebody else writes to the stream.',
  },
  iterator_age: {
    severity: 'page',
    of: {
      expression: 'IF(age > {iterator_age_sec} * 1000 AND DIFF(age) > 0, 1, 0)',
      inputs: { age: most('StreamIteratorAge') },
    },
    period_sec: MINUTE,
    comparison: 'at_least',
    threshold: 1,
    m: 4,
    n: 5,
    missing: UNUSED,
    pattern: 'ingestion_stall',
    means: `Records wait for the sink for minutes, and longer each minute. ${HELD}`,
    action: 'Look for `sink_batch_failed`; without any, at the event source mapping’s state.',
  },
  retention_at_risk: {
    severity: 'page',
    of: { expression: 'age / 3600000', inputs: { age: most('StreamIteratorAge') } },
    period_sec: FIVE_MINUTES,
    comparison: 'above',
    threshold: 'retention_risk_hours',
    m: 3,
    n: 5,
    missing: UNUSED,
    pattern: 'ingestion_stall',
    means: 'The record that the sink is at has spent a good part of the stream’s retention: the rest is at risk.',
    action: 'Raise the stream’s retention now; then remove the cause.',
  },
  batches_dropped: {
    severity: 'page',
    of: sum('BatchesDropped'),
    ...ONCE,
    missing: UNUSED,
    pattern: 'failure_destination',
    means: 'The event source gave records up without keeping them: they are in the stream until it forgets them.',
    action: 'Read them again from the stream (AT_TIMESTAMP) before the retention ends.',
  },
  failure_destination: {
    severity: 'ticket',
    of: sum('FailureDelivered'),
    ...ONCE,
    missing: UNUSED,
    pattern: 'failure_destination',
    means: 'The event source gave a batch up; its records lie in the failure bucket and not in the warehouse.',
    action: 'Remove the cause, then deliver the objects of the bucket again.',
  },

  // the sink and ClickHouse
  sink_critical: {
    severity: 'page',
    of: sum('SinkCritical'),
    ...ONCE,
    pattern: 'sink_failing',
    means: `The sink cannot start. ${HELD}`,
    action: 'Correct every fault that `sink_refused` names.',
  },
  sink_errors: {
    severity: 'page',
    of: sum('SinkErrors'),
    ...PERSISTS,
    missing: UNUSED,
    pattern: 'sink_failing',
    means: `Invocations of the sink end without an answer: a timeout, a crash, or no start. ${HELD}`,
    action: 'Read the function’s last lines: a timeout and a crash are said by the platform, not by us.',
  },
  sink_throttles: {
    severity: 'ticket',
    of: sum('SinkThrottles'),
    ...PERSISTS,
    missing: UNUSED,
    pattern: 'sink_failing',
    means: 'Lambda throttles the sink: its concurrency is used up.',
    action: 'Raise the reserved concurrency to the number of shards at least.',
  },
  sink_near_timeout: {
    severity: 'ticket',
    of: { expression: 'duration / {sink_timeout_ms} * 100', inputs: { duration: most('SinkDuration') } },
    period_sec: MINUTE,
    comparison: 'above',
    threshold: 'sink_duration_percent',
    m: 3,
    n: 5,
    missing: UNUSED,
    pattern: 'clickhouse_slow',
    means: 'Invocations of the sink need nearly all of their time.',
    action: 'Look at ClickHouse’s load before raising the timeout.',
  },
  inserts_slow: {
    severity: 'ticket',
    of: { expression: 'duration / 1000', inputs: { duration: most('InsertDuration') } },
    period_sec: MINUTE,
    comparison: 'above',
    threshold: 'insert_duration_sec',
    m: 3,
    n: 5,
    missing: COUNTED,
    pattern: 'clickhouse_slow',
    means: 'Batches land, but slowly.',
    action: 'Look at system.merges, the disk and other queries.',
  },
  clickhouse_memory: {
    severity: 'page',
    of: sum('ClickHouseMemory'),
    ...PERSISTS,
    pattern: 'memory_limit',
    means: `ClickHouse gives inserts up for want of memory. ${HELD}`,
    action: '`failure_class` says whose limit it is: memory_query or memory_server.',
  },
  clickhouse_memory_tight: {
    severity: 'ticket',
    of: sum('InsertSplits'),
    ...PERSISTS,
    pattern: 'memory_limit',
    means: 'Batches land only in halves: a query’s memory is too small for them.',
    action: 'Raise max_memory_usage for the sink’s user.',
  },
  clickhouse_unreachable: {
    severity: 'page',
    of: sum('ClickHouseUnreachable'),
    ...PERSISTS,
    pattern: 'dns_or_network',
    means: `ClickHouse cannot be reached: refused, name not resolved, or the way is broken. ${HELD}`,
    action: 'Read `category` and `exception_msg`: they name server, name or route.',
  },
  clickhouse_slow: {
    severity: 'page',
    of: sum('ClickHouseSlow'),
    ...PERSISTS,
    pattern: 'clickhouse_slow',
    means: `ClickHouse does not answer in time. ${HELD}`,
    action: 'Look at its load; a connection that is not even opened is a security group.',
  },
  clickhouse_refuses: {
    severity: 'page',
    of: sum('ClickHouseRefuses'),
    ...AT_ONCE,
    pattern: 'schema_or_credentials',
    means: `ClickHouse refuses us: credentials, rights, or a table that is missing. ${HELD}`,
    action: 'Run the migrations, or correct the secret or the grant.',
  },
  clickhouse_full: {
    severity: 'page',
    of: sum('ClickHouseFull'),
    ...AT_ONCE,
    pattern: 'disk_full',
    means: `ClickHouse takes no writes: its disk is full, a quota is used up, or it is read-only. ${HELD}`,
    action: 'Make room or end the read-only state; inserts go on by themselves.',
  },
  clickhouse_overloaded: {
    severity: 'page',
    of: sum('ClickHouseOverloaded'),
    ...PERSISTS,
    pattern: 'clickhouse_overloaded',
    means: `ClickHouse has too many parts, queries or connections. ${HELD}`,
    action: 'Look at system.merges and system.processes.',
  },
  clickhouse_other: {
    severity: 'page',
    of: sum('ClickHouseOther'),
    ...PERSISTS,
    pattern: 'sink_failing',
    means: `Batches are given up for a reason that has no alarm of its own. ${HELD}`,
    action: 'Read `failure_class` and `exception_msg`.',
  },
  warehouse_stall: {
    severity: 'page',
    of: {
      expression: 'IF(FILL(landed, 1) < 1 AND FILL(received, 0) > 0, 1, 0)',
      inputs: { landed: most('FramesInLast5Min'), received: most('MessagesPerSecond') },
    },
    period_sec: MINUTE,
    comparison: 'at_least',
    threshold: 1,
    m: 3,
    n: 5,
    missing: NO_PROBE,
    pattern: 'ingestion_stall',
    means: `For five minutes nothing has landed in ClickHouse while the streamer receives. ${HELD}`,
    action: 'Look for `sink_batch_failed`; without any, at the event source mapping’s state.',
  },
  set_aside: {
    severity: 'ticket',
    of: sum('SetAside'),
    ...ONCE,
    pattern: 'poison_block',
    means: 'A record or a row was set aside in `rejects`, with its bytes; the others landed.',
    action: 'Read `rejects`.',
  },
  schema_drift: {
    severity: 'ticket',
    of: sum('SchemaDrift'),
    ...ONCE,
    pattern: 'schema_drift',
    means: 'The exchange sends what we do not know. Every byte is kept in `frames`.',
    action: 'Compare `drift` and `reason` with its changelog; extend core/kalshi/messages.ts.',
  },
  parts_high: {
    severity: 'ticket',
    of: most('PartsPerPartition'),
    period_sec: MINUTE,
    comparison: 'above',
    threshold: 'parts_per_partition',
    m: 3,
    n: 5,
    missing: NO_PROBE,
    pattern: 'clickhouse_overloaded',
    means: 'Merges fall behind: at 3,000 parts in a partition ClickHouse refuses inserts.',
    action: 'Look at system.merges and the disk; raise the batching window.',
  },
  disk_low: {
    severity: 'ticket',
    of: least('DiskFree'),
    period_sec: MINUTE,
    comparison: 'below',
    threshold: 'disk_free_mb',
    m: 3,
    n: 5,
    missing: NO_PROBE,
    pattern: 'disk_full',
    means: 'ClickHouse’s disk is nearly full.',
    action: 'Add space or drop old partitions before inserts are refused.',
  },

  // the watching itself
  probe_silent: {
    severity: 'page',
    of: sum('ProbeAnswers'),
    period_sec: MINUTE,
    comparison: 'below',
    threshold: 1,
    m: 5,
    n: 5,
    missing: { as: 'breaching', because: 'A probe that does not run writes nothing: silence is the fault itself.' },
    pattern: 'probe_silent',
    means: 'The probe has said nothing for five minutes: nobody knows whether the warehouse fills.',
    action: 'Look at the probe’s schedule and its errors; meanwhile ask the warehouse yourself.',
  },
  probe_critical: {
    severity: 'page',
    of: sum('ProbeCritical'),
    ...ONCE,
    pattern: 'probe_silent',
    means: 'The probe cannot start: the warehouse is not watched.',
    action: 'Correct every fault that `probe_refused` names.',
  },
  log_silence: {
    severity: 'page',
    of: {
      expression: 'IF((FILL(heartbeats, 0) < 1 OR FILL(inserts, 0) < 1) AND FILL(age, 86400) < 90, 1, 0)',
      inputs: { heartbeats: sum('Heartbeats'), inserts: sum('Inserts'), age: most('NewestRowAge') },
    },
    period_sec: MINUTE,
    comparison: 'at_least',
    threshold: 1,
    m: 3,
    n: 3,
    missing: NO_PROBE,
    pattern: 'log_silence',
    means: 'Rows land, but the streamer’s or the sink’s lines do not arrive: the recorder works and is not seen.',
    action: 'Look at the log driver and the log group, not at the program.',
  },
  telling_failed: {
    severity: 'page',
    of: sum('TellingFailed'),
    ...ONCE,
    pattern: 'telling_failed',
    means: 'An alarm could not be told on a channel, or the notifier cannot start.',
    action: 'Look into CloudWatch for what is in alarm; then correct webhook or topic.',
  },
  emf_errors: {
    severity: 'ticket',
    of: {
      expression: 'FILL(parsing, 0) + FILL(validation, 0)',
      inputs: { parsing: sum('EmfParsingErrors'), validation: sum('EmfValidationErrors') },
    },
    ...ONCE,
    missing: { as: 'notBreaching', because: 'AWS writes these only when there is an error.' },
    pattern: 'emf_errors',
    means: 'CloudWatch could not read metrics out of the sink’s lines: its numbers on the dashboard are too low.',
    action: 'Find the line that holds `_aws` and is not valid.',
  },
  log_bytes: {
    severity: 'ticket',
    of: {
      expression: '(FILL(streamer, 0) + FILL(sink, 0) + FILL(probe, 0) + FILL(notify, 0)) / 1000000',
      inputs: {
        streamer: sum('StreamerLogBytes'),
        sink: sum('SinkLogBytes'),
        probe: sum('ProbeLogBytes'),
        notify: sum('NotifyLogBytes'),
      },
    },
    period_sec: HOUR,
    comparison: 'above',
    threshold: 'log_mb_per_hour',
    m: 1,
    n: 1,
    missing: { as: 'notBreaching', because: 'No line costs nothing.' },
    pattern: 'cost_guard',
    means: 'The programs log more in an hour than the budget allows: it costs money.',
    action: 'Count lines by event; take LOG_LEVEL back to INFO.',
  },
  lines_suppressed: {
    severity: 'ticket',
    of: sum('LinesSuppressed'),
    period_sec: FIVE_MINUTES,
    comparison: 'at_least',
    threshold: 1,
    m: 3,
    n: 3,
    missing: COUNTED,
    pattern: 'cost_guard',
    means: 'For a quarter of an hour lines have been kept back: something repeats.',
    action: 'Read `kinds` of `log_suppressed`.',
  },
} as const satisfies Record<string, Alarm>;

export type AlarmName = keyof typeof ALARMS;

/** ERROR and CRITICAL events that no alarm counts, and why that is right. A test holds this complete and minimal. */
export const ERRORS_WITHOUT_ALARM: Readonly<Partial<Record<EventName, string>>> = {};
