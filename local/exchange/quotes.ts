import { ONE_DOLLAR, opposite, type Side } from './book.ts';
import { TICK } from './listing.ts';
import { anchorOf, type Maker, type Market, randomCount, roomFor } from './market.ts';
import type { Random } from './random.ts';

/** One change of one level; not yet applied. */
export interface Change {
  readonly side: Side;
  readonly price: number;
  readonly delta: number;
}

/** What somebody does to the book next. Applying it never makes a level negative nor crosses the book. */
export function nextQuote(market: Market, random: Random): Change | undefined {
  if (random.oneIn(64)) wander(market, random);
  const returning = market.returning;
  if (returning !== undefined && !random.oneIn(7))
    return place(market, returning, random) ?? nextCancel(market, random);
  const roll = random.below(100);
  if (roll < 60) return moveMaker(market, random) ?? addOrder(market, random) ?? nextCancel(market, random);
  if (roll < 82) return addOrder(market, random) ?? nextCancel(market, random);
  return nextCancel(market, random) ?? addOrder(market, random);
}

/** Somebody takes an order back: the only thing that happens while trading is paused. Undefined where the book is empty. */
export function nextCancel(market: Market, random: Random): Change | undefined {
  const first: Side = random.oneIn(2) ? 'yes' : 'no';
  const side = market.book.depth(first) > 0 ? first : opposite(first);
  const level = market.book.levelFromBest(side, distance(random, market.book.depth(side)));
  if (level === undefined) return undefined;
  const [price, count] = level;
  const part = random.oneIn(3) ? count : Math.min(count, randomCount(random));
  return { side, price, delta: -part };
}

function moveMaker(market: Market, random: Random): Change | undefined {
  const maker = random.pick(market.makers);
  if (maker.price === 0) return place(market, maker, random);
  const { side, price, size } = maker;
  const resting = Math.min(size, market.book.countAt(side, price));
  maker.price = 0;
  market.returning = maker;
  return resting === 0 ? place(market, maker, random) : { side, price, delta: -resting };
}

function place(market: Market, maker: Maker, random: Random): Change | undefined {
  const price = priceBelow(market, maker.side, random.below(4) + random.below(4));
  if (market.returning === maker) market.returning = undefined;
  if (price === undefined) return undefined;
  maker.price = price;
  return { side: maker.side, price, delta: maker.size };
}

function addOrder(market: Market, random: Random): Change | undefined {
  const side: Side = random.oneIn(2) ? 'yes' : 'no';
  const price = priceBelow(market, side, distance(random, 24));
  return price === undefined ? undefined : { side, price, delta: randomCount(random) };
}

/** A price `ticks` below where this side's bids belong; undefined where the other side leaves no room. */
function priceBelow(market: Market, side: Side, ticks: number): number | undefined {
  const tick = TICK[market.listing.structure];
  const wanted = Math.max(tick, anchorOf(market, side) - ticks * tick);
  const price = Math.min(wanted, roomFor(market, side));
  return price < tick ? undefined : price;
}

/** 0 … bound - 1, near 0 mostly (geometric, mean 3). */
function distance(random: Random, bound: number): number {
  let steps = 0;
  while (steps < bound - 1 && !random.oneIn(4)) steps++;
  return steps;
}

function wander(market: Market, random: Random): void {
  const tick = TICK[market.listing.structure];
  const moved = market.mid + (random.oneIn(2) ? tick : -tick);
  if (moved >= 2 * tick && moved <= ONE_DOLLAR - 2 * tick) market.mid = moved;
}
