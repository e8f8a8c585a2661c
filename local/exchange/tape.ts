import { opposite, ONE_DOLLAR, type Side } from './book.ts';
import type { DeltaEvent, MarketEvent, TradeEvent } from './event.ts';
import { LifecycleSource } from './lifecycle.ts';
import { type Market, randomCount, tickerOf } from './market.ts';
import { type Change, nextCancel, nextQuote } from './quotes.ts';
import type { Random } from './random.ts';
import { ZipfChoice } from './zipf.ts';

/** cancels_only: the exchange before maintenance: no trades, nothing new, only orders taken back. */
export type TapeMode = 'trading' | 'cancels_only';

/**
 * Actions out of 90. A trade is three messages (trade, its delta, a ticker), so that out of 100 messages
 * 85 are deltas, 5 trades, 9 tickers and 1 is lifecycle.
 */
const TRADE_ACTIONS = 5;
const TICKER_ACTIONS = 4;
const LIFECYCLE_ACTIONS = 1;
const ALL_ACTIONS = 90;

/** One trade in this many is a block trade: it happens off the book. */
const BLOCK_TRADE_ONE_IN = 500;

/** The exchange as one stream of events. Time is an argument; the same markets, random and times give the same tape. */
export class Tape {
  mode: TapeMode = 'trading';
  readonly #markets: readonly Market[];
  readonly #random: Random;
  readonly #choice: ZipfChoice;
  readonly #lifecycle: LifecycleSource;
  /** What a trade brings with it. Nothing else happens before it is told. */
  readonly #following: Following[] = [];
  #last_us = 0;

  constructor(markets: readonly Market[], random: Random) {
    this.#markets = markets;
    this.#random = random;
    this.#choice = new ZipfChoice(markets.length);
    this.#lifecycle = new LifecycleSource(random);
  }

  /** The next event, its change applied to the market. Undefined only where all books are empty and only cancels are allowed. */
  next(at_us: number): MarketEvent | undefined {
    this.#last_us = Math.max(this.#last_us, at_us);
    const following = this.#following.shift();
    if (following !== undefined) return this.#follow(following);
    return this.mode === 'trading' ? this.#act() : this.#cancel();
  }

  #act(): MarketEvent {
    const market = this.#markets[this.#choice.next(this.#random)]!;
    const roll = this.#random.below(ALL_ACTIONS);
    if (roll < LIFECYCLE_ACTIONS) return this.#lifecycle.next(this.#last_us);
    if (roll < LIFECYCLE_ACTIONS + TICKER_ACTIONS) return tickerOf(market, this.#last_us);
    if (roll < LIFECYCLE_ACTIONS + TICKER_ACTIONS + TRADE_ACTIONS) {
      const trade = this.#trade(market);
      if (trade !== undefined) return trade;
    }
    const change = nextQuote(market, this.#random);
    return change === undefined ? tickerOf(market, this.#last_us) : this.#apply(market, change);
  }

  #cancel(): DeltaEvent | undefined {
    const start = this.#choice.next(this.#random);
    for (let i = 0; i < this.#markets.length; i++) {
      const market = this.#markets[(start + i) % this.#markets.length]!;
      const change = nextCancel(market, this.#random);
      if (change !== undefined) return this.#apply(market, change);
    }
    return undefined;
  }

  /** A taker meets the best bid of the other side. */
  #trade(market: Market): TradeEvent | undefined {
    const taker: Side = this.#random.oneIn(2) ? 'yes' : 'no';
    const maker = opposite(taker);
    const best = market.book.levelFromBest(maker, 0);
    if (best === undefined) return undefined;
    const [price, resting] = best;
    const count = Math.min(resting, randomCount(this.#random));
    const isBlockTrade = this.#random.oneIn(BLOCK_TRADE_ONE_IN);
    const yesPrice = maker === 'yes' ? price : ONE_DOLLAR - price;
    this.#book(market, yesPrice, count);
    if (!isBlockTrade) this.#following.push({ kind: 'fill', market, change: { side: maker, price, delta: -count } });
    this.#following.push({ kind: 'ticker', market });
    const tradeId = this.#random.uuid(false);
    return {
      kind: 'trade',
      listing: market.listing,
      tradeId,
      yesPrice,
      count,
      taker,
      isBlockTrade,
      at_us: this.#last_us,
    };
  }

  #book(market: Market, yesPrice: number, count: number): void {
    market.lastPrice = yesPrice;
    market.lastCount = count;
    market.volume += count;
    if (this.#random.below(100) < 60) market.openInterest += count;
    else market.openInterest -= Math.min(market.openInterest, count);
  }

  #follow(following: Following): MarketEvent {
    if (following.kind === 'fill') return this.#apply(following.market, following.change);
    return tickerOf(following.market, this.#last_us);
  }

  #apply(market: Market, { side, price, delta }: Change): DeltaEvent {
    market.book.apply(side, price, delta);
    return { kind: 'delta', listing: market.listing, side, price, delta, at_us: this.#last_us };
  }
}

type Following =
  | { readonly kind: 'fill'; readonly market: Market; readonly change: Change }
  | { readonly kind: 'ticker'; readonly market: Market };
