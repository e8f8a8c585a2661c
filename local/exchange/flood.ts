import { listMarkets } from './listing.ts';
import { createMarket, type Market } from './market.ts';
import { nextQuote } from './quotes.ts';
import { Random } from './random.ts';
import { bodyOf, frameText, snapshotBody } from './wire.ts';
import { ZipfChoice } from './zipf.ts';

export interface FloodOptions {
  readonly markets?: number;
  readonly sid?: number;
  /** Time of the first delta; those behind it are 1 … 399 µs apart, 5,000 a second on average. */
  readonly start_us?: number;
}

const MARKETS = 200;
const SID = 1;
const START_US = 1_795_460_400_000_000;

/** The snapshots before `generateDeltas` of the same seed and options: one per market, seq from 1. */
export function* generateSnapshots(
  seed: number,
  { markets = MARKETS, sid = SID }: FloodOptions = {},
): Generator<string> {
  let seq = 0;
  for (const { listing, book } of marketsOf(new Random(seed), markets)) {
    seq++;
    const body = snapshotBody(listing.ticker, listing.marketId, book.levels(), false);
    yield frameText('orderbook_snapshot', sid, seq, body);
  }
}

/**
 * `count` orderbook_delta frames over many markets on one sid, seq contiguous behind the snapshots (the first is
 * `markets` + 1). The same seed gives the same bytes. They are the tape's deltas without trades; each ends with a newline.
 */
export function* generateDeltas(
  seed: number,
  count: number,
  { markets = MARKETS, sid = SID, start_us = START_US }: FloodOptions = {},
): Generator<string> {
  const random = new Random(seed);
  const all = marketsOf(random, markets);
  const choice = new ZipfChoice(markets);
  let at_us = start_us;
  for (let made = 0; made < count;) {
    const market = all[choice.next(random)]!;
    const change = nextQuote(market, random);
    if (change === undefined) continue;
    made++;
    market.book.apply(change.side, change.price, change.delta);
    at_us += random.between(1, 399);
    const event = { kind: 'delta', listing: market.listing, ...change, at_us } as const;
    yield frameText('orderbook_delta', sid, markets + made, bodyOf(event, false));
  }
}

function marketsOf(random: Random, count: number): readonly Market[] {
  return listMarkets(random, count).map((listing) => createMarket(listing, random));
}
