import { expect, test } from 'vitest';
import { Schedule } from '../../local/schedule.ts';

/** Time that passes where somebody waits or works; the `turns`th wait lasts until the schedule is stopped. */
function scheduled(durations: readonly number[]) {
  const clock = { ms: 500 };
  const begun: number[] = [];
  const ended = Promise.withResolvers<undefined>();
  const schedule: Schedule = new Schedule({
    everyMs: 100,
    now: () => clock.ms,
    work: () => {
      begun.push(clock.ms);
      clock.ms += durations[begun.length - 1] ?? 0;
      return Promise.resolve();
    },
    wait: (ms, signal) => {
      if (begun.length < durations.length) {
        clock.ms += ms;
        return Promise.resolve();
      }
      ended.resolve(undefined);
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    },
  });
  return { schedule, begun, ended: ended.promise };
}

test('a schedule calls at once and then at every multiple of its period, however long a call took', async () => {
  const { schedule, begun, ended } = scheduled([0, 30, 99, 5]);
  await schedule.start();
  await ended;
  await schedule.stop();
  expect(begun).toEqual([500, 600, 700, 800]);
});

test('a call that lasts longer than the period leaves out the turns that fall into it', async () => {
  const { schedule, begun, ended } = scheduled([250, 100, 0]);
  await schedule.start();
  await ended;
  await schedule.stop();
  expect(begun).toEqual([500, 800, 1_000]);
});

test('a schedule that is stopped waits for the call under way and begins no other', async () => {
  const call = Promise.withResolvers<undefined>();
  let calls = 0;
  const schedule = new Schedule({ everyMs: 60_000, work: () => (calls++, call.promise) });
  const started = [schedule.start(), schedule.start()];
  let stopped = false;
  const stopping = schedule.stop().then(() => (stopped = true));
  await Promise.resolve();
  expect(stopped).toBe(false);
  call.resolve(undefined);
  await Promise.all([...started, stopping]);
  expect(calls).toBe(1);
});

test('a schedule that was never started can be stopped', async () => {
  await new Schedule({ everyMs: 1, work: () => Promise.reject(new Error('called')) }).stop();
});
