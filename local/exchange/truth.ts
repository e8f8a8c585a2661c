import { Book, type BookLevels, type Side } from './book.ts';
import type { DeltaEvent } from './event.ts';
import type { Market } from './market.ts';

/** Changes and seqs that are kept; more throws, for a truth with a hole proves nothing. */
const KEPT_MAX = 20_000_000;

/**
 * Every book at every moment: the books of the start and all changes since, and for each seq of each book subscription
 * how many changes had happened. It is written before any fault can touch a frame.
 */
export class TruthLog {
  readonly #start: ReadonlyMap<string, BookLevels>;
  readonly #changes: Change[] = [];
  readonly #positions = new Map<string, number[]>();

  constructor(markets: Iterable<Market>) {
    this.#start = new Map([...markets].map(({ listing, book }) => [listing.ticker, book.levels()]));
  }

  record({ listing, side, price, delta }: DeltaEvent): void {
    if (this.#changes.length >= KEPT_MAX) throw new RangeError(`the truth keeps ${KEPT_MAX} changes`);
    this.#changes.push({ ticker: listing.ticker, side, price, delta });
  }

  noteSeq(connection: number, sid: number, seq: number): void {
    const key = `${connection}/${sid}`;
    const positions = this.#positions.get(key) ?? [];
    if (positions.length === 0) this.#positions.set(key, positions);
    positions[seq] = this.#changes.length;
  }

  /** The book of a market as a client has it that took everything up to `seq`. Undefined: no such market or seq. */
  at(connection: number, sid: number, seq: number, ticker: string): BookLevels | undefined {
    const start = this.#start.get(ticker);
    const position = this.#positions.get(`${connection}/${sid}`)?.[seq];
    if (start === undefined || position === undefined) return undefined;
    const book = Book.of(start);
    for (const change of this.#changes.slice(0, position)) {
      if (change.ticker === ticker) book.apply(change.side, change.price, change.delta);
    }
    return book.levels();
  }
}

interface Change {
  readonly ticker: string;
  readonly side: Side;
  readonly price: number;
  readonly delta: number;
}
