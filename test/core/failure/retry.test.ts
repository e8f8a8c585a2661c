import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { FAILURE_CLASS_NAMES, obligationOf } from '../../../core/failure/classes.ts';
import { failureOf } from '../../../core/failure/failure.ts';
import { type Attempt, RetryError, retry, type RetryOptions } from '../../../core/failure/retry.ts';

/** Time that passes only where it is told to. */
class FakeClock {
  at = 1_000_000;
  readonly slept: number[] = [];
  now = () => this.at;
  sleep = (ms: number) => {
    this.slept.push(ms);
    this.at += ms;
    return Promise.resolve();
  };
}

const failing = (name: (typeof FAILURE_CLASS_NAMES)[number], retryAfterMs?: number) =>
  Object.assign(new Error(name), { failure: failureOf(name, name, { retryAfterMs }) });
const options = (clock: FakeClock, more: Partial<RetryOptions> = {}): RetryOptions => ({
  task: 'insert of frames',
  attempts: 5,
  budgetMs: 60_000,
  clock,
  random: () => 0.5,
  ...more,
});
const rejectionOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RetryError);
  return error as RetryError;
};

describe('retry', () => {
  test('a success after failures is a success', async () => {
    const clock = new FakeClock();
    const seen: number[] = [];
    const operation = ({ attempt }: Attempt) =>
      attempt < 3 ? Promise.reject(failing('connection_refused')) : Promise.resolve('done');
    const onRetry = ({ attempt, waitMs }: { attempt: number; waitMs: number }) => seen.push(attempt, waitMs);
    expect(await retry(operation, options(clock, { onRetry }))).toBe('done');
    expect(seen).toEqual([1, 50, 2, 100]);
    expect(clock.slept).toEqual([50, 100]);
  });

  test.each(FAILURE_CLASS_NAMES.filter((name) => obligationOf(name).retry === 'no'))(
    '%s is not tried again',
    async (name) => {
      const cause = failing(name);
      const error = await rejectionOf(retry(() => Promise.reject(cause), options(new FakeClock())));
      expect(error).toMatchObject({ gaveUp: 'refused', attempts: 1, failure: { class: name }, cause });
    },
  );

  test('a class that is tried once more is, counted by itself', async () => {
    const causes = [failing('network'), failing('memory_query'), failing('network'), failing('memory_query')];
    const error = await rejectionOf(
      retry(
        ({ attempt }) => Promise.reject(causes[attempt - 1] ?? failing('data')),
        options(new FakeClock(), { attempts: 9 }),
      ),
    );
    expect(error).toMatchObject({ gaveUp: 'refused', attempts: 4, failure: { class: 'memory_query' } });
  });

  test('what is thrown before a promise is made counts as a failed attempt', async () => {
    const error = await rejectionOf(
      retry(() => {
        throw new TypeError('ours');
      }, options(new FakeClock())),
    );
    expect(error).toMatchObject({ gaveUp: 'refused', failure: { class: 'local_bug' } });
  });

  test('the final error says whether the task is known not to be done', async () => {
    const certain = await rejectionOf(retry(() => Promise.reject(failing('data')), options(new FakeClock())));
    const ambiguous = await rejectionOf(retry(() => Promise.reject(failing('timeout')), options(new FakeClock())));
    expect(certain.message).toContain('insert of frames was not done (1 attempt(s)');
    expect(ambiguous.message).toContain('insert of frames is not known to be done (5 attempt(s)');
  });

  test('a wait beyond the budget is not begun', async () => {
    const clock = new FakeClock();
    const error = await rejectionOf(retry(() => Promise.reject(failing('overload', 90_000)), options(clock)));
    expect(error).toMatchObject({ gaveUp: 'budget', attempts: 1 });
    expect(clock.slept).toEqual([]);
  });

  test('no budget, no attempt', async () => {
    const error = await rejectionOf(retry(() => Promise.resolve(1), options(new FakeClock(), { budgetMs: 0 })));
    expect(error).toMatchObject({ gaveUp: 'budget', attempts: 0 });
  });

  test('an abort before, during and between attempts ends it', async () => {
    const aborted = AbortSignal.abort(new Error('stop'));
    const before = await rejectionOf(retry(() => Promise.resolve(1), options(new FakeClock(), { signal: aborted })));
    expect(before).toMatchObject({ gaveUp: 'aborted', attempts: 0, failure: { class: 'aborted' } });

    const inAttempt = new AbortController();
    const operation = () => {
      inAttempt.abort();
      return Promise.reject(failing('network'));
    };
    const during = await rejectionOf(retry(operation, options(new FakeClock(), { signal: inAttempt.signal })));
    expect(during).toMatchObject({ gaveUp: 'aborted', attempts: 1, failure: { class: 'network' } });

    const inSleep = new AbortController();
    const clock = new FakeClock();
    clock.sleep = () => {
      inSleep.abort();
      return Promise.reject(new Error('interrupted'));
    };
    const between = await rejectionOf(
      retry(() => Promise.reject(failing('network')), options(clock, { signal: inSleep.signal })),
    );
    expect(between).toMatchObject({ gaveUp: 'aborted', attempts: 1, failure: { class: 'network' } });
  });

  test('a clock that cannot sleep is not taken for an abort', async () => {
    const clock = new FakeClock();
    clock.sleep = () => Promise.reject(new RangeError('broken clock'));
    await expect(retry(() => Promise.reject(failing('network')), options(clock))).rejects.toThrow('broken clock');
  });

  test.prop([
    fc.array(fc.tuple(fc.constantFrom(...FAILURE_CLASS_NAMES), fc.nat(20_000), fc.option(fc.nat(200_000))), {
      maxLength: 40,
    }),
    fc.oneof(fc.integer({ min: -1, max: 12 }), fc.constant(NaN)),
    fc.integer({ min: 0, max: 400_000 }),
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  ])(
    'never more attempts than allowed, none that starts after the budget',
    async (script, attempts, budgetMs, random) => {
      const clock = new FakeClock();
      const startedAt = clock.at;
      const starts: number[] = [];
      const operation = ({ attempt, remainingMs }: Attempt) => {
        starts.push(clock.at - startedAt);
        expect(remainingMs).toBe(budgetMs - (clock.at - startedAt));
        const step = script[attempt - 1];
        if (step === undefined) return Promise.resolve();
        clock.at += step[1];
        return Promise.reject(failing(step[0], step[2] ?? undefined));
      };
      const made = options(clock, { attempts, budgetMs, random: () => random });
      const error = await retry(operation, made).then(
        () => undefined,
        (thrown: unknown) => thrown as RetryError,
      );
      expect(starts.length).toBeLessThanOrEqual(Math.max(1, attempts || 1));
      expect(starts.every((at) => at < budgetMs)).toBe(true);
      expect(error?.attempts ?? starts.length).toBe(starts.length);
    },
  );
});
