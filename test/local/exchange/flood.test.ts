import { describe, expect, it } from 'vitest';
import { generateDeltas, generateSnapshots } from '../../../local/exchange/flood.ts';
import { BookFold } from './book-fold.ts';

describe('the flood', () => {
  it('is the same for a seed', () => {
    expect([...generateDeltas(9, 500)]).toEqual([...generateDeltas(9, 500)]);
    expect([...generateDeltas(9, 500)]).not.toEqual([...generateDeltas(8, 500)]);
    expect([...generateDeltas(9, 500)].slice(0, 100)).toEqual([...generateDeltas(9, 100)]);
  });

  it('has contiguous seq behind its snapshots and folds to books that are never negative', () => {
    const client = new BookFold();
    const frames = [...generateSnapshots(9), ...generateDeltas(9, 20_000)];
    frames.forEach((raw, i) => {
      expect((JSON.parse(raw) as { seq: number }).seq).toBe(i + 1);
      client.take(raw);
    });
    expect(client.tickers()).toHaveLength(200);
    expect(client.negatives).toBe(0);
  });

  it('has frames as long as the real ones', () => {
    const frames = [...generateDeltas(9, 5_000)];
    const mean = frames.reduce((sum, raw) => sum + raw.length, 0) / frames.length;
    expect(mean).toBeGreaterThan(250);
    expect(mean).toBeLessThan(275);
  });
});
