import { setTimeout as sleep } from 'node:timers/promises';
import type { AlarmName } from '../../../core/logging/alarms.ts';
import type { MetricName, Program } from '../../../core/logging/metrics.ts';
import type { PatternName } from '../../../core/logging/patterns.ts';
import type { Drill } from '../drill.ts';
import type { Asked, Way } from '../proxy.ts';
import type { Stage } from '../stage.ts';

const LASTS_MS = 7_000;
/** Long enough for records to be old, and to grow older for minutes. */
const LONG_MS = 10_000;
/** Timeouts well below a minute of drills, as the deployed ones are below a minute. */
const IMPATIENT = { sink: { INSERT_TIMEOUT_MS: '1000' }, probe: { PROBE_TIMEOUT_MS: '500' } };
const isInsert = ({ url }: Asked): boolean => (url.searchParams.get('query') ?? '').startsWith('INSERT');
const pass = (stage: Stage): Promise<void> => stage.toClickHouse.set({ kind: 'pass' });

/** ClickHouse answers everything with its own words for a code: what cannot be brought about on a developer's disk. */
const saying = (code: number, name: string, text: string): Way => ({
  kind: 'answer',
  answer: () => ({
    status: 500,
    headers: { 'X-ClickHouse-Exception-Code': String(code) },
    body: `Code: ${code}. DB::Exception: ${text}. (${name}) (version 26.7.1.1 (official build))\n`,
  }),
});

interface Refusal {
  readonly name: string;
  readonly fault: string;
  readonly way: Way;
  readonly alarm: AlarmName;
  /** What the sink must be seen to find, and the probe unless it is not concerned. */
  readonly number: MetricName;
  readonly concerns?: readonly Program[];
  readonly query: PatternName;
  readonly category: string;
  /** What refuses everything may refuse the question before the insert, and then no insert was tried. */
  readonly event?: string;
  readonly lastsMs?: number;
  /** What must fire beside it, because it lasts. */
  readonly and?: readonly AlarmName[];
}

/** ClickHouse does not take rows for minutes: one page, whatever the reason. */
function refusal({
  name,
  fault,
  way,
  alarm,
  number,
  query,
  category,
  event = 'insert_failed',
  lastsMs = LASTS_MS,
  and = [],
  concerns = ['sink', 'probe'],
}: Refusal): Drill {
  return {
    name,
    fault,
    during: async (stage) => {
      await stage.toClickHouse.set(way);
      await sleep(lastsMs);
    },
    heal: pass,
    expect: {
      pages: ['warehouse_down'],
      tickets: [],
      alarms: [alarm, ...and],
      may: ['warehouse_stall', 'iterator_age', 'log_silence', 'clickhouse_memory_tight'],
      seen: concerns.map((program) => `${program}.${number}` as const),
      within_min: 9,
      query,
      guilty: { event, category },
    },
  };
}

