import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Drill } from '../drill.ts';
import type { Stage } from '../stage.ts';

export const SKEWED_CLOCK = fileURLToPath(new URL('../skewed-clock.ts', import.meta.url));
const THROWS_LATER = fileURLToPath(new URL('../throws-later.ts', import.meta.url));
const SUBSCRIBED_WITHIN_MS = 30_000;

/** Ends the streamer cleanly and starts it with another environment: a deployment. */
async function deploy(stage: Stage, own: Readonly<Record<string, string>>, flags: readonly string[] = []) {
  await stage.streamer.down();
  stage.streamer.start(own, flags);
}

export async function deployed(
  stage: Stage,
  own: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
) {
  const since = Date.now();
  await deploy(stage, own, flags);
  await stage.heard(({ text }) => text.includes('"ws_subscribed"'), SUBSCRIBED_WITHIN_MS, since);
}

/** What goes wrong in the streamer, or with its host. */
export const STREAMER: readonly Drill[] = [
  {
    name: 'streamer killed',
    fault: 'The streamer is killed (SIGKILL) and not started again for minutes.',
    during: async (stage) => {
      await stage.streamer.down('SIGKILL');
      await sleep(9_000);
    },
    heal: (stage) => stage.streamer.start(),
    expect: {
      pages: ['streamer_down'],
      tickets: ['restarted'],
      alarms: ['heartbeat_missing', 'streamer_restarted'],
      within_min: 9,
      query: 'heartbeat_missing',
      guilty: { event: 'heartbeat', ws_state: 'live' },
    },
  },
  {
    name: 'streamer crash loop',
    fault: 'The streamer is killed as often as it starts.',
    during: async (stage) => {
      for (let time = 0; time < 5; time++) {
        const since = Date.now();
        stage.streamer.kill('SIGKILL');
        await stage.heard(({ text }) => text.includes('"startup_config"'), SUBSCRIBED_WITHIN_MS, since);
        await sleep(600);
      }
    },
    settle_min: 40,
    expect: {
      pages: ['streamer_down'],
      tickets: ['restarted'],
      alarms: ['crash_loop', 'streamer_restarted'],
      may: ['heartbeat_missing', 'not_live'],
      within_min: 17,
      query: 'crash_loop',
      guilty: { event: 'startup_config', previous_run: 'crashed' },
    },
  },
  {
    name: 'streamer throws',
    fault: 'A mistake of ours ends the streamer by an error that nobody catches.',
    during: async (stage) => {
      const since = Date.now();
      await deployed(stage, { DRILL_THROW_AFTER_MS: '2000' }, ['--import', THROWS_LATER]);
      await stage.heard(({ text }) => text.includes('"crashed"'), SUBSCRIBED_WITHIN_MS, since);
    },
    heal: (stage) => deployed(stage),
    expect: {
      pages: ['streamer_down'],
      tickets: ['restarted'],
      alarms: ['streamer_critical', 'streamer_restarted'],
      within_min: 9,
      query: 'crash_loop',
      guilty: { event: 'crashed' },
    },
  },
  {
    name: 'streamer misconfigured',
    fault: 'The streamer is deployed with a setting that it refuses, and does not start.',
    during: async (stage) => {
      await deploy(stage, { HEARTBEAT_SECONDS: 'often' });
      await sleep(6_000);
    },
    heal: (stage) => deployed(stage),
    expect: {
      pages: ['streamer_down'],
      tickets: [],
      alarms: ['streamer_critical'],
      may: ['heartbeat_missing'],
      within_min: 9,
      query: 'crash_loop',
      guilty: { event: 'startup_refused' },
    },
  },
  {
    name: 'clock skew',
    fault: 'The clock of the streamer’s host is seven seconds ahead.',
    during: async (stage) => {
      await deployed(stage, { DRILL_SKEW_MS: '7000' }, ['--import', SKEWED_CLOCK]);
      await sleep(6_000);
    },
    heal: (stage) => deployed(stage),
    expect: {
      pages: [],
      tickets: ['clocks_differ'],
      alarms: ['clock_skew'],
      within_min: 10,
      query: 'clock_skew',
      guilty: { event: 'heartbeat' },
    },
  },
  {
    name: 'Kinesis throttled',
    fault: 'Kinesis throttles every request, for minutes.',
    during: async (stage) => {
      await stage.throttleKinesis();
      await sleep(8_000);
    },
    heal: (stage) => stage.toKinesis.set({ kind: 'pass' }),
    recoverMs: 4_000,
    expect: {
      pages: ['publish_down'],
      tickets: [],
      alarms: ['stream_throttled', 'ingest_lag'],
      may: ['kinesis_throttled', 'warehouse_stall', 'iterator_age', 'log_silence'],
      seen: ['streamer.PublishThrottled:publish_failed', 'streamer.PublishThrottled:publish_retry'],
      within_min: 10,
      query: 'lag_growing',
      guilty: {},
    },
  },
  {
    name: 'Kinesis throttled a little',
    fault: 'Kinesis throttles one request of three: everything gets through.',
    during: async (stage) => {
      await stage.throttleKinesis(3);
      await sleep(7_000);
    },
    heal: (stage) => stage.toKinesis.set({ kind: 'pass' }),
    expect: {
      pages: [],
      tickets: ['throttled'],
      alarms: ['kinesis_throttled', 'stream_throttled'],
      within_min: 10,
      query: 'kinesis_throttling',
      guilty: { event: 'publish_retry', category: 'throttled' },
    },
  },
  {
    name: 'Kinesis away',
    fault: 'Nobody answers at Kinesis’s address for half an hour: blocks wait on disk.',
    during: async (stage) => {
      await stage.toKinesis.set({ kind: 'refuse' });
      await sleep(7_000);
    },
    heal: (stage) => stage.toKinesis.set({ kind: 'pass' }),
    recoverMs: 5_000,
    hold_min: 30,
    expect: {
      pages: ['publish_down'],
      tickets: [],
      alarms: ['ingest_lag', 'spool_not_empty'],
      may: ['warehouse_stall', 'iterator_age', 'log_silence'],
      seen: ['streamer.PublishFailed', 'streamer.SpoolBlocks'],
      within_min: 10,
      query: 'lag_growing',
      guilty: {},
    },
  },
  {
    name: 'streamer’s log silent',
    fault: 'The streamer works, and its lines do not arrive.',
    during: async (stage) => {
      stage.muted.add('streamer');
      await sleep(10_000);
    },
    heal: (stage) => stage.muted.clear(),
    expect: {
      pages: ['watching_blind'],
      tickets: [],
      alarms: ['log_silence', 'heartbeat_missing'],
      within_min: 9,
      query: 'log_silence',
      guilty: { event: 'warehouse_heartbeat' },
    },
  },
];
