import { setTimeout as sleep } from 'node:timers/promises';
import type { Drill } from '../drill.ts';
import type { Stage } from '../stage.ts';

const heal = (stage: Stage): void => stage.exchange({ kind: 'heal' });

/** What goes wrong between the exchange and the streamer. */
export const EXCHANGE: readonly Drill[] = [
  {
    name: 'socket half-open',
    fault: 'The exchange’s socket stays open and not a byte comes any more.',
    during: async (stage) => {
      stage.exchange({ kind: 'half_open' });
      await stage.heard(({ text }) => text.includes('"dead_socket"'), 10_000);
    },
    heal,
    expect: {
      pages: [],
      tickets: ['feed_replaced'],
      alarms: ['dead_feed'],
      within_min: 8,
      query: 'quiet_or_dead',
      guilty: { event: 'ws_disconnected', cause: 'dead_socket' },
    },
  },
  {
    name: 'WS flapping',
    fault: 'The exchange ends every connection within seconds.',
    during: async (stage) => {
      for (let time = 0; time < 12; time++) {
        stage.exchange({ kind: 'disconnect' });
        await sleep(500);
      }
    },
    settle_min: 40,
    expect: {
      pages: ['exchange_down'],
      tickets: [],
      alarms: ['ws_flapping'],
      may: ['not_live'],
      within_min: 17,
      query: 'ws_flapping',
      guilty: { event: 'ws_disconnected', close_code: 1006 },
    },
  },
  {
    name: 'exchange maintenance',
    fault: 'The exchange closes every connection and answers 503.',
    during: async (stage) => {
      stage.exchange({ kind: 'maintenance', pauseMs: 500, downMs: 7_000 });
      await sleep(7_500);
    },
    heal,
    expect: {
      pages: [],
      tickets: ['exchange_closed'],
      alarms: ['exchange_unavailable', 'not_live'],
      within_min: 8,
      query: 'exchange_maintenance',
      guilty: { event: 'ws_error', http_status: 503 },
    },
  },
  {
    name: 'exchange away for hours',
    fault: 'The exchange says 503 for more than three hours.',
    during: async (stage) => {
      stage.exchange({ kind: 'refuse_connections', status: 503 });
      stage.exchange({ kind: 'disconnect' });
      await sleep(6_000);
    },
    heal,
    hold_min: 230,
    settle_min: 100,
    expect: {
      pages: ['exchange_away'],
      tickets: ['exchange_closed'],
      alarms: ['exchange_unavailable', 'not_live', 'not_live_for_hours'],
      query: 'exchange_maintenance',
      guilty: { event: 'ws_error', http_status: 503 },
    },
  },
  {
    name: 'exchange unreachable',
    fault: 'The exchange’s port is closed and open connections are reset.',
    during: async (stage) => {
      stage.exchange({ kind: 'stop_listening', drop: true });
      await sleep(7_000);
    },
    heal,
    expect: {
      pages: ['exchange_down'],
      tickets: [],
      alarms: ['not_live'],
      within_min: 9,
      query: 'exchange_unreachable',
      guilty: { event: 'ws_error', category: 'connection_refused' },
    },
  },
  {
    name: 'key rejected',
    fault: 'The exchange answers 401 to our key.',
    during: async (stage) => {
      stage.exchange({ kind: 'refuse_connections', status: 401 });
      stage.exchange({ kind: 'disconnect' });
      await sleep(6_000);
    },
    // As after the secret was corrected: it is read at a start.
    heal: (stage) => {
      stage.exchange({ kind: 'heal' });
      stage.streamer.kill('SIGTERM');
    },
    settle_min: 60,
    expect: {
      pages: ['exchange_down'],
      tickets: [],
      alarms: ['key_rejected', 'not_live'],
      within_min: 17,
      query: 'key_rejected',
      guilty: { event: 'ws_auth_refused', http_status: 401 },
    },
  },
  {
    name: 'gap storm',
    fault: 'Messages are missing again and again within a living connection.',
    during: async (stage) => {
      for (let time = 0; time < 40; time++) {
        stage.exchange({ kind: 'drop_frames', count: 1 });
        await sleep(200);
      }
    },
    heal,
    settle_min: 40,
    expect: {
      pages: ['gap_storm'],
      tickets: [],
      alarms: ['gap_storm'],
      within_min: 17,
      query: 'gap_storm',
      guilty: { event: 'ws_gap', cause: 'sequence' },
    },
  },
  {
    name: 'slow consumer',
    fault: 'The exchange ends a subscription because we read too slowly (error 25).',
    during: async (stage) => {
      stage.exchange({ kind: 'channel_error', code: 25 });
      await sleep(3_000);
    },
    expect: {
      pages: [],
      tickets: ['slow_consumer'],
      alarms: ['slow_consumer'],
      within_min: 7,
      query: 'gap_storm',
      guilty: { event: 'ws_gap', cause: 'exchange_overflow' },
    },
  },
  {
    name: 'subscription refused',
    fault: 'The exchange refuses a subscription: too many markets (error 26).',
    during: async (stage) => {
      stage.exchange({ kind: 'command_error', code: 26, count: 1 });
      stage.exchange({ kind: 'disconnect' });
      await sleep(3_000);
    },
    heal: (stage) => {
      stage.exchange({ kind: 'heal' });
      stage.exchange({ kind: 'disconnect' });
    },
    expect: {
      pages: [],
      tickets: ['subscription_refused'],
      alarms: ['subscription_refused'],
      query: 'subscription_refused',
      guilty: { event: 'ws_exchange_error', error_code: 26 },
    },
  },
  {
    name: 'schema drift',
    fault: 'The exchange sends a field and a type that we do not know.',
    during: async (stage) => {
      stage.exchange({ kind: 'unknown_field', count: 5 });
      stage.exchange({ kind: 'foreign', what: 'type' });
      await sleep(3_000);
    },
    heal,
    expect: {
      pages: [],
      tickets: ['schema_drift'],
      alarms: ['schema_drift'],
      within_min: 7,
      query: 'schema_drift',
      guilty: { event: 'schema_drift' },
    },
  },
];
