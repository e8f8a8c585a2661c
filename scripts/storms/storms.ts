import { setTimeout as sleep } from 'node:timers/promises';
import type { PatternName } from '../../core/logging/patterns.ts';
import type { ExchangeOptionsInput } from '../../local/exchange/options.ts';
import type { Workshop } from './workshop.ts';

/** Something that is done to the recorder, and where its log leads who does not know. */
export interface Storm {
  readonly exchange?: ExchangeOptionsInput;
  readonly rage: (workshop: Workshop) => Promise<void>;
  /** The heading of the guide; `health`: the question at its beginning. */
  readonly leadsTo: PatternName | 'health';
  /** Words that one of the heading's causes has and no other; absent: the log cannot tell them apart. */
  readonly cause?: string;
  /** What in the lines says so. */
  readonly sign: string;
  readonly done: string;
}

const live = async (workshop: Workshop, env: Readonly<Record<string, string>> = {}): Promise<void> => {
  await workshop.record(env).event('ws_connected');
  await sleep(2_000);
};

/** By the name of their page. */
export const STORMS: Readonly<Record<string, Storm>> = {
  'reconnect-storm': {
    rage: async (workshop) => {
      await live(workshop, { RECONNECT_BASE_MS: '100', RECONNECT_MAX_MS: '400' });
      const { control } = workshop.exchange;
      const dropping = setInterval(() => control.fault({ kind: 'disconnect', how: 'terminate' }), 150);
      await sleep(10_000);
      control.fault({ kind: 'refuse_connections', status: 503 });
      await sleep(5_000);
      clearInterval(dropping);
      control.fault({ kind: 'heal' });
      await sleep(5_000);
    },
    leadsTo: 'ws_flapping',
    cause: 'the exchange drops what it accepts',
    sign: '`cause: disconnect` and `close_code: 1006`: the other side ended what it had accepted, and no `dead_socket` is there. In the end it answers `http_status: 503`: the network carries its answers, and it does not want us.',
    done: 'For ten seconds the exchange dropped every connection within 150 ms of accepting it, without a close frame; then it refused with 503 for five; then all was well.',
  },
  'gap-storm': {
    exchange: { rate: 1_000 },
    rage: async (workshop) => {
      await live(workshop);
      const { control } = workshop.exchange;
      const dropping = setInterval(() => control.fault({ kind: 'drop_frames', count: 1 }), 100);
      await sleep(9_000);
      clearInterval(dropping);
      await sleep(3_000);
    },
    leadsTo: 'gap_storm',
    cause: 'the exchange skipped numbers',
    sign: '`cause: sequence` with `missing: 1`, on one connection that stays `live`; `event_loop_delay_ms` is small and no error 25 came: we did not read too slowly.',
    done: 'For nine seconds the exchange left out one message in every 100 ms, their numbers used up.',
  },
  'kinesis-away': {
    rage: async (workshop) => {
      await live(workshop);
      workshop.kinesis.behaviour = 'reset';
      await sleep(18_000);
      workshop.kinesis.behaviour = 'take';
      await sleep(8_000);
    },
    leadsTo: 'kinesis_throttling',
    cause: 'the way to it is down',
    sign: '`category: network` and not `throttled`; `component: kinesis`, while `ws_state` stays `live`; `spool_blocks` and `ingest_lag_sec` grow, then `publish_recovered` and `spool_drained`. No `ws_frame_dropped`: nothing was lost.',
    done: 'For 18 seconds Kinesis broke every connection; then it was back.',
  },
  'key-refused': {
    rage: async (workshop) => {
      const settings = { KALSHI_API_KEY_ID: 'of-another-account', RECONNECT_REFUSED_MS: '1500' };
      await workshop.record(settings).event('ws_auth_refused');
      await sleep(16_000);
    },
    leadsTo: 'key_rejected',
    sign: '`http_status: 401` at the first attempt and at each that follows: it was never let in. `clock_offset_sec` is within a second of 0, so it is not the clock; the exchange’s own words, in `exception_msg`, say that it does not know the key.',
    done: 'The streamer was given a key id that the exchange does not know. Waits were shortened to a twentieth.',
  },
  'message-flood': {
    exchange: { rate: 500, marketCount: 200 },
    rage: async (workshop) => {
      await live(workshop);
      const { control } = workshop.exchange;
      const startedAt = Date.now();
      for (let sent = 0; Date.now() < startedAt + FLOOD_MS;) {
        await sleep(FLOOD_TURN_MS);
        const due = Math.floor(((Date.now() - startedAt) * FLOOD_PER_SEC) / 1_000) - sent;
        sent += control.emit(Math.max(1, Math.min(due, FLOOD_TURN_MAX)));
      }
      await sleep(6_000);
    },
    leadsTo: 'health',
    sign: '`messages_per_sec` is some hundred times what it was, and with it `event_loop_delay_ms`, while `ws_state` stays `live`, `ingest_lag_sec` below a second, and there is no gap and no spool. It is the market, and the recorder keeps up. There is not one line more than on a quiet day.',
    done: 'For twelve seconds the exchange sent 50,000 messages a second instead of 500.',
  },
  'clickhouse-down': {
    rage: async (workshop) => {
      const clickhouse = await workshop.land();
      await live(workshop);
      await sleep(8_000);
      await clickhouse.kill();
      await sleep(45_000);
    },
    leadsTo: 'dns_or_network',
    cause: 'the host is up and nobody listens',
    sign: '`component` sink and probe with `category: connection_refused`: the warehouse, the host is up and nobody listens. The streamer’s lines are as ever: `publish_ok`, `ingest_lag_sec` small. The stream keeps the data.',
    done: 'ClickHouse was killed with SIGKILL ten seconds after the start and stayed away.',
  },
  'poison-batch': {
    rage: async (workshop) => {
      await workshop.land();
      await live(workshop);
      await sleep(6_000);
      for (let n = 1; n <= 30; n++) {
        workshop.kinesis.records.push(Buffer.from(`{"order":${n},"from":"another team"}`));
        await sleep(300);
      }
      await sleep(26_000);
    },
    leadsTo: 'poison_block',
    cause: 'somebody else writes to the stream',
    sign: '`record_rejected` with `reason: not_a_block` and some thirty `bytes` each: whole records that no streamer wrote. `insert_ok` goes on, so the good records between them land; `rejects` of it counts them.',
    done: 'Somebody else wrote 30 records of JSON into the stream, three a second.',
  },
};

const FLOOD_PER_SEC = 50_000;
const FLOOD_MS = 12_000;
const FLOOD_TURN_MS = 10;
/** Messages of one turn: what a late timer owes is caught up in several. */
const FLOOD_TURN_MAX = 2_000;
