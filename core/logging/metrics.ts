import type { FailureCategory } from '../failure/classes.ts';
import { type Component, type EventEntry, type EventName, EVENTS } from './events.ts';
import type { FieldsOf } from './event-log.ts';
import { toFilterPattern } from './filter-pattern.ts';
import { type Condition, eventsMatching, type FieldsOfType, type QueryField } from './query.ts';

/** What CloudWatch makes of log lines: one number per line that satisfies the condition. No dimension, no default value. */
export interface Metric {
  readonly where: Condition;
  /** 1: lines are counted; a field: its number is taken. */
  readonly value: 1 | QueryField;
  readonly unit: 'Count' | 'Count/Second' | 'Seconds' | 'Milliseconds' | 'Bytes' | 'Megabytes' | 'None';
  readonly means: string;
}

/** Programs, by whose log group a filter stands. */
export const PROGRAMS = ['streamer', 'sink', 'probe', 'notify'] as const;
export type Program = (typeof PROGRAMS)[number];

const PROGRAMS_OF: Readonly<Record<Component, readonly Program[]>> = {
  streamer: ['streamer'],
  ws: ['streamer'],
  kinesis: ['streamer'],
  spool: ['streamer'],
  sink: ['sink'],
  clickhouse: ['sink'],
  probe: ['probe'],
  notify: ['notify'],
  // Only these keep lines back.
  log: ['streamer', 'sink'],
};

/** The number fields that an event must carry: an optional one would make a metric with silent holes. */
type NumberOf<E extends EventName> = keyof FieldsOf<E> & FieldsOfType<'number'>;

/** How the exchange says "not now": a gateway without a backend, or itself. */
const UNAVAILABLE_STATUSES = [500, 502, 503, 504] as const;
/** The exchange does not give what the configuration asks for: channel, parameter, market list, market limit. */
const REFUSED_CODES = [8, 11, 14, 26] as const;
/** Events that say that something which ClickHouse was asked for was given up. */
const GIVEN_UP = ['insert_failed', 'sink_batch_failed', 'probe_failed'] as const satisfies readonly EventName[];

/** `ws_state` of a recorder that has a connection which is not live. */
export const NOT_LIVE_STATES = ['stopped', 'idle', 'waiting', 'connecting', 'closing'] as const;

