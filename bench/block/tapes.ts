import { channelOf } from '../../local/exchange/event.ts';
import { generateDeltas } from '../../local/exchange/flood.ts';
import { Random } from '../../local/exchange/random.ts';
import { Venue } from '../../local/exchange/venue.ts';
import { frameText, typeOf } from '../../local/exchange/wire.ts';

/** A frame and when it was received, microseconds since 1970. */
export interface Arrival {
  readonly raw: Buffer;
  readonly recv_ts: number;
}

const SEED = 9;
const MARKETS = 50;
const START_US = 1_795_460_400_000_000;
/** The simulator sends what is due this often, together; frames sent together arrive a few microseconds apart. */
const TICK_US = 5_000;
const APART_MIN_US = 2;
const APART_MAX_US = 9;
/** Of the flood: what the streamer's benchmark sees at a million a second. */
const FLOOD_APART_US = 1;
/** Sids in the order in which the streamer subscribes by default. */
const SIDS = { orderbook_delta: 1, trade: 2, ticker: 3, market_lifecycle_v2: 4, multivariate_market_lifecycle: 5 };

/** The simulator's tape: 85 deltas, 5 trades, 9 tickers and a lifecycle message out of 100, `perSecond` of them. */
export function mixedTape(count: number, perSecond: number): readonly Arrival[] {
  const venue = new Venue({ seed: SEED, tickers: MARKETS, books: 'quoted', keepTruth: false, start_us: START_US });
  const jitter = new Random(SEED);
  const seqs = new Map<number, number>();
  const arrivals: Arrival[] = [];
  let last_us = START_US;
  for (let i = 1; i <= count; i++) {
    const at_us = START_US + Math.floor((i * 1e6) / perSecond);
    const made = venue.next(at_us);
    if (made === undefined) break;
    const channel = channelOf(made.event);
    const sid = SIDS[channel as keyof typeof SIDS];
    const seq = channel === 'ticker' ? undefined : (seqs.get(sid) ?? 0) + 1;
    if (seq !== undefined) seqs.set(sid, seq);
    const sent_us = Math.ceil(at_us / TICK_US) * TICK_US;
    last_us = Math.max(sent_us, last_us) + jitter.between(APART_MIN_US, APART_MAX_US);
    arrivals.push({ raw: Buffer.from(frameText(typeOf(made.event), sid, seq, made.body(false))), recv_ts: last_us });
  }
  return arrivals;
}

/** The delta flood, as fast as the streamer takes it. */
export function floodTape(count: number): readonly Arrival[] {
  let recv_ts = START_US;
  return Array.from(generateDeltas(SEED, count), (text) => ({
    raw: Buffer.from(text),
    recv_ts: (recv_ts += FLOOD_APART_US),
  }));
}
