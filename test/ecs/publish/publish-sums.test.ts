import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PUBLISH_OK_EVERY_SEC, PublishSums } from '../../../ecs/publish/publish-sums.ts';

const SECOND = 1_000_000;
const one = (over = {}) => ({ blocks: 1, rows: 10, bytes: 100, duration_ms: 5, ...over });

test('the first success is told at once, the next ones as one sum half a minute later', () => {
  const sums = new PublishSums();
  expect(sums.add(one(), 0)).toEqual({ ...one(), span_sec: 0 });
  expect(sums.add(one({ duration_ms: 70 }), 10 * SECOND)).toBeUndefined();
  expect(sums.add(one({ duration_ms: 20 }), 29 * SECOND)).toBeUndefined();
  expect(sums.add(one(), 30 * SECOND)).toEqual({ blocks: 3, rows: 30, bytes: 300, duration_ms: 70, span_sec: 30 });
  expect(sums.rest(31 * SECOND)).toBeUndefined();
});

test('no row is told twice and none is left out, and lines are rare however fast blocks are published', () => {
  const published = fc.array(fc.record({ rows: fc.nat(1_000), bytes: fc.nat(10_000), after_us: fc.nat(20 * SECOND) }), {
    minLength: 1,
    maxLength: 100,
  });
  fc.assert(
    fc.property(published, (blocks) => {
      const sums = new PublishSums();
      const told: { readonly rows: number; readonly bytes: number; readonly blocks: number }[] = [];
      let now = 0;
      for (const { rows, bytes, after_us } of blocks) {
        now += after_us;
        const line = sums.add({ blocks: 1, rows, bytes, duration_ms: 1 }, now);
        if (line !== undefined) told.push(line);
      }
      expect(told.length).toBeLessThanOrEqual(now / (PUBLISH_OK_EVERY_SEC * SECOND) + 1);
      const rest = sums.rest(now);
      if (rest !== undefined) told.push(rest);
      const sum = (of: (line: (typeof told)[number]) => number) => told.reduce((total, line) => total + of(line), 0);
      expect(sum(({ blocks: count }) => count)).toBe(blocks.length);
      expect(sum(({ rows }) => rows)).toBe(blocks.reduce((total, { rows }) => total + rows, 0));
      expect(sum(({ bytes }) => bytes)).toBe(blocks.reduce((total, { bytes }) => total + bytes, 0));
    }),
  );
});
