import { Book, ONE_DOLLAR, type Side } from './book.ts';
import type { TickerEvent } from './event.ts';
import { type Listing, TICK } from './listing.ts';
import type { Random } from './random.ts';

/** One market's state. Prices in 1e-4 dollars, counts in 1e-2 contracts. */
export interface Market {
  readonly listing: Listing;
  readonly book: Book;
  readonly makers: readonly Maker[];
  /** The yes price around which orders are placed; wanders. */
  mid: number;
  lastPrice: number;
  lastCount: number;
  volume: number;
  openInterest: number;
  /** A maker that has just cancelled and is about to place again. */
  returning: Maker | undefined;
}

/**
 * Keeps one order and moves it: cancels S and places S elsewhere. Nearly all deltas of recorded sessions are such pairs
 * (…-05night.jsonl: the 12 most frequent deltas are ±20, ±621, ±121, ±8379, ±8879, ±6).
 */
export interface Maker {
  readonly side: Side;
  readonly size: number;
  /** 0 while it has no order. */
  price: number;
}

const MAX_INITIAL_LEVELS = 45;

export function createMarket(listing: Listing, random: Random): Market {
  const market = emptyMarket(listing, random);
  seedSide(market, 'yes', random);
  seedSide(market, 'no', random);
  market.volume = random.below(4) === 0 ? 0 : random.below(40_000_000);
  market.openInterest = Math.floor((market.volume * random.between(20, 90)) / 100);
  market.lastPrice = market.volume === 0 ? 0 : market.mid;
  market.lastCount = market.volume === 0 ? 0 : randomCount(random);
  return market;
}

/** A market nobody has quoted yet. */
export function emptyMarket(listing: Listing, random: Random): Market {
  const tick = TICK[listing.structure];
  const makers = Array.from({ length: random.between(2, 8) }, () => ({
    side: random.oneIn(2) ? ('yes' as const) : ('no' as const),
    size: (1 << random.below(14)) * 100 + random.below(60) * 100,
    price: 0,
  }));
  const mid = Math.floor(random.between(300, 9_700) / tick) * tick;
  const quiet = { lastPrice: 0, lastCount: 0, volume: 0, openInterest: 0, returning: undefined };
  return { listing, book: new Book(), makers, mid, ...quiet };
}

/** What `ticker` says about a market now. */
export function tickerOf(market: Market, at_us: number): TickerEvent {
  const yesBid = market.book.best('yes');
  const noBid = market.book.best('no');
  return {
    kind: 'ticker',
    listing: market.listing,
    price: market.lastPrice,
    yesBid,
    yesAsk: ONE_DOLLAR - noBid,
    yesBidCount: market.book.countAt('yes', yesBid),
    yesAskCount: market.book.countAt('no', noBid),
    volume: market.volume,
    openInterest: market.openInterest,
    lastTradeCount: market.lastCount,
    at_us,
  };
}

/** A size people type: round numbers mostly, odd ones sometimes, fractions of a contract now and then. */
export function randomCount(random: Random): number {
  const roll = random.below(100);
  if (roll < 60) return random.pick(ROUND_CONTRACTS) * 100;
  if (roll < 85) return random.between(1, 1_500) * 100;
  return random.between(1, 60_000);
}

/** The highest price a new bid may have without meeting the other side. */
export function roomFor(market: Market, side: Side): number {
  const other = side === 'yes' ? 'no' : 'yes';
  return ONE_DOLLAR - TICK[market.listing.structure] - market.book.best(other);
}

/** Where this side's bids belong: just below the mid. */
export function anchorOf(market: Market, side: Side): number {
  const tick = TICK[market.listing.structure];
  return (side === 'yes' ? market.mid : ONE_DOLLAR - market.mid) - tick;
}

const ROUND_CONTRACTS = [1, 1, 2, 5, 5, 10, 10, 10, 15, 20, 25, 50, 100, 100, 200, 250, 500, 1_000, 3_000] as const;

function seedSide(market: Market, side: Side, random: Random): void {
  const tick = TICK[market.listing.structure];
  const levels = random.oneIn(12) ? 0 : random.between(3, MAX_INITIAL_LEVELS);
  let price = Math.min(anchorOf(market, side), roomFor(market, side));
  for (let i = 0; i < levels && price >= tick; i++) {
    const deep = random.oneIn(4) ? random.between(1, 40) : 1;
    market.book.apply(side, price, randomCount(random) * deep);
    price -= tick * (random.oneIn(5) ? random.between(2, 4) : 1);
  }
}
