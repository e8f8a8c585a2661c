import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventName } from '../../../core/logging/events.ts';
import type { Drill } from '../drill.ts';
import { AWS_TAKES, SNS_DENIES } from '../notifier-aws.ts';
import type { Stage } from '../stage.ts';
import { deployed, SKEWED_CLOCK } from './streamer.ts';

const SAID_WITHIN_MS = 30_000;
const LASTS_MS = 6_000;
/** Stretched with all spans it is more than the two weeks that CloudWatch takes. */
const HOURS_BEHIND = { NODE_OPTIONS: `--import=${SKEWED_CLOCK}`, DRILL_SKEW_MS: String(-6 * 3_600_000) };

/**
 * Together more than PUBLISH_QUEUE_MAX_MB though a busy machine takes them so slowly that they are packed well, in 17 bytes
 * each; one is far below what the exchange holds for a connection before it says error 25.
 */
const BURSTS = 12;
const BURST_FRAMES = 10_000;
const BURST_EVERY_MS = 300;
/** Blocks of a few frames are many: the sink is to keep up with them. */
const LARGE_BATCHES = { batchSize: 1_000 };
/** Of 100 frames each: what waited lands in several invocations, of which none comes near its timeout. */
const MIDDLE_BATCHES = { batchSize: 200 };
/** Of the lines of as many drifting blocks a second the sink's gate keeps some back: a threshold of many would not see it. */
const SOME_MORE_THAN_KEPT = 40;

const pass = (stage: Stage): Promise<void> => stage.toKinesis.set({ kind: 'pass' });

function said(stage: Stage, event: EventName, since: number): Promise<void> {
  return stage.heard(({ text }) => text.includes(`"event":"${event}"`), SAID_WITHIN_MS, since);
}

