import { expect, test } from 'vitest';
import { MicroClock } from '../../ecs/clock.ts';

const SECOND = 1_000_000;

function clockworks() {
  const time = { wall: 5_000 * SECOND, monotonic: 0 };
  const clock = new MicroClock(
    () => time.wall,
    () => time.monotonic,
  );
  const pass = (span: number): void => {
    time.wall += span;
    time.monotonic += span;
  };
  return { time, clock, pass };
}

test('the clock follows the monotonic one between two looks at wall time', () => {
  const { clock, time, pass } = clockworks();
  pass(SECOND);
  time.wall += 3;
  expect(clock.now()).toBe(5_001 * SECOND);
  clock.anchor();
  expect(clock.now()).toBe(5_001 * SECOND);
});

test('wall time set forward takes the clock with it', () => {
  const { clock, time } = clockworks();
  time.wall += 60 * SECOND;
  clock.anchor();
  expect(clock.now()).toBe(5_060 * SECOND);
});

test('wall time set back never turns the clock back: it runs a twentieth slower until they meet, then as before', () => {
  const { clock, time, pass } = clockworks();
  time.wall -= SECOND;
  let before = clock.now();
  for (let i = 0; i < 30; i++) {
    clock.anchor();
    expect(clock.now()).toBe(before);
    pass(SECOND);
    const passed = clock.now() - before;
    expect(passed).toBeGreaterThanOrEqual(0.95 * SECOND - 1);
    expect(passed).toBeLessThanOrEqual(SECOND);
    before = clock.now();
  }
  expect(Math.abs(clock.now() - time.wall)).toBeLessThanOrEqual(50_000);
});
