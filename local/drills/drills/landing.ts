import { setTimeout as sleep } from 'node:timers/promises';
import type { FailureDestination } from '../../event-source/failure-destination.ts';
import type { Drill } from '../drill.ts';
import type { Asked, Way } from '../proxy.ts';
import type { Stage } from '../stage.ts';

const LASTS_MS = 7_000;
const SAID_WITHIN_MS = 30_000;
/** Until what the event source does next is counted. */
const COUNTED_AFTER_MS = 1_500;
const SINK_ATTEMPTS = 2;
/** As sent: a block of an ordinary second is far below it, a burst far above. */
const LARGE_BYTES = 20_000;
const NO_RETRIES = { maximumRetryAttempts: 0 };
/** A mapping without a destination: AWS forgets the records. */
const NOBODY: FailureDestination = { write: () => Promise.resolve('') };

const pass = (stage: Stage): Promise<void> => stage.toClickHouse.set({ kind: 'pass' });
const isInsert = ({ url }: Asked): boolean => (url.searchParams.get('query') ?? '').startsWith('INSERT');

/** The engine itself says 241 of a large insert, and takes its halves. */
export const LARGE_INSERTS_IN_HALVES: Way = {
  kind: 'settings',
  of: (asked) => (isInsert(asked) && asked.body.length > LARGE_BYTES ? { max_memory_usage: '1000' } : {}),
};

/** ClickHouse fails in the next inserts, so many, and is well again. */
function failing(inserts: number): Way {
  let left = inserts;
  return {
    kind: 'answer',
    answer: (asked) =>
      isInsert(asked) && left-- > 0
        ? {
            status: 500,
            headers: { 'X-ClickHouse-Exception-Code': '49' },
            body: 'Code: 49. DB::Exception: Logical error: unexpected state. (LOGICAL_ERROR) (version 26.7.1.1)\n',
          }
        : undefined,
  };
}

/** One batch fails once, and the event source does not deliver it again. */
async function giveUpOne(stage: Stage, keeper?: FailureDestination): Promise<void> {
  await stage.redeployEventSource(NO_RETRIES, keeper);
  const since = Date.now();
  await stage.toClickHouse.set(failing(SINK_ATTEMPTS));
  await stage.heard(({ text }) => text.includes('"sink_batch_failed"'), SAID_WITHIN_MS, since);
  await sleep(COUNTED_AFTER_MS);
}

async function recover(stage: Stage): Promise<void> {
  await pass(stage);
  await stage.redeployEventSource();
}