/** What the bounds of spool, memory, shutdown and log let go, and whether that is told. */
export const BOUNDS: readonly Drill[] = [
  {
    name: 'spool full',
    fault: 'Kinesis is away; no disk and little memory were given to the streamer, and bursts do not fit.',
    during: async (stage) => {
      await stage.redeployEventSource(MIDDLE_BATCHES);
      await deployed(stage, { SPOOL_MAX_MB: '0', PUBLISH_QUEUE_MAX_MB: '1', FLUSH_ROWS_THRESHOLD: '100' });
      await stage.toKinesis.set({ kind: 'refuse' });
      const since = Date.now();
      for (let burst = 0; burst < BURSTS; burst++) {
        stage.exchange({ kind: 'burst', count: BURST_FRAMES });
        await sleep(BURST_EVERY_MS);
      }
      await said(stage, 'ws_frame_dropped', since);
      await sleep(3_000);
    },
    // All that was kept lands, and then the streamer gets its disk back.
    heal: async (stage) => {
      const since = Date.now();
      await pass(stage);
      await said(stage, 'publish_recovered', since);
      await deployed(stage);
      await stage.landed();
      await stage.redeployEventSource();
    },
    // The loss is to be told for itself, not the lag that comes with it.
    thresholds: { ingest_lag_sec: 600 },
    expect: {
      pages: ['publish_down'],
      tickets: [],
      alarms: ['frames_dropped'],
      may: ['warehouse_stall', 'iterator_age', 'log_silence'],
      seen: ['streamer.PublishFailed'],
      within_min: 7,
      query: 'frames_lost',
      guilty: { event: 'ws_frame_dropped', reason: 'spool_full' },
    },
  },
  {
    name: 'shutdown forced',
    fault: 'Somebody asks the streamer to end, and asks again while it flushes: Kinesis hangs.',
    during: async (stage) => {
      await stage.toKinesis.set({ kind: 'hang' });
      await sleep(200);
      const since = Date.now();
      stage.streamer.kill('SIGTERM');
      await said(stage, 'shutdown_requested', since);
      stage.streamer.kill('SIGTERM');
      await said(stage, 'shutdown_forced', since);
      await pass(stage);
      await said(stage, 'ws_subscribed', since);
    },
    expect: {
      pages: [],
      tickets: ['frames_lost', 'restarted'],
      alarms: ['frames_lost', 'streamer_restarted'],
      seen: ['streamer.FramesLost:shutdown_forced'],
      within_min: 7,
      query: 'frames_lost',
      guilty: { event: 'shutdown_forced' },
    },
  },
  {
    name: 'spool away',
    fault: 'The streamer is deployed with a spool directory that lies under a file.',
    during: async (stage) => {
      const file = `${stage.spoolDir}.file`;
      await writeFile(file, '');
      const since = Date.now();
      await deployed(stage, { SPOOL_DIR: join(file, 'spool') });
      await said(stage, 'spool_unavailable', since);
      await sleep(2_000);
    },
    heal: (stage) => deployed(stage),
    expect: {
      pages: [],
      tickets: ['spool_unavailable'],
      alarms: ['spool_unavailable'],
      may: ['streamer_restarted'],
      mayTickets: ['restarted'],
      within_min: 7,
      query: 'kinesis_throttling',
      guilty: { event: 'spool_unavailable' },
    },
  },
  {
    name: 'spool damaged',
    fault: 'The streamer ends while Kinesis is away, and the disk spoils a block before it starts again.',
    during: async (stage) => {
      await stage.toKinesis.set({ kind: 'refuse' });
      await stage.streamer.down();
      const blocks = (await readdir(stage.spoolDir)).filter((name) => name.endsWith('.ktb'));
      await writeFile(join(stage.spoolDir, blocks[0] ?? 'no block was spooled'), 'spoiled');
      await pass(stage);
      const since = Date.now();
      stage.streamer.start();
      await said(stage, 'spool_damaged', since);
    },
    expect: {
      pages: [],
      tickets: ['frames_lost'],
      alarms: ['frames_lost'],
      seen: ['streamer.FramesLost:spool_damaged'],
      within_min: 9,
      query: 'frames_lost',
      guilty: { event: 'spool_damaged' },
    },
  },
  {
    name: 'left at DEBUG',
    fault: 'Streamer and sink were left at DEBUG; half a megabyte an hour is much here.',
    during: async (stage) => {
      await stage.sink.deploy({ LOG_LEVEL: 'DEBUG' });
      await deployed(stage, { LOG_LEVEL: 'DEBUG', LOG_FRAMES_EVERY: '20' });
      await sleep(LASTS_MS);
    },
    heal: async (stage) => {
      await stage.sink.deploy({});
      await deployed(stage);
    },
    hold_min: 60,
    settle_min: 90,
    thresholds: { log_mb_per_hour: 0.5 },
    expect: {
      pages: [],
      tickets: ['log_volume'],
      alarms: ['log_bytes'],
      query: 'cost_guard',
      guilty: { event: 'block_published', level: 'DEBUG' },
    },
  },
  {
    name: 'every frame logged',
    fault: 'The streamer was left at DEBUG and would print every frame: its gate keeps most lines back.',
    during: async (stage) => {
      await deployed(stage, { LOG_LEVEL: 'DEBUG' });
      await sleep(LASTS_MS);
    },
    heal: (stage) => deployed(stage),
    hold_min: 18,
    expect: {
      pages: [],
      tickets: ['log_volume'],
      alarms: ['lines_suppressed'],
      seen: ['streamer.LinesSuppressed'],
      within_min: 18,
      query: 'cost_guard',
      guilty: { event: 'log_suppressed' },
    },
  },
  {
    name: 'DEBUG in an outage',
    fault: 'ClickHouse is away, and to see why somebody sets the streamer to DEBUG: the lines kept back are no news.',
    during: async (stage) => {
      await stage.toClickHouse.set({ kind: 'refuse' });
      await deployed(stage, { LOG_LEVEL: 'DEBUG' });
      await sleep(LASTS_MS);
    },
    // The lines come back first, while ClickHouse is still away: when that ends they are no news either.
    heal: async (stage) => {
      await deployed(stage);
      await sleep(LASTS_MS);
      await stage.toClickHouse.set({ kind: 'pass' });
    },
    recoverMs: 4_000,
    hold_min: 20,
    expect: {
      pages: ['warehouse_down'],
      tickets: [],
      alarms: ['clickhouse_unreachable', 'lines_suppressed'],
      may: ['warehouse_stall', 'iterator_age', 'log_silence'],
      within_min: 9,
      query: 'dns_or_network',
      guilty: { event: 'sink_batch_failed', category: 'connection_refused' },
    },
  },
  {
    name: 'drift in every block',
    fault:
      'Two messages of three have a field that nobody knows, and each block holds one message: the sink’s gate keeps some lines back.',
    during: async (stage) => {
      await stage.redeployEventSource(LARGE_BATCHES);
      await deployed(stage, { FLUSH_ROWS_THRESHOLD: '1' });
      for (let second = 0; second < 6; second++) {
        stage.exchange({ kind: 'unknown_field', count: SOME_MORE_THAN_KEPT });
        await sleep(1_000);
      }
    },
    heal: async (stage) => {
      stage.exchange({ kind: 'heal' });
      await Promise.all([deployed(stage), stage.redeployEventSource()]);
    },
    hold_min: 18,
    expect: {
      pages: [],
      tickets: ['schema_drift', 'log_volume'],
      alarms: ['schema_drift', 'lines_suppressed'],
      seen: ['sink.LinesSuppressed'],
      within_min: 7,
      query: 'schema_drift',
      guilty: { event: 'schema_drift' },
    },
  },
  {
    name: 'alarm not told',
    fault: 'An alarm fires, and the topic does not let the notifier publish.',
    during: async (stage) => {
      await stage.toAws.set(SNS_DENIES);
      const since = Date.now();
      await stage.tellAlarm();
      await said(stage, 'notification_failed', since);
      await sleep(1_000);
    },
    heal: async (stage) => {
      const since = Date.now();
      await stage.toAws.set(AWS_TAKES);
      await stage.tellAlarm();
      await said(stage, 'notification_sent', since);
    },
    expect: {
      pages: ['watching_blind'],
      tickets: [],
      alarms: ['telling_failed'],
      within_min: 9,
      query: 'telling_failed',
      guilty: { event: 'notification_failed', category: 'auth' },
    },
  },
  {
    name: 'sink’s clock behind',
    fault: 'The clock of the sink’s host is two weeks behind: CloudWatch does not take its metrics.',
    during: async (stage) => {
      await stage.sink.deploy(HOURS_BEHIND);
      await sleep(LASTS_MS);
    },
    heal: (stage) => stage.sink.deploy({}),
    expect: {
      pages: [],
      tickets: ['emf_errors'],
      alarms: ['emf_errors'],
      within_min: 7,
      query: 'emf_errors',
      guilty: { event: 'insert_ok' },
    },
  },
];
