import type { AlarmName, Severity } from './alarms.ts';
import type { PatternName } from './patterns.ts';

/** What must be in ALARM, by name of alarms and composites. */
export type Rule = { readonly anyOf: readonly string[] } | { readonly allOf: readonly string[] };

/** One cause, told once: alarms in a composite do not act themselves, the composite does. */
export interface Composite {
  /** `none`: tells nobody; others are suppressed by it. */
  readonly severity: Severity | 'none';
  readonly rule: Rule;
  /** While this alarm fires, nothing is told: it tells the cause. */
  readonly suppressor?: string;
  readonly pattern: PatternName;
  readonly means: string;
  readonly action: string;
}

/** A suppressor may be this much later than what it suppresses, seconds. */
export const SUPPRESSOR_WAIT_SEC = 120;
/** What a suppressor explains may outlive it by this much, seconds: an alarm of five minutes, and until what waited has landed. */
export const SUPPRESSOR_EXTENSION_SEC = 420;

const anyOf = <const N extends AlarmName | CompositeName>(...names: readonly N[]) => ({ anyOf: names });
const allOf = <const N extends AlarmName | CompositeName>(...names: readonly N[]) => ({ allOf: names });

/** Later ones may name earlier ones. */
export const COMPOSITES: Readonly<Record<CompositeName, Composite>> = {
  streamer_down: {
    severity: 'page',
    rule: anyOf('heartbeat_missing', 'crash_loop', 'streamer_critical'),
    suppressor: 'log_silence' satisfies AlarmName,
    pattern: 'heartbeat_missing',
    means: 'The streamer is dead, hangs or does not stay up: nothing is recorded.',
    action: 'Look at the service’s events and the streamer’s last lines. If all logs are silent, it is their delivery.',
  },
  upstream_of_exchange: {
    severity: 'none',
    rule: anyOf('streamer_down', 'exchange_unavailable'),
    pattern: 'exchange_maintenance',
    means: 'What keeps the exchange away is known: the streamer is down, or the exchange says that it is.',
    action: 'None: the cause has its own alarm.',
  },
  exchange_closed: {
    severity: 'ticket',
    rule: anyOf('exchange_unavailable'),
    pattern: 'exchange_maintenance',
    means: 'The exchange answers, and says that it is not available.',
    action: 'None during its maintenance (Thursday 03:00–05:00 New York); else read its status page.',
  },
  exchange_down: {
    severity: 'page',
    rule: anyOf('not_live', 'ws_flapping', 'key_rejected'),
    suppressor: 'upstream_of_exchange' satisfies CompositeName,
    pattern: 'exchange_unreachable',
    means: 'The streamer lives, but its connection to the exchange does not hold: markets are not recorded.',
    action: 'Read the newest `ws_error`, `ws_auth_refused` or `ws_disconnected`: network, key or exchange.',
  },
  exchange_away: {
    severity: 'page',
    rule: allOf('not_live_for_hours', 'exchange_unavailable'),
    pattern: 'exchange_maintenance',
    means: 'The exchange has said for three hours that it is not available: this is no maintenance.',
    action: 'Read its status page; check host and environment.',
  },
  feed_replaced: {
    severity: 'ticket',
    rule: anyOf('dead_feed'),
    suppressor: 'exchange_down' satisfies CompositeName,
    pattern: 'quiet_or_dead',
    means: 'A connection went silent without a close and was replaced. The hole is in `gaps`.',
    action: 'None for one. Several a day: look for a NAT or firewall that forgets connections.',
  },
  publish_down: {
    severity: 'page',
    rule: anyOf('ingest_lag', 'spool_not_empty', 'frames_dropped'),
    suppressor: 'streamer_down' satisfies CompositeName,
    pattern: 'kinesis_throttling',
    means:
      'The streamer receives, and Kinesis does not take it in time; blocks wait on disk, or are lost if it is full.',
    action: 'Read `publish_failed`: throttled means shards; else network, role or AWS.',
  },
  throttled: {
    severity: 'ticket',
    rule: anyOf('kinesis_throttled', 'stream_throttled'),
    suppressor: 'publish_down' satisfies CompositeName,
    pattern: 'kinesis_throttling',
    means: 'Kinesis throttles. Everything gets through so far.',
    action: 'Add shards: expectedMessagesPerSecond of the stage.',
  },
  reading_slowly: {
    severity: 'none',
    rule: anyOf('slow_consumer', 'gap_storm', 'ingest_lag'),
    pattern: 'gap_storm',
    means: 'We are late by ourselves: the lag to the exchange’s clock says nothing of clocks.',
    action: 'None: the cause has its own alarm.',
  },
  clocks_differ: {
    severity: 'ticket',
    rule: anyOf('clock_skew'),
    suppressor: 'reading_slowly' satisfies CompositeName,
    pattern: 'clock_skew',
    means: 'Our clock and the exchange’s differ by seconds.',
    action: 'Check time synchronisation of the host (chrony).',
  },
  restarted: {
    severity: 'ticket',
    rule: anyOf('streamer_restarted'),
    pattern: 'crash_loop',
    means: 'The streamer started after a run that did not end cleanly. The hole is in `gaps` (recorder_crashed).',
    action: 'Find out what ended it: memory, host, or a `crashed` line.',
  },
  warehouse_down: {
    severity: 'page',
    rule: anyOf(
      'sink_critical',
      'sink_errors',
      'clickhouse_memory',
      'clickhouse_unreachable',
      'clickhouse_slow',
      'clickhouse_refuses',
      'clickhouse_full',
      'clickhouse_overloaded',
      'clickhouse_other',
    ),
    pattern: 'sink_failing',
    means:
      'The sink or the probe does not get through to ClickHouse, and why is known. Nothing is lost while the stream keeps it.',
    action: 'The alarm inside this one names the cause; go to its heading.',
  },
  upstream_of_stall: {
    severity: 'none',
    rule: anyOf('streamer_down', 'publish_down', 'warehouse_down'),
    pattern: 'ingestion_stall',
    means: 'Why nothing lands is known.',
    action: 'None: the cause has its own alarm.',
  },
  warehouse_stalled: {
    severity: 'page',
    rule: anyOf('warehouse_stall', 'iterator_age'),
    suppressor: 'upstream_of_stall' satisfies CompositeName,
    pattern: 'ingestion_stall',
    means: 'Nothing lands in ClickHouse, and nobody says why: the event source may be off.',
    action: 'Look at the event source mapping’s state and at the sink’s invocations.',
  },
  sink_slow: {
    severity: 'ticket',
    rule: anyOf('inserts_slow', 'sink_near_timeout'),
    suppressor: 'warehouse_down' satisfies CompositeName,
    pattern: 'clickhouse_slow',
    means: 'Batches land, but slowly: the sink comes near its timeout.',
    action: 'Look at system.merges, the disk and other queries.',
  },
  memory_tight: {
    severity: 'ticket',
    rule: anyOf('clickhouse_memory_tight'),
    suppressor: 'warehouse_down' satisfies CompositeName,
    pattern: 'memory_limit',
    means: 'Batches land only in halves: a query’s memory is too small for them.',
    action: 'Raise max_memory_usage for the sink’s user.',
  },
  probe_down: {
    severity: 'page',
    rule: anyOf('probe_silent', 'probe_critical'),
    suppressor: 'streamer_down' satisfies CompositeName,
    pattern: 'probe_silent',
    means: 'The probe is silent or cannot start: nobody knows whether the warehouse fills.',
    action: 'Look at the probe’s schedule and errors; meanwhile ask the warehouse yourself.',
  },
  watching_blind: {
    severity: 'page',
    rule: anyOf('log_silence', 'telling_failed'),
    pattern: 'log_silence',
    means: 'The recorder works, but its lines or its alarms do not arrive.',
    action: 'Look at the log driver, the log groups and the notifier.',
  },
  something_pages: {
    severity: 'none',
    rule: anyOf('streamer_down', 'exchange_down', 'publish_down', 'warehouse_down', 'gap_storm'),
    pattern: 'cost_guard',
    means: 'A fault is open; many lines are its consequence.',
    action: 'None: the cause has its own alarm.',
  },
  log_volume: {
    severity: 'ticket',
    rule: anyOf('log_bytes', 'lines_suppressed'),
    suppressor: 'something_pages' satisfies CompositeName,
    pattern: 'cost_guard',
    means: 'The programs log too much, and no open fault explains it.',
    action: 'Count lines by event; take LOG_LEVEL back to INFO.',
  },
};

export type CompositeName =
  | 'streamer_down'
  | 'upstream_of_exchange'
  | 'exchange_closed'
  | 'exchange_down'
  | 'exchange_away'
  | 'feed_replaced'
  | 'publish_down'
  | 'throttled'
  | 'reading_slowly'
  | 'clocks_differ'
  | 'restarted'
  | 'warehouse_down'
  | 'upstream_of_stall'
  | 'warehouse_stalled'
  | 'sink_slow'
  | 'memory_tight'
  | 'probe_down'
  | 'watching_blind'
  | 'something_pages'
  | 'log_volume';

export function membersOf(rule: Rule): readonly string[] {
  return 'anyOf' in rule ? rule.anyOf : rule.allOf;
}
