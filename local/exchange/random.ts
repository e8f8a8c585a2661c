const UINT32 = 0x1_0000_0000;

/** A seeded source of integers (xoshiro128**, state filled by splitmix32). The same seed gives the same sequence everywhere. */
export class Random {
  readonly #state: Uint32Array;

  constructor(seed: number) {
    this.#state = new Uint32Array(4);
    let filler = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      filler = (filler + 0x9e3779b9) >>> 0;
      let mixed = Math.imul(filler ^ (filler >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      this.#state[i] = mixed ^ (mixed >>> 15);
    }
  }

  /** 0 … 2^32 - 1. */
  next(): number {
    const s = this.#state;
    const scrambled = Math.imul(s[1]!, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= shifted;
    s[3] = (s[3]! << 11) | (s[3]! >>> 21);
    return result;
  }

  /** 0 … bound - 1. */
  below(bound: number): number {
    return Math.floor((this.next() / UINT32) * bound);
  }

  /** min … max, both included. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  /** True once in `outOf`, on average. */
  oneIn(outOf: number): boolean {
    return this.below(outOf) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** UUID-shaped; with `version4` also marked as one (market ids are, trade ids are not). */
  uuid(version4: boolean): string {
    const hex = [this.next(), this.next(), this.next(), this.next()]
      .map((word) => word.toString(16).padStart(8, '0'))
      .join('');
    const third = version4 ? `4${hex.slice(13, 16)}` : hex.slice(12, 16);
    const fourth = version4 ? `${'89ab'[this.below(4)]!}${hex.slice(17, 20)}` : hex.slice(16, 20);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${third}-${fourth}-${hex.slice(20)}`;
  }
}
