import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Book, ONE_DOLLAR, opposite, type Side } from '../../../local/exchange/book.ts';

const change = fc.record({
  side: fc.constantFrom<Side>('yes', 'no'),
  price: fc.oneof(
    fc.integer({ min: -1, max: 21 }).map((step) => step * 500),
    fc.integer({ min: 1, max: 9_999 }),
  ),
  delta: fc.integer({ min: -300, max: 300 }),
});

describe('the book', () => {
  it('agrees with a plain map and refuses, unchanged, whatever would be negative, crossed or off the scale', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
        const book = new Book();
        const model = { yes: new Map<number, number>(), no: new Map<number, number>() };
        for (const { side, price, delta } of changes) {
          const after = (model[side].get(price) ?? 0) + delta;
          const best = Math.max(0, ...model[opposite(side)].keys());
          const allowed = price >= 1 && price < ONE_DOLLAR && after >= 0 && (delta <= 0 || price + best < ONE_DOLLAR);
          if (allowed) {
            book.apply(side, price, delta);
            if (after === 0) model[side].delete(price);
            else model[side].set(price, after);
          } else {
            expect(() => book.apply(side, price, delta)).toThrow(RangeError);
          }
          const levels = book.levels();
          expect(levels[side]).toEqual([...model[side]].sort(([a], [b]) => a - b));
          expect(book.best('yes') + book.best('no')).toBeLessThan(ONE_DOLLAR);
        }
      }),
    );
  });

  it('is rebuilt from its own levels', () => {
    const levels = { yes: [[100, 5] as const, [4_000, 7] as const], no: [[5_900, 1] as const] };
    const book = Book.of(levels);
    expect(book.levels()).toEqual(levels);
    expect(book.levelFromBest('yes', 0)).toEqual([4_000, 7]);
    expect(book.levelFromBest('yes', 1)).toEqual([100, 5]);
    expect(book.levelFromBest('yes', 2)).toBeUndefined();
    expect(book.countAt('no', 5_900)).toBe(1);
    expect(book.countAt('no', 5_899)).toBe(0);
  });
});
