import { setTimeout as sleep } from 'node:timers/promises';
import type { Drill } from '../drill.ts';
import { LARGE_INSERTS_IN_HALVES } from './landing.ts';
import { deployed, SKEWED_CLOCK } from './streamer.ts';

const DEAD_WITHIN_MS = 30_000;
const STARTED_WITHIN_MS = 30_000;

/** One fault and what follows from it, or two at once: who is woken for the first is not told of the second. */
export const TOGETHER: readonly Drill[] = [
  {
    name: 'flapping ends in silence',
    fault: 'The exchange ends every connection within seconds, and then one goes silent without a close.',
    during: async (stage) => {
      for (let time = 0; time < 12; time++) {
        stage.exchange({ kind: 'disconnect' });
        await sleep(500);
      }
      const since = Date.now();
      stage.exchange({ kind: 'half_open' });
      await stage.heard(({ text }) => text.includes('"dead_socket"'), DEAD_WITHIN_MS, since);
    },
    heal: (stage) => stage.exchange({ kind: 'heal' }),
    settle_min: 40,
    expect: {
      pages: ['exchange_down'],
      tickets: [],
      alarms: ['ws_flapping', 'dead_feed'],
      may: ['not_live'],
      within_min: 17,
      query: 'ws_flapping',
      guilty: { event: 'ws_disconnected', close_code: 1006 },
    },
  },
  {
    name: 'gap storm and a wrong clock',
    fault: 'Messages are missing again and again, and the clock of the streamer’s host is seven seconds ahead.',
    during: async (stage) => {
      for (let time = 0; time < 20; time++) {
        stage.exchange({ kind: 'drop_frames', count: 1 });
        await sleep(200);
      }
      await deployed(stage, { DRILL_SKEW_MS: '7000' }, ['--import', SKEWED_CLOCK]);
      for (let time = 0; time < 20; time++) {
        stage.exchange({ kind: 'drop_frames', count: 1 });
        await sleep(200);
      }
      await deployed(stage);
    },
    heal: (stage) => stage.exchange({ kind: 'heal' }),
    settle_min: 40,
    expect: {
      pages: ['gap_storm'],
      tickets: [],
      alarms: ['gap_storm', 'clock_skew'],
      within_min: 17,
      query: 'gap_storm',
      guilty: { event: 'ws_gap', cause: 'sequence' },
    },
  },
  {
    name: 'crash loop without Kinesis',
    fault: 'The streamer does not stay up, and then Kinesis is away too.',
    during: async (stage) => {
      for (let time = 0; time < 11; time++) {
        const since = Date.now();
        if (time === 4) await stage.toKinesis.set({ kind: 'refuse' });
        stage.streamer.kill('SIGKILL');
        await stage.heard(({ text }) => text.includes('"ws_subscribed"'), STARTED_WITHIN_MS, since);
        await sleep(600);
      }
    },
    heal: (stage) => stage.toKinesis.set({ kind: 'pass' }),
    recoverMs: 4_000,
    settle_min: 40,
    expect: {
      pages: ['streamer_down'],
      tickets: ['restarted'],
      alarms: ['crash_loop', 'streamer_restarted', 'ingest_lag'],
      may: ['heartbeat_missing', 'not_live', 'spool_not_empty', 'warehouse_stall', 'iterator_age', 'log_silence'],
      within_min: 17,
      query: 'crash_loop',
      guilty: { event: 'startup_config', previous_run: 'crashed' },
    },
  },
  {
    name: 'inserts too large, and a probe that cannot ask',
    fault: 'The probe asks a database that is not there; meanwhile bursts pass the memory of a query only in halves.',
    during: async (stage) => {
      await stage.probe.deploy({ CLICKHOUSE_DATABASE: 'elsewhere' });
      await sleep(4_000);
      await stage.toClickHouse.set(LARGE_INSERTS_IN_HALVES);
      for (let burst = 0; burst < 6; burst++) {
        stage.exchange({ kind: 'burst', count: 1_500 });
        await sleep(1_000);
      }
    },
    heal: async (stage) => {
      await stage.toClickHouse.set({ kind: 'pass' });
      await stage.probe.deploy({});
    },
    recoverMs: 4_000,
    expect: {
      pages: ['warehouse_down'],
      tickets: [],
      alarms: ['clickhouse_refuses', 'clickhouse_memory_tight'],
      seen: ['probe.ClickHouseRefuses', 'sink.InsertSplits'],
      within_min: 9,
      query: 'schema_or_credentials',
      guilty: { event: 'probe_failed', category: 'schema' },
    },
  },
  {
    name: 'all logs silent',
    fault: 'Every program works, and no line of any arrives.',
    during: async (stage) => {
      for (const program of ['streamer', 'sink', 'probe'] as const) stage.muted.add(program);
      await sleep(10_000);
    },
    heal: (stage) => stage.muted.clear(),
    expect: {
      pages: ['streamer_down'],
      tickets: [],
      alarms: ['heartbeat_missing', 'probe_silent'],
      may: ['log_silence'],
      within_min: 9,
      query: 'heartbeat_missing',
    },
  },
];
