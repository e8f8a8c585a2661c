import type { BookLevels } from './book.ts';
import { listMarkets } from './listing.ts';
import { createMarket, emptyMarket, type Market, tickerOf } from './market.ts';
import { Random } from './random.ts';
import { RenderedEvent } from './rendered-event.ts';
import type { Floor } from './session.ts';
import { Tape, type TapeMode } from './tape.ts';
import { TradeLog } from './trade-log.ts';
import { TruthLog } from './truth.ts';
import { bodyOf } from './wire.ts';

export interface VenueOptions {
  readonly seed: number;
  readonly tickers: readonly string[] | number;
  /** quoted: books of the start are filled. empty: names only, as replay needs them. */
  readonly books: 'quoted' | 'empty';
  readonly keepTruth: boolean;
  readonly start_us: number;
}

/** The markets, their books and what happened: all that subscriptions and REST tell about. */
export class Venue implements Floor {
  readonly trades = new TradeLog();
  readonly start_us: number;
  readonly #markets: ReadonlyMap<string, Market>;
  readonly #tickerOfId: ReadonlyMap<string, string>;
  readonly #tape: Tape;
  readonly #truth: TruthLog | undefined;
  #now_us: number;

  constructor(options: VenueOptions) {
    const random = new Random(options.seed);
    const make = options.books === 'quoted' ? createMarket : emptyMarket;
    const markets = listMarkets(random, options.tickers).map((listing) => make(listing, random));
    this.#markets = new Map(markets.map((market) => [market.listing.ticker, market]));
    this.#tickerOfId = new Map(markets.map(({ listing }) => [listing.marketId, listing.ticker]));
    this.#tape = new Tape(markets, random);
    this.#truth = options.keepTruth ? new TruthLog(markets) : undefined;
    this.start_us = options.start_us;
    this.#now_us = options.start_us;
  }

  /** Lets the next thing happen. Undefined: nothing can (see Tape). */
  next(at_us: number): RenderedEvent | undefined {
    const event = this.#tape.next(at_us);
    if (event === undefined) return undefined;
    this.#now_us = event.at_us;
    if (event.kind === 'delta') this.#truth?.record(event);
    if (event.kind === 'trade') this.trades.add(event);
    return new RenderedEvent(event);
  }

  get mode(): TapeMode {
    return this.#tape.mode;
  }

  set mode(mode: TapeMode) {
    this.#tape.mode = mode;
  }

  /** Time of the last event. */
  get now_us(): number {
    return this.#now_us;
  }

  market(ticker: string): Market | undefined {
    return this.#markets.get(ticker);
  }

  markets(): readonly Market[] {
    return [...this.#markets.values()];
  }

  tickers(): readonly string[] {
    return [...this.#markets.keys()];
  }

  tickerOfId(marketId: string): string | undefined {
    return this.#tickerOfId.get(marketId);
  }

  book(ticker: string): { readonly marketId: string; readonly levels: BookLevels } | undefined {
    const market = this.#markets.get(ticker);
    return market && { marketId: market.listing.marketId, levels: market.book.levels() };
  }

  tickerBody(ticker: string): string | undefined {
    const market = this.#markets.get(ticker);
    return market && bodyOf(tickerOf(market, this.#now_us), false);
  }

  noteSeq(connection: number, sid: number, seq: number): void {
    this.#truth?.noteSeq(connection, sid, seq);
  }

  truthAt(connection: number, sid: number, seq: number, ticker: string): BookLevels | undefined {
    return this.#truth?.at(connection, sid, seq, ticker);
  }
}
