/** A book of bids in integers. It refuses (RangeError, unchanged) a change that would make a level negative or cross the book. */
export class Book {
  readonly #ladders: Readonly<Record<Side, Ladder>> = { yes: new Ladder(), no: new Ladder() };

  static of(levels: BookLevels): Book {
    const book = new Book();
    for (const [price, count] of levels.yes) book.apply('yes', price, count);
    for (const [price, count] of levels.no) book.apply('no', price, count);
    return book;
  }

  /** `delta` is a signed change of the level, as on the wire. */
  apply(side: Side, price: number, delta: number): void {
    if (!Number.isInteger(price) || price < 1 || price >= ONE_DOLLAR) throw new RangeError(`no such price: ${price}`);
    if (delta > 0 && price + this.best(opposite(side)) >= ONE_DOLLAR) {
      throw new RangeError(`a ${side} bid at ${price} would cross the book`);
    }
    this.#ladders[side].add(price, delta);
  }

  /** The best bid's price; 0 where the side is empty. */
  best(side: Side): number {
    return this.#ladders[side].best();
  }

  countAt(side: Side, price: number): number {
    return this.#ladders[side].countAt(price);
  }

  /** Number of levels. */
  depth(side: Side): number {
    return this.#ladders[side].depth();
  }

  /** The level `fromBest` places below the best; undefined where there is none. */
  levelFromBest(side: Side, fromBest: number): Level | undefined {
    return this.#ladders[side].levelAt(this.depth(side) - 1 - fromBest);
  }

  levels(): BookLevels {
    return { yes: this.#ladders.yes.levels(), no: this.#ladders.no.levels() };
  }
}

export type Side = 'yes' | 'no';

/** [price in 1e-4 dollars, count in 1e-2 contracts]. */
export type Level = readonly [price: number, count: number];

/** Both ladders of bids, ascending by price: the best bid is the last. */
export interface BookLevels {
  readonly yes: readonly Level[];
  readonly no: readonly Level[];
}

/** One dollar in price units: a yes bid at p meets a no bid at ONE_DOLLAR - p. */
export const ONE_DOLLAR = 10_000;

export function opposite(side: Side): Side {
  return side === 'yes' ? 'no' : 'yes';
}

/** Parallel arrays, ascending: a book has tens of levels and nearly all changes are near its end. */
class Ladder {
  readonly #prices: number[] = [];
  readonly #counts: number[] = [];

  add(price: number, delta: number): void {
    const at = this.#indexOf(price);
    const before = this.#prices[at] === price ? this.#counts[at]! : 0;
    const after = before + delta;
    if (!Number.isSafeInteger(after) || after < 0)
      throw new RangeError(`${before} and ${delta} at ${price} leave ${after}`);
    if (this.#prices[at] !== price) {
      if (after === 0) return;
      this.#prices.splice(at, 0, price);
      this.#counts.splice(at, 0, after);
    } else if (after === 0) {
      this.#prices.splice(at, 1);
      this.#counts.splice(at, 1);
    } else {
      this.#counts[at] = after;
    }
  }

  best(): number {
    return this.#prices.at(-1) ?? 0;
  }

  depth(): number {
    return this.#prices.length;
  }

  countAt(price: number): number {
    const at = this.#indexOf(price);
    return this.#prices[at] === price ? this.#counts[at]! : 0;
  }

  levelAt(index: number): Level | undefined {
    const price = this.#prices[index];
    return price === undefined ? undefined : [price, this.#counts[index]!];
  }

  levels(): Level[] {
    return this.#prices.map((price, index) => [price, this.#counts[index]!] as const);
  }

  /** Where `price` is, or would be inserted. */
  #indexOf(price: number): number {
    let at = this.#prices.length;
    while (at > 0 && this.#prices[at - 1]! >= price) at--;
    return at;
  }
}
