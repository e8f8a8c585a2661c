import type { TradeEvent } from './event.ts';

/** Trades that REST still knows. */
const TRADES_KEPT = 100_000;

export interface TradeQuery {
  readonly ticker: string | undefined;
  /** Both ends included, seconds. */
  readonly min_ts: number | undefined;
  readonly max_ts: number | undefined;
  /** Only trades with a smaller number: the cursor. */
  readonly before: number | undefined;
  readonly limit: number;
}

/** The latest trades of all markets, numbered from 1. */
export class TradeLog {
  #trades: TradeEvent[] = [];
  #forgotten = 0;

  add(trade: TradeEvent): void {
    this.#trades.push(trade);
    if (this.#trades.length < 2 * TRADES_KEPT) return;
    this.#trades = this.#trades.slice(-TRADES_KEPT);
    this.#forgotten += TRADES_KEPT;
  }

  /** Newest first. `next` is the cursor of the page behind; undefined where this is the last. */
  page(query: TradeQuery): { readonly trades: readonly TradeEvent[]; readonly next: number | undefined } {
    const trades: TradeEvent[] = [];
    const newest = Math.min(this.#trades.length, (query.before ?? Infinity) - 1 - this.#forgotten);
    for (let i = newest - 1; i >= 0; i--) {
      const trade = this.#trades[i]!;
      if (!matches(trade, query)) continue;
      if (trades.length === query.limit) return { trades, next: this.#forgotten + i + 2 };
      trades.push(trade);
    }
    return { trades, next: undefined };
  }
}

function matches({ listing, at_us }: TradeEvent, { ticker, min_ts, max_ts }: TradeQuery): boolean {
  const second = Math.floor(at_us / 1_000_000);
  return (ticker ?? listing.ticker) === listing.ticker && second >= (min_ts ?? 0) && second <= (max_ts ?? Infinity);
}