export const METRICS = {
  // the streamer lives
  Heartbeats: counted('heartbeat', 'The streamer’s heartbeats.'),
  PublishLag: taken('heartbeat', 'ingest_lag_sec', 'Seconds', 'Age of the oldest frame that Kinesis has not taken.'),
  ExchangeLag: taken(
    'heartbeat',
    'exchange_lag_sec',
    'Seconds',
    'From the exchange’s clock to ours; below 0: ours is behind.',
  ),
  MessagesPerSecond: taken('heartbeat', 'messages_per_sec', 'Count/Second', 'Frames received per second.'),
  FramesAcknowledged: taken(
    'heartbeat',
    'rows_since_last',
    'Count',
    'Frames that Kinesis took since the heartbeat before.',
  ),
  SpoolBlocks: taken('heartbeat', 'spool_blocks', 'Count', 'Blocks waiting on the streamer’s disk.'),
  HolesOpen: taken('heartbeat', 'gaps_open', 'Count', 'Holes not repaired yet.'),
  EventLoopDelay: taken(
    'heartbeat',
    'event_loop_delay_ms',
    'Milliseconds',
    '99th percentile of the streamer’s event loop delay.',
  ),
  NotLive: counted('heartbeat', 'Heartbeats of a streamer that has a connection which is not live.', {
    field: 'ws_state',
    is: NOT_LIVE_STATES,
  }),
  UncleanStarts: counted(
    'startup_config',
    'Starts after a run that did not end cleanly, or of which nothing is known.',
    {
      field: 'previous_run',
      is: ['crashed', 'unknown'],
    },
  ),
  CrashedStarts: counted('startup_config', 'Starts after a run that did not end cleanly.', {
    field: 'previous_run',
    is: ['crashed'],
  }),

  // the exchange
  Disconnects: counted('ws_disconnected', 'Connections lost.'),
  DeadFeeds: counted('ws_disconnected', 'Connections given up because nothing came any more.', {
    field: 'cause',
    is: ['dead_socket', 'data_silence', 'no_reply'],
  }),
  ExchangeUnavailable: counted('ws_error', 'Connections that the exchange refused with “not now”.', {
    field: 'http_status',
    is: UNAVAILABLE_STATUSES,
  }),
  KeyRejected: counted('ws_auth_refused', 'Connections that the exchange refused for our key.'),
  SubscriptionsRefused: counted('ws_exchange_error', 'Subscriptions that the exchange does not give.', {
    field: 'error_code',
    is: REFUSED_CODES,
  }),
  Holes: counted('ws_gap', 'Holes within a living connection.', {
    field: 'cause',
    is: ['sequence', 'exchange_overflow', 'channel_error'],
  }),
  Overflows: counted('ws_gap', 'Subscriptions that the exchange ended because we read too slowly.', {
    field: 'cause',
    is: ['exchange_overflow'],
  }),

  // the stream
  PublishThrottled: counted(['publish_retry', 'publish_failed'], 'Requests that Kinesis throttled.', {
    field: 'category',
    is: ['throttled'] satisfies readonly FailureCategory[],
  }),
  PublishFailed: counted('publish_failed', 'Times that Kinesis was given up and blocks went to the spool.'),
  FramesDropped: counted(
    'ws_frame_dropped',
    'Times that frames began to be lost: Kinesis is away and the spool is full.',
    {
      field: 'reason',
      is: ['spool_full'],
    },
  ),
  FramesLost: {
    where: {
      any: [
        { field: 'event', is: ['shutdown_forced', 'spool_damaged'] },
        { all: [on('ws_frame_dropped'), { field: 'reason', is: ['frame_oversize', 'marker_oversize'] }] },
      ],
    },
    value: 1,
    unit: 'Count',
    means: 'Times that received frames were lost for another reason.',
  },
  SpoolUnavailable: counted('spool_unavailable', 'Starts at which the spool’s directory could not be opened.'),

  // the sink
  Inserts: counted('insert_ok', 'Lines of the sink that sum up what landed.'),
  FramesLanded: taken('insert_ok', 'frames', 'Count', 'Frames that landed.'),
  InsertDuration: taken('insert_ok', 'duration_ms', 'Milliseconds', 'The slowest batch.'),
  LandingLag: taken('insert_ok', 'ingest_lag_sec', 'Seconds', 'Age of the oldest frame when its batch had landed.'),
  InsertSplits: counted('insert_split', 'Inserts halved because they were too large for a query’s memory.', {
    field: 'category',
    is: ['memory_limit'] satisfies readonly FailureCategory[],
  }),
  SetAside: counted(['insert_dropped', 'record_rejected'], 'Rows and records set aside in `rejects`.'),
  SchemaDrift: counted(
    ['schema_drift', 'frames_rejected'],
    'Blocks with something that the exchange did not send before.',
  ),

  // ClickHouse, as sink and probe find it: every category is in one of these
  ClickHouseMemory: givenUp(['memory_limit'], 'Given up for want of memory.'),
  ClickHouseUnreachable: givenUp(
    ['connection_refused', 'dns_resolution', 'network'],
    'Given up because ClickHouse could not be reached.',
  ),
  ClickHouseSlow: givenUp(['timeout'], 'Given up because no answer came in time.'),
  ClickHouseRefuses: givenUp(['auth', 'schema'], 'Given up for credentials, rights or a missing schema.'),
  ClickHouseFull: givenUp(['disk_full', 'readonly'], 'Given up because ClickHouse takes no writes.'),
  ClickHouseOverloaded: givenUp(['too_many_parts', 'throttled'], 'Given up because ClickHouse has too much to do.'),
  ClickHouseOther: givenUp(['data', 'other'], 'Given up for another reason.'),

  // the warehouse, as the probe finds it
  ProbeAnswers: counted(['warehouse_heartbeat', 'probe_failed'], 'Times that the probe said anything.'),
  FramesInLast5Min: {
    where: on('warehouse_heartbeat'),
    value: 'rows_ingested_last_5m.frames',
    unit: 'Count',
    means: 'Frames that landed in the last five minutes.',
  },
  NewestRowAge: taken('warehouse_heartbeat', 'newest_row_age_sec', 'Seconds', 'How long ago the newest block landed.', {
    field: 'newest_row_age_sec',
    above: -1,
  }),
  EndToEndLag: taken('warehouse_heartbeat', 'end_to_end_lag_sec', 'Seconds', 'From the socket to the table.'),
  PartsPerPartition: taken(
    'warehouse_heartbeat',
    'parts_per_partition_max',
    'Count',
    'Parts of the fullest partition.',
  ),
  DiskFree: taken('warehouse_heartbeat', 'disk_free_mb', 'Megabytes', 'Free on ClickHouse’s fullest disk.', {
    field: 'disk_free_mb',
    above: -1,
  }),

  // a program says that it dies
  StreamerCritical: critical(['streamer', 'ws', 'kinesis', 'spool'], 'CRITICAL lines of the streamer.'),
  SinkCritical: critical(['sink', 'clickhouse'], 'CRITICAL lines of the sink.'),
  ProbeCritical: critical(['probe'], 'CRITICAL lines of the probe.'),
  TellingFailed: {
    where: {
      any: [
        on('notification_failed'),
        {
          all: [
            { field: 'level', is: ['CRITICAL'] },
            { field: 'component', is: ['notify'] },
          ],
        },
      ],
    },
    value: 1,
    unit: 'Count',
    means: 'Alarms that could not be told on a channel.',
  },

  // the log itself
  LinesSuppressed: taken('log_suppressed', 'count', 'Count', 'Log lines kept back.'),
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;

/** The filter's pattern. A field that is taken must be there. */
export function patternOf({ where, value }: Metric): string {
  return toFilterPattern(where, value === 1 ? [] : [value]);
}

/** The filter's value. */
export function valueOf({ value }: Metric): string {
  return value === 1 ? '1' : `$.${value}`;
}

/** The programs in whose log groups the filter stands: those that log an event which may satisfy it. */
export function programsOf({ where }: Metric): readonly Program[] {
  return programsOfEvents(eventsMatching(where));
}

export function programsOfEvents(events: readonly EventName[]): readonly Program[] {
  const entries: Readonly<Record<EventName, EventEntry>> = EVENTS;
  const programs = new Set(events.flatMap((event) => PROGRAMS_OF[entries[event].component]));
  return PROGRAMS.filter((program) => programs.has(program));
}

function on(...events: readonly EventName[]): Condition {
  return { field: 'event', is: events };
}

function counted(events: EventName | readonly EventName[], means: string, and?: Condition): Metric {
  const named = typeof events === 'string' ? on(events) : on(...events);
  return { where: and === undefined ? named : { all: [named, and] }, value: 1, unit: 'Count', means };
}

function taken<E extends EventName>(
  event: E,
  field: NumberOf<E>,
  unit: Metric['unit'],
  means: string,
  and?: Condition,
): Metric {
  return { where: and === undefined ? on(event) : { all: [on(event), and] }, value: field, unit, means };
}

function givenUp(categories: readonly FailureCategory[], means: string): Metric {
  return counted(GIVEN_UP, means, { field: 'category', is: categories });
}

function critical(components: readonly Component[], means: string): Metric {
  const where: Condition = {
    all: [
      { field: 'level', is: ['CRITICAL'] },
      { field: 'component', is: components },
    ],
  };
  return { where, value: 1, unit: 'Count', means };
}
