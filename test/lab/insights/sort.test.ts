import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sortOrder } from '../../../lab/insights/compare.ts';
import { rowsOf } from './support.ts';

/** The order that the service's documentation gives as its example. */
const ASCENDING = ['!:', '#', '*%04', '0#', '5A', '111A', '2345_', '@', '@_', 'A', 'A9876fghj', 'a12345hfh'].concat([
  ...['0', '01', '1', '2', '3'],
]);

describe('sort', () => {
  test('what is no number comes before numbers, in natural order; descending is the reverse', () => {
    const lines = fc.sample(fc.shuffledSubarray(ASCENDING, { minLength: ASCENDING.length }), 5);
    for (const shuffled of lines) {
      const values = (query: string) =>
        rowsOf(
          query,
          shuffled.map((v) => ({ v })),
        ).flat();
      expect(values('fields v | sort v asc')).toEqual(ASCENDING);
      expect(values('fields v | sort v desc')).toEqual(ASCENDING.toReversed());
    }
  });

  test('"by" may stand before the keys, and is a name only between backticks', () => {
    const lines = [
      { n: 2, by: 1 },
      { n: 1, by: 2 },
    ];
    expect(rowsOf('fields n | sort by n', lines).flat()).toEqual([1, 2]);
    expect(rowsOf('fields n | SORT BY n desc, `by`', lines).flat()).toEqual([2, 1]);
    expect(rowsOf('fields n | sort `by` desc', lines).flat()).toEqual([1, 2]);
  });

  test('null comes first in ascending order and last in descending order', () => {
    const lines = [{ v: 1 }, { v: 'a' }, { w: 1 }, { v: 10 }, { v: 9.5 }];
    expect(rowsOf('fields v | sort v', lines).flat()).toEqual([null, 'a', 1, 9.5, 10]);
    expect(rowsOf('fields v | sort v desc', lines).flat()).toEqual([10, 9.5, 1, 'a', null]);
  });

  test('later keys decide where earlier ones are equal, and then the order in which the lines came', () => {
    const lines = [
      { a: 1, b: 1, i: 0 },
      { a: 0, b: 1, i: 1 },
      { a: 1, b: 2, i: 2 },
      { a: 1, b: 1, i: 3 },
    ];
    expect(rowsOf('fields i | sort a desc, b asc', lines).flat()).toEqual([0, 3, 2, 1]);
    expect(rowsOf('fields i | sort a + b', lines).flat()).toEqual([1, 0, 3, 2]);
  });

  test('without sort the newest events come first, and those without a time last', () => {
    const lines = [{ i: 0 }, { i: 1, timestamp: '2026-11-23T22:00:00Z' }, { i: 2, timestamp: '2026-11-23T22:00:01Z' }];
    expect(rowsOf('fields i', lines).flat()).toEqual([2, 1, 0]);
    expect(rowsOf('fields i | limit 1', lines).flat()).toEqual([2]);
  });

  test('a limit after sort gives the first of the whole order, however many there are', () => {
    const lines = Array.from({ length: 5_000 }, (_, i) => ({ i: (i * 7_919) % 5_000 }));
    expect(rowsOf('fields i | sort i desc | limit 3', lines).flat()).toEqual([4_999, 4_998, 4_997]);
    expect(rowsOf('fields i | sort i desc | filter i < 10 | limit 2', lines).flat()).toEqual([9, 8]);
  });

  test('the order is one: antisymmetric and transitive over any values', () => {
    const value = fc.oneof(
      fc.constant(null),
      fc.double({ noNaN: true }),
      fc.string({ unit: fc.constantFrom('a', '1', 'B', '0', '_', '.') }),
    );
    fc.assert(
      fc.property(value, value, value, (a, b, c) => {
        expect(Math.sign(sortOrder(a, b)) + Math.sign(sortOrder(b, a))).toBe(0);
        if (sortOrder(a, b) <= 0 && sortOrder(b, c) <= 0) expect(sortOrder(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});