export const WAREHOUSE: readonly Drill[] = [
  refusal({
    name: 'ClickHouse refused',
    fault: 'Nobody listens on ClickHouse’s port.',
    way: { kind: 'refuse' },
    alarm: 'clickhouse_unreachable',
    number: 'ClickHouseUnreachable',
    query: 'dns_or_network',
    category: 'connection_refused',
    event: 'sink_batch_failed',
    lastsMs: LONG_MS,
    and: ['iterator_age'],
  }),
  refusal({
    name: 'ClickHouse memory limit',
    fault: 'Our user may use less memory than an insert needs: the engine itself says 241.',
    way: { kind: 'settings', of: (asked) => (isInsert(asked) ? { max_memory_usage_for_user: '1000' } : {}) },
    concerns: ['sink'],
    alarm: 'clickhouse_memory',
    number: 'ClickHouseMemory',
    query: 'memory_limit',
    category: 'memory_limit',
  }),
  {
    ...refusal({
      name: 'ClickHouse slow',
      fault: 'ClickHouse takes requests and does not answer.',
      way: { kind: 'hang' },
      alarm: 'clickhouse_slow',
      number: 'ClickHouseSlow',
      query: 'clickhouse_slow',
      category: 'timeout',
      event: 'probe_failed',
      and: ['sink_near_timeout'],
    }),
    // So small that what hangs comes near it as well, which needs no second telling, and larger than a busy machine’s batches.
    thresholds: { sink_duration_percent: 1 },
    during: async (stage) => {
      await Promise.all([stage.sink.deploy(IMPATIENT.sink), stage.probe.deploy(IMPATIENT.probe)]);
      await stage.toClickHouse.set({ kind: 'hang' });
      await sleep(LONG_MS);
    },
    heal: async (stage) => {
      await pass(stage);
      await Promise.all([stage.sink.deploy({}), stage.probe.deploy({})]);
    },
  },
  refusal({
    name: 'ClickHouse out of memory',
    fault: 'The server’s memory is used up: it says 241 to everybody.',
    way: saying(241, 'MEMORY_LIMIT_EXCEEDED', '(total) memory limit exceeded: would use 14.40 GiB, maximum: 14.40 GiB'),
    alarm: 'clickhouse_memory',
    number: 'ClickHouseMemory',
    query: 'memory_limit',
    category: 'memory_limit',
    event: 'sink_batch_failed',
  }),
  refusal({
    name: 'disk full',
    fault: 'ClickHouse’s disk is full (243).',
    way: saying(243, 'NOT_ENOUGH_SPACE', 'Cannot reserve 1.00 MiB, not enough space'),
    alarm: 'clickhouse_full',
    number: 'ClickHouseFull',
    query: 'disk_full',
    category: 'disk_full',
    event: 'sink_batch_failed',
  }),
  refusal({
    name: 'too many parts',
    fault: 'ClickHouse merges too slowly and refuses inserts (252).',
    way: saying(
      252,
      'TOO_MANY_PARTS',
      'Too many parts (3000). Merges are processing significantly slower than inserts',
    ),
    alarm: 'clickhouse_overloaded',
    number: 'ClickHouseOverloaded',
    query: 'clickhouse_overloaded',
    category: 'too_many_parts',
    event: 'sink_batch_failed',
  }),
  refusal({
    name: 'ClickHouse broken',
    fault: 'ClickHouse fails in a way that has no name here (49).',
    way: saying(49, 'LOGICAL_ERROR', 'Logical error: unexpected state'),
    alarm: 'clickhouse_other',
    number: 'ClickHouseOther',
    query: 'sink_failing',
    category: 'other',
    event: 'sink_batch_failed',
  }),
  {
    ...refusal({
      name: 'schema missing',
      fault: 'A table is not there: the migrations were not run.',
      way: { kind: 'pass' },
      alarm: 'clickhouse_refuses',
      number: 'ClickHouseRefuses',
      query: 'schema_or_credentials',
      category: 'schema',
      event: 'sink_batch_failed',
    }),
    during: async (stage) => {
      await stage.sql('RENAME TABLE blocks TO blocks_elsewhere');
      await sleep(LASTS_MS);
    },
    heal: (stage) => stage.sql('RENAME TABLE blocks_elsewhere TO blocks'),
  },
  {
    ...refusal({
      name: 'name not resolved',
      fault: 'ClickHouse’s name is not known to the resolver.',
      way: { kind: 'pass' },
      alarm: 'clickhouse_unreachable',
      number: 'ClickHouseUnreachable',
      query: 'dns_or_network',
      category: 'dns_resolution',
      event: 'sink_batch_failed',
    }),
    during: async (stage) => {
      const own = { CLICKHOUSE_URL: 'http://clickhouse.invalid:8123' };
      await Promise.all([stage.sink.deploy(own), stage.probe.deploy(own)]);
      await sleep(LASTS_MS);
    },
    heal: async (stage) => {
      await Promise.all([stage.sink.deploy({}), stage.probe.deploy({})]);
    },
  },
  {
    name: 'ClickHouse lands slowly',
    fault:
      'Every answer of ClickHouse takes a sixth of a second more; a batch that takes more than 0.7 s counts as slow.',
    during: async (stage) => {
      await stage.toClickHouse.set({ kind: 'delay', ms: 160 });
      await sleep(10_000);
    },
    heal: pass,
    thresholds: { insert_duration_sec: 0.7, sink_duration_percent: 0.8 },
    expect: {
      pages: [],
      tickets: ['sink_slow'],
      alarms: ['inserts_slow', 'sink_near_timeout'],
      may: ['iterator_age'],
      within_min: 14,
    },
  },
];
