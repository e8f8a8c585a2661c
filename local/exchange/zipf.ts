import type { Random } from './random.ts';

const SCALE = 1_000_000;

/** Chooses 0 … size - 1, number k with weight 1/(k+1): few markets make most of the tape. */
export class ZipfChoice {
  /** Running sums of the integer weights. */
  readonly #sums: readonly number[];

  constructor(size: number) {
    if (size < 1) throw new RangeError('nothing to choose from');
    let sum = 0;
    this.#sums = Array.from({ length: size }, (_, k) => (sum += Math.floor(SCALE / (k + 1))));
  }

  next(random: Random): number {
    const point = random.below(this.#sums.at(-1)!);
    let low = 0;
    let high = this.#sums.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sums[middle]! > point) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
