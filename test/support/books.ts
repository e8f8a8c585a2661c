import type { ClickHouseClient } from '@clickhouse/client';

/** A book in integers: "side price" in 1e-4 dollars → count in 1e-2 contracts. Levels of zero are not there. */
export type Book = ReadonlyMap<string, number>;

/** Folds frames as the exchange documents them, on its own: nothing of core/ is used, so that both cannot share a mistake. */
export class BookFold {
  readonly #levels = new Map<string, number>();
  readonly #market: string;

  constructor(market: string) {
    this.#market = market;
  }

  take(raw: string): void {
    const frame = parse(raw);
    if (frame?.msg?.market_ticker !== this.#market) return;
    if (frame.type === 'orderbook_snapshot') {
      this.#levels.clear();
      this.#snapshot('yes', frame.msg.yes_dollars_fp);
      this.#snapshot('no', frame.msg.no_dollars_fp);
    } else if (frame.type === 'orderbook_delta') {
      this.#add(`${frame.msg.side} ${ten4(frame.msg.price_dollars)}`, hundred(frame.msg.delta_fp));
    }
  }

  book(): Book {
    return new Map(this.#levels);
  }

  #snapshot(side: string, levels: readonly [string, string][] | undefined): void {
    for (const [price, count] of levels ?? []) this.#add(`${side} ${ten4(price)}`, hundred(count));
  }

  #add(level: string, change: number): void {
    const count = (this.#levels.get(level) ?? 0) + change;
    if (count === 0) this.#levels.delete(level);
    else this.#levels.set(level, count);
  }
}

/** The same from the view `book_at`. */
export async function bookAt(client: ClickHouseClient, market: string, time: string): Promise<Book> {
  const answer = await client.query({
    query: `SELECT side, toString(price) AS price, toString(count) AS count
              FROM kalshi.book_at(market = {market:String}, time = {time:String})`,
    query_params: { market, time },
    format: 'JSONEachRow',
  });
  const rows = await answer.json<{ side: string; price: string; count: string }>();
  return new Map(rows.map(({ side, price, count }) => [`${side} ${ten4(price)}`, hundred(count)]));
}

function ten4(price: string): number {
  return Math.round(Number(price) * 1e4);
}

function hundred(count: string): number {
  return Math.round(Number(count) * 100);
}

interface AnyFrame {
  readonly type: string;
  readonly msg?: {
    readonly market_ticker: string;
    readonly side: string;
    readonly price_dollars: string;
    readonly delta_fp: string;
    readonly yes_dollars_fp?: [string, string][];
    readonly no_dollars_fp?: [string, string][];
  };
}

function parse(raw: string): AnyFrame | undefined {
  try {
    return JSON.parse(raw) as AnyFrame;
  } catch {
    return undefined;
  }
}
