import type { BookLevels, Level } from '../../../local/exchange/book.ts';

interface Ladder {
  readonly yes: Map<number, number>;
  readonly no: Map<number, number>;
}

/** A client's books, made from frames alone; it knows nothing of the exchange's code. */
export class BookFold {
  readonly #books = new Map<string, Ladder>();
  /** Levels that went below zero, ever. */
  negatives = 0;

  take(raw: string): void {
    const frame = JSON.parse(raw) as { type: string; msg: Record<string, unknown> };
    const ticker = frame.msg['market_ticker'] as string;
    if (frame.type === 'orderbook_snapshot') {
      this.#books.set(ticker, { yes: side(frame.msg['yes_dollars_fp']), no: side(frame.msg['no_dollars_fp']) });
    } else if (frame.type === 'orderbook_delta') {
      const levels = this.#books.get(ticker)![frame.msg['side'] as 'yes' | 'no'];
      const price = units(frame.msg['price_dollars'] as string);
      const count = (levels.get(price) ?? 0) + units(frame.msg['delta_fp'] as string);
      if (count < 0) this.negatives++;
      if (count === 0) levels.delete(price);
      else levels.set(price, count);
    }
  }

  levels(ticker: string): BookLevels | undefined {
    const book = this.#books.get(ticker);
    return book && { yes: sorted(book.yes), no: sorted(book.no) };
  }

  tickers(): string[] {
    return [...this.#books.keys()];
  }
}

/** "-12.30" → -1230, whatever the number of decimals: they are fixed per field. */
export function units(text: string): number {
  return Number(text.replace('.', ''));
}

function side(levels: unknown): Map<number, number> {
  return new Map(((levels ?? []) as [string, string][]).map(([price, count]) => [units(price), units(count)]));
}

function sorted(levels: ReadonlyMap<number, number>): Level[] {
  return [...levels].sort(([a], [b]) => a - b);
}
