import { describe, expect, test } from 'vitest';
import { ALARMS } from '../../../core/logging/alarms.ts';
import { COMPOSITES } from '../../../core/logging/composites.ts';
import { HEALTHY, type Minute, tell } from './story.ts';

/** So many minutes of this. */
const of = (minutes: number, minute: Minute): readonly Minute[] => Array.from({ length: minutes }, () => minute);
const healthy = (minutes: number): readonly Minute[] => of(minutes, HEALTHY);
const QUIET: Minute = {
  heartbeat: { ...HEALTHY.heartbeat, messages_per_sec: 0, rows_since_last: 0, ingest_lag_sec: 0 },
  warehouse: {
    ...HEALTHY.warehouse,
    rows_ingested_last_5m: { frames: 0 },
    newest_row_age_sec: 2_000,
    end_to_end_lag_sec: 0,
  },
};
const DEAD_STREAMER: Minute = { ...QUIET, heartbeat: undefined };
const NOT_LIVE = {
  ...HEALTHY.heartbeat,
  ws_state: 'waiting',
  messages_per_sec: 0,
  rows_since_last: 0,
  ingest_lag_sec: 0,
};
/** What the probe finds so many minutes after the last row landed. */
const sinceLast = (minutes: number): NonNullable<Minute['warehouse']> => ({
  ...HEALTHY.warehouse,
  rows_ingested_last_5m: { frames: minutes < 5 ? 30_000 * (5 - minutes) : 0 },
  newest_row_age_sec: 20 + 60 * minutes,
});

/** The sink gives every batch up, the probe gets no answer or the same, and records wait longer each minute. */
function givenUp(category: string, minutes: number): readonly Minute[] {
  return Array.from({ length: minutes }, (_, i) => ({
    heartbeat: HEALTHY.heartbeat,
    lines: [
      ['insert_failed', { category }],
      ['sink_batch_failed', { category }],
      ['probe_failed', { category }],
    ],
    aws: { 'GetRecords.IteratorAgeMilliseconds': (i + 1) * 60_000, Duration: 20_000 },
  }));
}

interface Scenario {
  readonly story: readonly Minute[];
  readonly pages?: readonly string[];
  readonly tickets?: readonly string[];
}

