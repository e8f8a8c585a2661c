import { describe, expect, it } from 'vitest';
import { Random } from '../../../local/exchange/random.ts';
import { ZipfChoice } from '../../../local/exchange/zipf.ts';

describe('the seeded random source', () => {
  it('gives the same numbers for the same seed and others for another', () => {
    const draw = (seed: number) => {
      const random = new Random(seed);
      return Array.from({ length: 20 }, () => random.next());
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(draw(0).some((value) => value !== 0)).toBe(true);
  });

  it('stays within its bounds and reaches both ends', () => {
    const random = new Random(1);
    const seen = new Set(Array.from({ length: 1_000 }, () => random.between(3, 6)));
    expect([...seen].sort()).toEqual([3, 4, 5, 6]);
  });

  it('makes version 4 ids where asked and all different', () => {
    const random = new Random(1);
    const ids = Array.from({ length: 500 }, () => random.uuid(true));
    expect(new Set(ids).size).toBe(500);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(random.uuid(false)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('chooses by Zipf: the first twice as often as the second, all of them sometimes', () => {
    const random = new Random(3);
    const choice = new ZipfChoice(10);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 50_000; i++) counts[choice.next(random)]!++;
    expect(counts[0]! / counts[1]!).toBeGreaterThan(1.8);
    expect(counts[0]! / counts[1]!).toBeLessThan(2.2);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });
});
