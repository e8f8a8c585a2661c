import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommandMeter } from '../../../local/exchange/command-meter.ts';
import { Feed } from '../../../local/exchange/feed.ts';
import { DEBT_MAX_MS, Pacer, TAKE_MAX } from '../../../local/exchange/pacer.ts';
import { Venue } from '../../../local/exchange/venue.ts';

describe('the pace', () => {
  it('gives the rate over time however unevenly it is asked', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 50 }),
        (rate, waits) => {
          const pacer = new Pacer(rate, 1_000);
          let now = 1_000;
          let taken = 0;
          for (const wait of waits) taken += pacer.take((now += wait));
          expect(pacer.shed).toBe(0);
          const due = Math.floor(((now - 1_000) * rate) / 1_000);
          expect(due - taken).toBeLessThanOrEqual(0);
          expect(taken).toBe(due);
        },
      ),
    );
  });

  it('catches up in bounded steps and forgets what is too old', () => {
    const pacer = new Pacer(10_000, 0);
    expect(pacer.take(1_000)).toBe(TAKE_MAX);
    expect(pacer.take(1_000)).toBe(TAKE_MAX);
    const late = new Pacer(100, 0);
    expect(late.take(60_000)).toBe((100 * DEBT_MAX_MS) / 1_000);
    expect(late.shed).toBe(6_000 - (100 * DEBT_MAX_MS) / 1_000);
    expect(late.take(60_000)).toBe(0);
    expect(late.take(60_100)).toBe(10);
    expect(late.dueAt_ms(0)).toBeCloseTo(60_100);
  });

  it('owes nothing after a restart, and nothing at all at rate 0', () => {
    const pacer = new Pacer(100, 0);
    pacer.restart(5_000);
    expect(pacer.take(5_000)).toBe(0);
    expect(pacer.take(5_050)).toBe(5);
    expect(new Pacer(0, 0).take(1e9)).toBe(0);
  });
});

describe('the feed', () => {
  const venue = () =>
    new Venue({ seed: 1, tickers: 3, books: 'quoted', keepTruth: false, start_us: 1_000_000_000_000_000 });

  it('gives events the times they were due, which are never in the future', () => {
    const times: number[] = [];
    const feed = new Feed(venue(), { rate: 100, clock: 'wall', maxEvents: 1_000 }, 2e12, ({ event }) =>
      times.push(event.at_us),
    );
    feed.tick(2e12 + 50);
    expect(times).toEqual([10, 20, 30, 40, 50].map((ms) => (2e12 + ms) * 1_000));
  });

  it('counts times from the start where it is told to, so that two runs are the same', () => {
    const run = (steps: number[]) => {
      const bodies: string[] = [];
      const feed = new Feed(venue(), { rate: 100, clock: 'counted', maxEvents: 60 }, 0, (event) =>
        bodies.push(event.body(false)),
      );
      for (const now of steps) feed.tick(now);
      return bodies;
    };
    expect(run([100, 700])).toEqual(run([7, 300, 301, 650]));
    expect(run([700])).toHaveLength(60);
  });

  it('falls silent after maxEvents, while paused, and makes extra events when asked', () => {
    let heard = 0;
    const feed = new Feed(venue(), { rate: 1_000, clock: 'wall', maxEvents: 25 }, 0, () => heard++);
    feed.tick(10);
    feed.pause();
    feed.tick(1_000);
    expect(heard).toBe(10);
    expect(feed.emit(5, 1_000)).toBe(5);
    feed.resume(2_000);
    feed.tick(2_004);
    expect(heard).toBe(19);
    feed.tick(2_500);
    expect(heard).toBe(25);
    expect(feed.emit(5, 3_000)).toBe(0);
  });
});

describe('the command meter', () => {
  it('allows so many a second', () => {
    const meter = new CommandMeter(2);
    expect([1_000, 1_500, 1_999, 2_000].map((now) => meter.allows(now))).toEqual([true, true, false, true]);
  });
});