/** What becomes of rows on their way into the tables, and of the tables. */
export const LANDING: readonly Drill[] = [
  {
    name: 'batch given up',
    fault: 'The event source was deployed without retries, and ClickHouse fails once.',
    during: (stage) => giveUpOne(stage),
    heal: recover,
    expect: {
      pages: [],
      tickets: ['failure_destination'],
      alarms: ['failure_destination'],
      within_min: 9,
      query: 'failure_destination',
      guilty: { event: 'sink_batch_failed', category: 'other' },
    },
  },
  {
    name: 'batch lost',
    fault:
      'The event source was deployed without retries and without a failure destination, and ClickHouse fails once.',
    during: (stage) => giveUpOne(stage, NOBODY),
    heal: recover,
    expect: {
      pages: ['batches_dropped'],
      tickets: [],
      alarms: ['batches_dropped'],
      within_min: 9,
      query: 'failure_destination',
      guilty: { event: 'sink_batch_failed', category: 'other' },
    },
  },
  {
    name: 'outage outlasts the record age',
    fault: 'ClickHouse is away for longer than a record may wait: its batch goes to the failure destination.',
    during: async (stage) => {
      await stage.redeployEventSource({ maximumRecordAge_sec: 3 });
      await stage.toClickHouse.set({ kind: 'refuse' });
      await sleep(LASTS_MS);
    },
    heal: recover,
    expect: {
      pages: ['warehouse_down'],
      tickets: ['failure_destination'],
      alarms: ['clickhouse_unreachable', 'failure_destination'],
      may: ['warehouse_stall', 'iterator_age'],
      within_min: 9,
      query: 'dns_or_network',
      guilty: { event: 'sink_batch_failed', category: 'connection_refused' },
    },
  },
  {
    name: 'outage reaches the retention',
    fault: 'ClickHouse is away until half of the stream’s retention has passed, which is six minutes here.',
    during: async (stage) => {
      await stage.toClickHouse.set({ kind: 'refuse' });
      await sleep(8_000);
    },
    heal: pass,
    recoverMs: 4_000,
    hold_min: 40,
    thresholds: { retention_risk_hours: 0.1 },
    expect: {
      // The second is no news of the cause: only while it is told can the retention still be raised.
      pages: ['warehouse_down', 'retention_at_risk'],
      tickets: [],
      alarms: ['clickhouse_unreachable', 'retention_at_risk'],
      may: ['warehouse_stall', 'iterator_age'],
      within_min: 9,
      query: 'dns_or_network',
      guilty: { event: 'sink_batch_failed', category: 'connection_refused' },
    },
  },
  {
    name: 'inserts too large',
    fault: 'A query may use less memory than a burst needs: the engine itself says 241, and halves pass.',
    during: async (stage) => {
      await stage.toClickHouse.set(LARGE_INSERTS_IN_HALVES);
      for (let burst = 0; burst < 6; burst++) {
        stage.exchange({ kind: 'burst', count: 1_500 });
        await sleep(1_000);
      }
    },
    heal: pass,
    recoverMs: 4_000,
    expect: {
      pages: [],
      tickets: ['memory_tight'],
      alarms: ['clickhouse_memory_tight'],
      seen: ['sink.InsertSplits'],
      within_min: 9,
      query: 'memory_limit',
      guilty: { event: 'insert_split', category: 'memory_limit' },
    },
  },
  {
    name: 'merges stopped',
    fault: 'An administrator stopped the merges of a table and forgot it; more than a dozen parts are many here.',
    during: async (stage) => {
      await stage.sql('SYSTEM STOP MERGES frames');
      await sleep(8_000);
    },
    heal: async (stage) => {
      await stage.sql('SYSTEM START MERGES frames');
      await stage.sql('OPTIMIZE TABLE frames FINAL');
    },
    hold_min: 12,
    thresholds: { parts_per_partition: 12 },
    expect: {
      pages: [],
      tickets: ['parts_high'],
      alarms: ['parts_high'],
      within_min: 12,
      query: 'clickhouse_overloaded',
      guilty: { event: 'warehouse_heartbeat' },
    },
  },
  {
    name: 'disk nearly full',
    fault: 'A gigabyte is free on ClickHouse’s disk.',
    during: async (stage) => {
      await stage.toClickHouse.set({
        kind: 'answer',
        answer: ({ body }) =>
          body.includes('system.disks') ? { status: 200, body: '{"disk_free_bytes":"1000000000"}\n' } : undefined,
      });
      await sleep(LASTS_MS);
    },
    heal: pass,
    expect: {
      pages: [],
      tickets: ['disk_low'],
      alarms: ['disk_low'],
      within_min: 9,
      query: 'disk_full',
      guilty: { event: 'warehouse_heartbeat', disk_free_mb: 1_000 },
    },
  },
  {
    name: 'decimals too fine',
    fault: 'The exchange counts in thousandths of a contract, for which no column has room.',
    during: async (stage) => {
      const since = Date.now();
      stage.exchange({ kind: 'finer_decimals', count: 5 });
      await stage.heard(({ text }) => text.includes('"frames_rejected"'), SAID_WITHIN_MS, since);
    },
    heal: (stage) => stage.exchange({ kind: 'heal' }),
    expect: {
      pages: [],
      tickets: ['schema_drift'],
      alarms: ['schema_drift'],
      seen: ['sink.SchemaDrift:frames_rejected'],
      within_min: 7,
      query: 'schema_drift',
      guilty: { event: 'frames_rejected', reason: 'too_many_decimals' },
    },
  },
  {
    name: 'row refused',
    fault: 'An administrator gave a table a constraint that some rows break: the engine itself says 469.',
    during: async (stage) => {
      const since = Date.now();
      await stage.sql('ALTER TABLE orderbook_deltas ADD CONSTRAINT own CHECK seq % 20 != 0');
      await stage.heard(({ text }) => text.includes('"insert_dropped"'), SAID_WITHIN_MS, since);
      await stage.sql('ALTER TABLE orderbook_deltas DROP CONSTRAINT own');
    },
    expect: {
      pages: [],
      tickets: ['set_aside'],
      alarms: ['set_aside'],
      seen: ['sink.SetAside:insert_dropped'],
      within_min: 7,
      query: 'poison_block',
      guilty: { event: 'insert_dropped', reason: 'refused_by_clickhouse' },
    },
  },
  {
    name: 'probe refused',
    fault: 'The probe is deployed with a user whom ClickHouse does not know; rows land all the same.',
    during: async (stage) => {
      await stage.probe.deploy({ CLICKHOUSE_USER: 'nobody' });
      await sleep(LASTS_MS);
    },
    heal: (stage) => stage.probe.deploy({}),
    expect: {
      pages: ['warehouse_down'],
      tickets: [],
      alarms: ['clickhouse_refuses'],
      seen: ['probe.ClickHouseRefuses'],
      within_min: 9,
      query: 'schema_or_credentials',
      guilty: { event: 'probe_failed', category: 'auth' },
    },
  },
];
