import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Drill } from '../drill.ts';

const LASTS_MS = 7_000;
const STANDS_STILL = fileURLToPath(new URL('../stands-still.ts', import.meta.url));
/** A minute of the function, less what its start takes. */
const STANDS_STILL_MS = 500;
const STARTS_WITHIN_MS = 30_000;
const CONSEQUENCES = ['warehouse_stall', 'iterator_age', 'log_silence'] as const;

/** What goes wrong with the sink, the event source and the probe. */
export const FUNCTIONS: readonly Drill[] = [
  {
    name: 'sink times out',
    fault: 'The sink stands still as soon as it is invoked: every invocation ends at the function’s timeout.',
    during: async (stage) => {
      await stage.sink.deploy({ NODE_OPTIONS: `--import=${STANDS_STILL}` }, STANDS_STILL_MS);
      await sleep(10_000);
    },
    heal: (stage) => stage.sink.deploy({}),
    expect: {
      pages: ['warehouse_down'],
      tickets: [],
      alarms: ['sink_errors'],
      may: CONSEQUENCES,
      query: 'sink_failing',
      guilty: { type: 'platform.report', 'record.status': 'timeout' },
    },
  },
  {
    name: 'sink crash loop',
    fault: 'The sink’s process dies in every invocation.',
    during: async (stage) => {
      const until = Date.now() + LASTS_MS;
      while (Date.now() < until) {
        const { pid } = stage.sink;
        if (pid !== undefined) process.kill(pid, 'SIGKILL');
        await sleep(80);
      }
    },
    expect: {
      pages: ['warehouse_down'],
      tickets: [],
      alarms: ['sink_errors'],
      may: CONSEQUENCES,
      within_min: 9,
      query: 'sink_failing',
      guilty: { 'record.status': 'failure', 'record.errorType': 'Runtime.ExitError' },
    },
  },
  {
    name: 'sink misconfigured',
    fault: 'The sink is deployed with an address that is none.',
    during: async (stage) => {
      await stage.sink.deploy({ CLICKHOUSE_URL: 'nowhere' });
      await sleep(LASTS_MS);
    },
    heal: (stage) => stage.sink.deploy({}),
    expect: {
      pages: ['warehouse_down'],
      tickets: [],
      alarms: ['sink_critical', 'sink_errors'],
      may: CONSEQUENCES,
      within_min: 9,
      query: 'sink_failing',
      guilty: { event: 'sink_refused' },
    },
  },
  {
    name: 'sink throttled',
    fault: 'Lambda refuses to invoke the sink: its concurrency is used up.',
    during: async (stage) => {
      stage.sink.isThrottled = true;
      await sleep(4_000);
    },
    heal: (stage) => {
      stage.sink.isThrottled = false;
    },
    expect: {
      pages: [],
      tickets: ['sink_throttles'],
      alarms: ['sink_throttles'],
      may: CONSEQUENCES,
      within_min: 9,
    },
  },
  {
    name: 'event source off',
    fault: 'The event source mapping is disabled: nothing lands and nobody says why.',
    during: async (stage) => {
      await stage.stopEventSource();
      await sleep(14_000);
    },
    heal: (stage) => stage.startEventSource(),
    recoverMs: 4_000,
    expect: {
      pages: ['warehouse_stalled'],
      tickets: [],
      alarms: ['warehouse_stall'],
      may: ['log_silence', 'iterator_age'],
      within_min: 16,
      query: 'ingestion_stall',
      guilty: { event: 'warehouse_heartbeat' },
    },
  },
  {
    name: 'poison block',
    fault: 'Somebody writes a record to the stream that is no block.',
    during: async (stage) => {
      await stage.putForeignRecord();
      await sleep(3_000);
    },
    expect: {
      pages: [],
      tickets: ['set_aside'],
      alarms: ['set_aside'],
      within_min: 7,
      query: 'poison_block',
      guilty: { event: 'record_rejected' },
    },
  },
  {
    name: 'sink’s log silent',
    fault: 'The sink works, and its lines do not arrive.',
    during: async (stage) => {
      stage.muted.add('sink');
      await sleep(LASTS_MS);
    },
    heal: (stage) => stage.muted.clear(),
    expect: {
      pages: ['watching_blind'],
      tickets: [],
      alarms: ['log_silence'],
      within_min: 9,
      query: 'log_silence',
      guilty: { event: 'heartbeat' },
    },
  },
  {
    name: 'probe silent',
    fault: 'The probe’s schedule is off.',
    during: async (stage) => {
      await stage.stopProbe();
      await sleep(LASTS_MS);
    },
    heal: (stage) => stage.startProbe(),
    hold_min: 10,
    expect: {
      pages: ['probe_down'],
      tickets: [],
      alarms: ['probe_silent'],
      within_min: 12,
      query: 'probe_silent',
      guilty: { event: 'warehouse_heartbeat' },
    },
  },
  {
    name: 'probe misconfigured',
    fault: 'The probe is deployed with an address that is none.',
    during: async (stage) => {
      await stage.probe.deploy({ CLICKHOUSE_URL: 'nowhere' });
      await sleep(4_000);
    },
    heal: (stage) => stage.probe.deploy({}),
    expect: {
      pages: ['probe_down'],
      tickets: [],
      alarms: ['probe_critical'],
      may: ['probe_silent'],
      within_min: 9,
      query: 'probe_silent',
      guilty: { event: 'probe_refused' },
    },
  },
  {
    name: 'notifier misconfigured',
    fault: 'The notifier is deployed with a topic that is none, and an alarm fires.',
    during: async (stage) => {
      await stage.notify.deploy({ TOPIC_ARN: 'nowhere' });
      const since = Date.now();
      await stage.tellAlarm();
      await stage.heard(({ text }) => text.includes('"notify_refused"'), STARTS_WITHIN_MS, since);
      await sleep(1_000);
    },
    heal: (stage) => stage.notify.deploy({}),
    expect: {
      pages: ['watching_blind'],
      tickets: [],
      alarms: ['telling_failed'],
      seen: ['notify.TellingFailed:notify_refused'],
      within_min: 9,
      query: 'telling_failed',
    },
  },
];