/** What happens, and all that is told: nothing more, nothing less, each page once. */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a quiet night': { story: of(60, QUIET) },
  'a quiet night that ends': { story: [...of(60, QUIET), ...healthy(20)] },
  'normal load with bursts': {
    story: Array.from({ length: 60 }, (_, i) => ({
      ...HEALTHY,
      heartbeat: {
        ...HEALTHY.heartbeat,
        messages_per_sec: i % 7 === 0 ? 9_000 : 300,
        ingest_lag_sec: i % 7 === 0 ? 8 : 1,
      },
    })),
  },
  'a clean deployment': {
    story: [
      ...healthy(5),
      {
        ...HEALTHY,
        lines: [
          ['received_signal', {}],
          ['heartbeat', { ...HEALTHY.heartbeat, ws_state: 'stopped' }],
          ['shutdown_complete', {}],
          ['startup_config', { previous_run: 'clean' }],
        ],
      },
      ...healthy(20),
    ],
  },
  'a deployment onto a new disk': {
    story: [{ ...HEALTHY, lines: [['startup_config', { previous_run: 'unknown' }]] }, ...healthy(20)],
  },
  'one lost connection': {
    story: [
      {
        ...HEALTHY,
        lines: [
          ['ws_disconnected', { cause: 'disconnect' }],
          ['ws_gap', { cause: 'disconnect' }],
        ],
      },
      ...healthy(20),
    ],
  },
  'one failed insert that passes': {
    story: [
      {
        ...HEALTHY,
        lines: [
          ['insert_retry', { category: 'network' }],
          ['insert_failed', { category: 'network' }],
        ],
      },
      ...healthy(20),
    ],
  },

  'a streamer killed': {
    story: Array.from({ length: 35 }, (_, i) => ({ ...DEAD_STREAMER, warehouse: sinceLast(i) })),
    pages: ['streamer_down'],
  },
  'a streamer killed and started again at once': {
    story: [{ ...HEALTHY, lines: [['startup_config', { previous_run: 'crashed' }]] }, ...healthy(20)],
    tickets: ['restarted'],
  },
  'a streamer in a crash loop': {
    story: of(25, {
      ...DEAD_STREAMER,
      lines: [
        ['startup_config', { previous_run: 'crashed' }],
        ['crashed', {}],
      ],
    }),
    pages: ['streamer_down'],
    tickets: ['restarted'],
  },
  'a streamer that is killed again and again, with a heartbeat each time': {
    story: of(25, { ...QUIET, lines: [['startup_config', { previous_run: 'crashed' }]] }),
    pages: ['streamer_down'],
    tickets: ['restarted'],
  },
  'a streamer whose configuration is refused': {
    story: of(20, { ...DEAD_STREAMER, lines: [['startup_refused', {}]] }),
    pages: ['streamer_down'],
  },
  'a streamer that loses frames at its end': {
    story: [{ ...HEALTHY, lines: [['shutdown_forced', {}]] }, ...healthy(20)],
    tickets: ['frames_lost'],
  },
  'a streamer whose spool cannot be opened, which loses nothing yet': {
    story: [{ ...HEALTHY, lines: [['spool_unavailable', {}]] }, ...healthy(20)],
    tickets: ['spool_unavailable'],
  },

  'a socket half-open': {
    story: [{ ...HEALTHY, lines: [['ws_disconnected', { cause: 'dead_socket' }]] }, ...healthy(20)],
    tickets: ['feed_replaced'],
  },
  flapping: {
    story: of(20, {
      ...HEALTHY,
      lines: [
        ['ws_disconnected', { cause: 'disconnect' }],
        ['ws_disconnected', { cause: 'disconnect' }],
      ],
    }),
    pages: ['exchange_down'],
  },
  'an exchange that cannot be reached': {
    story: of(20, {
      ...QUIET,
      heartbeat: NOT_LIVE,
      lines: [['ws_error', { category: 'dns_resolution', http_status: undefined }]],
    }),
    pages: ['exchange_down'],
  },
  'the exchange’s maintenance of two hours': {
    story: [
      {
        ...QUIET,
        lines: [
          ['ws_disconnected', { cause: 'disconnect' }],
          ['ws_error', { http_status: 503 }],
          ['ws_error', { http_status: 503 }],
        ],
      },
      ...of(120, {
        ...QUIET,
        heartbeat: NOT_LIVE,
        lines: [
          ['ws_error', { http_status: 503 }],
          ['ws_error', { http_status: 503 }],
        ],
      }),
      ...healthy(20),
    ],
    tickets: ['exchange_closed'],
  },
  'an exchange that is away for four hours': {
    story: of(240, { ...QUIET, heartbeat: NOT_LIVE, lines: [['ws_error', { http_status: 503 }]] }),
    pages: ['exchange_away'],
    tickets: ['exchange_closed'],
  },
  'a key that the exchange rejects': {
    story: Array.from({ length: 30 }, (_, i) => ({
      ...QUIET,
      heartbeat: NOT_LIVE,
      lines: i % 9 === 0 ? [['ws_auth_refused', { http_status: 401 }] as const] : [],
    })),
    pages: ['exchange_down'],
  },
  'a subscription that the exchange refuses': {
    story: [{ ...HEALTHY, lines: [['ws_exchange_error', { error_code: 26 }]] }, ...healthy(20)],
    tickets: ['subscription_refused'],
  },
  'a gap storm': {
    story: of(20, { ...HEALTHY, lines: of3(['ws_gap', { cause: 'sequence' }]) }),
    pages: ['gap_storm'],
  },
  'a slow consumer, once': {
    story: [
      {
        ...HEALTHY,
        lines: [
          ['ws_exchange_error', { error_code: 25 }],
          ['ws_gap', { cause: 'exchange_overflow' }],
        ],
      },
      ...healthy(20),
    ],
    tickets: ['slow_consumer'],
  },
  'a slow consumer for long, late by itself': {
    story: of(20, {
      ...HEALTHY,
      heartbeat: { ...HEALTHY.heartbeat, exchange_lag_sec: 12 },
      lines: of3(['ws_gap', { cause: 'exchange_overflow' }]),
    }),
    pages: ['gap_storm'],
    tickets: ['slow_consumer'],
  },
  'a clock that is behind': {
    story: of(15, { ...HEALTHY, heartbeat: { ...HEALTHY.heartbeat, exchange_lag_sec: -30 } }),
    tickets: ['clocks_differ'],
  },
  'a clock that is ahead': {
    story: of(15, { ...HEALTHY, heartbeat: { ...HEALTHY.heartbeat, exchange_lag_sec: 30 } }),
    tickets: ['clocks_differ'],
  },

  'Kinesis throttling, with all getting through': {
    story: of(15, {
      ...HEALTHY,
      lines: [['publish_retry', { category: 'throttled' }]],
      aws: { ...HEALTHY.aws, WriteProvisionedThroughputExceeded: 4 },
    }),
    tickets: ['throttled'],
  },
  'Kinesis away for half an hour, and back': {
    story: [
      ...Array.from({ length: 30 }, (_, i): Minute => ({
        heartbeat: { ...HEALTHY.heartbeat, ingest_lag_sec: i * 60, spool_blocks: i * 60, rows_since_last: 0 },
        warehouse: sinceLast(i),
        lines:
          i === 1
            ? [['publish_failed', { category: 'network' }]]
            : i === 25
              ? [['ws_frame_dropped', { reason: 'spool_full' }]]
              : [],
      })),
      ...of(5, { ...HEALTHY, heartbeat: { ...HEALTHY.heartbeat, ingest_lag_sec: 1_500, spool_blocks: 500 } }),
      ...healthy(30),
    ],
    pages: ['publish_down'],
  },

  'ClickHouse: memory limit': { story: givenUp('memory_limit', 30), pages: ['warehouse_down'] },
  'ClickHouse: memory that suffices for halves': {
    story: of(15, { ...HEALTHY, lines: [['insert_split', { category: 'memory_limit' }]] }),
    tickets: ['memory_tight'],
  },
  'ClickHouse: refused': { story: givenUp('connection_refused', 30), pages: ['warehouse_down'] },
  'ClickHouse: name not resolved': { story: givenUp('dns_resolution', 30), pages: ['warehouse_down'] },
  'ClickHouse: no answer in time': { story: givenUp('timeout', 30), pages: ['warehouse_down'] },
  'ClickHouse: schema missing': { story: givenUp('schema', 30), pages: ['warehouse_down'] },
  'ClickHouse: disk full': { story: givenUp('disk_full', 30), pages: ['warehouse_down'] },
  'ClickHouse: too many parts': { story: givenUp('too_many_parts', 30), pages: ['warehouse_down'] },
  'ClickHouse: something else': { story: givenUp('other', 30), pages: ['warehouse_down'] },
  'ClickHouse: refused for half an hour, then an hour to catch up': {
    story: [
      ...givenUp('connection_refused', 30),
      ...Array.from({ length: 60 }, (_, i): Minute => ({
        ...HEALTHY,
        aws: { ...HEALTHY.aws, 'GetRecords.IteratorAgeMilliseconds': 1_800_000 - i * 30_000 },
      })),
    ],
    pages: ['warehouse_down'],
  },
  'ClickHouse: slow, but all lands': {
    story: of(15, { ...HEALTHY, insert_ok: { ...HEALTHY.insert_ok, duration_ms: 25_000 } }),
    tickets: ['sink_slow'],
  },
  'ClickHouse: parts and disk near their ends': {
    story: of(15, {
      ...HEALTHY,
      warehouse: { ...HEALTHY.warehouse, parts_per_partition_max: 1_500, disk_free_mb: 900 },
    }),
    tickets: ['disk_low', 'parts_high'],
  },
  'a storm of lines while ClickHouse is away': {
    story: givenUp('connection_refused', 30).map((minute) => ({
      ...minute,
      lines: [...(minute.lines ?? []), ['log_suppressed', { count: 500 }] as const],
    })),
    pages: ['warehouse_down'],
  },

  'a poison record': {
    story: [{ ...HEALTHY, lines: [['record_rejected', {}]] }, ...healthy(20)],
    tickets: ['set_aside'],
  },
  'a row that ClickHouse refuses': {
    story: [{ ...HEALTHY, lines: [['insert_dropped', {}]] }, ...healthy(20)],
    tickets: ['set_aside'],
  },
  'schema drift': { story: [{ ...HEALTHY, lines: [['schema_drift', {}]] }, ...healthy(20)], tickets: ['schema_drift'] },
  'a batch in the failure bucket': {
    story: [{ ...HEALTHY, aws: { ...HEALTHY.aws, OnFailureDestinationDeliveredEventCount: 17 } }, ...healthy(20)],
    tickets: ['failure_destination'],
  },
  'a batch dropped': {
    story: [{ ...HEALTHY, aws: { ...HEALTHY.aws, DroppedEventCount: 17 } }, ...healthy(20)],
    pages: ['batches_dropped'],
  },
  'a sink that times out': {
    story: Array.from({ length: 30 }, (_, i): Minute => ({
      heartbeat: HEALTHY.heartbeat,
      warehouse: sinceLast(i),
      aws: { Errors: 1, Duration: 60_000, 'GetRecords.IteratorAgeMilliseconds': i * 60_000 },
    })),
    pages: ['warehouse_down'],
  },
  'a sink in a crash loop': {
    story: Array.from({ length: 30 }, (_, i): Minute => ({
      heartbeat: HEALTHY.heartbeat,
      warehouse: sinceLast(i),
      lines: [['sink_refused', {}]],
      aws: { Errors: 3, 'GetRecords.IteratorAgeMilliseconds': i * 60_000 },
    })),
    pages: ['warehouse_down'],
  },
  'a sink that is throttled': {
    story: of(15, { ...HEALTHY, aws: { ...HEALTHY.aws, Throttles: 5 } }),
    tickets: ['sink_throttles'],
  },
  'an event source that is off': {
    story: Array.from({ length: 30 }, (_, i): Minute => ({
      heartbeat: HEALTHY.heartbeat,
      warehouse: sinceLast(i),
    })),
    pages: ['warehouse_stalled'],
  },
  'an outage longer than half of the retention': {
    story: of(30, { ...HEALTHY, aws: { ...HEALTHY.aws, 'GetRecords.IteratorAgeMilliseconds': 37 * 3_600_000 } }),
    pages: ['retention_at_risk'],
  },

  'the streamer’s log not delivered': {
    story: of(30, { ...HEALTHY, heartbeat: undefined }),
    pages: ['watching_blind'],
  },
  'the sink’s log not delivered': { story: of(30, { ...HEALTHY, insert_ok: undefined }), pages: ['watching_blind'] },
  'all logs not delivered': { story: of(30, { aws: HEALTHY.aws ?? {} }), pages: ['streamer_down'] },
  'a probe that is silent': { story: of(30, { ...HEALTHY, warehouse: undefined }), pages: ['probe_down'] },
  'a probe that cannot start': {
    story: of(30, { ...HEALTHY, warehouse: undefined, lines: [['probe_refused', {}]] }),
    pages: ['probe_down'],
  },
  'an alarm that cannot be told': {
    story: [{ ...HEALTHY, lines: [['notification_failed', {}]] }, ...healthy(20)],
    pages: ['watching_blind'],
  },
  'metrics that CloudWatch cannot read': {
    story: [{ ...HEALTHY, aws: { ...HEALTHY.aws, EMFParsingErrors: 2 } }, ...healthy(20)],
    tickets: ['emf_errors'],
  },
  'too many bytes of log': {
    story: of(60, { ...HEALTHY, aws: { ...HEALTHY.aws, IncomingBytes: 300_000 } }),
    tickets: ['log_volume'],
  },
  'lines kept back for long': {
    story: of(30, { ...HEALTHY, lines: [['log_suppressed', { count: 50 }]] }),
    tickets: ['log_volume'],
  },
};

describe('what is told', () => {
  const fired = new Set<string>();

  test.each(Object.entries(SCENARIOS))('%s', (_, { story, pages = [], tickets = [] }) => {
    const told = tell(story);
    for (const name of told.fired) fired.add(name);
    expect({ pages: told.pages, tickets: told.tickets }).toEqual({ pages, tickets });
  });

  test('every alarm of the catalogue fires in one of these stories', () => {
    // Whoever takes an alarm away or blunts it must see it here.
    expect([...Object.keys(ALARMS), ...Object.keys(COMPOSITES)].filter((name) => !fired.has(name))).toEqual([]);
  });
});

function of3<T>(line: T): readonly T[] {
  return [line, line, line];
}
