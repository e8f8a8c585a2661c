import { expect, test } from 'vitest';
import { HeldUp } from '../../../ecs/session/held-up.ts';

const TICK_US = 50_000;
const SECOND = 1_000_000;

/** Ticks from `from`, each so long after the one before; which of them count. */
function ticks(heldUp: HeldUp, from: number, waits_us: readonly number[]): boolean[] {
  let now = from;
  return waits_us.map((wait_us) => heldUp.timeCounts((now += wait_us)));
}

const punctual = (seconds: number): number[] => Array.from({ length: (seconds * SECOND) / TICK_US }, () => TICK_US);

test('while ticks are punctual time counts, from the first on', () => {
  expect(ticks(new HeldUp(), 5 * SECOND, punctual(2))).not.toContain(false);
});

test('after a late tick it counts again a second later', () => {
  const counts = ticks(new HeldUp(), 0, [TICK_US, 30 * SECOND, ...punctual(2)]);
  expect(counts.indexOf(false)).toBe(1);
  expect(counts.lastIndexOf(false)).toBe(SECOND / TICK_US);
});

test('a second late tick right behind the first does not count either', () => {
  expect(ticks(new HeldUp(), 0, [TICK_US, 2 * SECOND, 2 * SECOND, TICK_US])).toEqual([true, false, false, false]);
});

test('where every tick is late it counts now and then all the same', () => {
  const counts = ticks(
    new HeldUp(),
    0,
    Array.from({ length: 100 }, () => 400_000),
  );
  expect(counts.filter(Boolean).length).toBeGreaterThanOrEqual(100 / 15);
});
