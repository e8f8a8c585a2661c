import { BACKOFF_POLICIES, type BackoffPolicy, backoffMs } from './backoff.ts';
import { FAILURE_CLASSES, type FailureClass } from './classes.ts';
import { classify } from './classify.ts';
import { type Failure, failureOf } from './failure.ts';

/** Time as an argument. `now` in milliseconds, never backwards; `sleep` ends early (either way) when the signal aborts. */
export interface Clock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Attempt {
  /** 1, 2, 3 … */
  readonly attempt: number;
  /** What is left of the time budget, more than 0: the bound of this attempt's own timeout. */
  readonly remainingMs: number;
  readonly signal: AbortSignal | undefined;
}

export interface RetryOptions {
  /** What is being done, for the final message: `insert of frames`. */
  readonly task: string;
  readonly attempts: number;
  /** No attempt starts later than this after the call, and no wait goes beyond it. */
  readonly budgetMs: number;
  /** By default the class decides. */
  readonly policyOf?: (failure: Failure) => BackoffPolicy;
  readonly clock: Clock;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  readonly signal?: AbortSignal | undefined;
  /** Called before each wait. */
  readonly onRetry?: (retry: { attempt: number; failure: Failure; waitMs: number; elapsedMs: number }) => void;
}

/** Why no further attempt was made. */
export type GaveUp = 'refused' | 'attempts' | 'budget' | 'aborted';

/** The task was not done, or is not known to be done if its failure is ambiguous. `cause` is what the last attempt threw. */
export class RetryError extends Error {
  readonly failure: Failure;
  readonly gaveUp: GaveUp;
  readonly attempts: number;
  readonly elapsedMs: number;

  constructor(
    task: string,
    outcome: { failure: Failure; gaveUp: GaveUp; attempts: number; elapsedMs: number; cause: unknown },
  ) {
    const { failure, gaveUp, attempts, elapsedMs, cause } = outcome;
    const not = attempts > 0 && FAILURE_CLASSES[failure.class].ambiguous ? 'is not known to be done' : 'was not done';
    super(
      `${task} ${not} (${attempts} attempt(s) in ${Math.round(elapsedMs)} ms, ${gaveUp}): ${failure.class}: ${failure.reason}`,
      {
        cause,
      },
    );
    this.name = 'RetryError';
    this.failure = failure;
    this.gaveUp = gaveUp;
    this.attempts = attempts;
    this.elapsedMs = elapsedMs;
  }
}

/** Runs the operation until it succeeds or its failure's class, the attempts, the budget or the signal say no: RetryError. */
export async function retry<T>(operation: (attempt: Attempt) => Promise<T>, options: RetryOptions): Promise<T> {
  const { task, attempts, budgetMs, clock, random, signal, onRetry } = options;
  const policyOf = options.policyOf ?? ((failure: Failure) => BACKOFF_POLICIES[FAILURE_CLASSES[failure.class].retry]);
  const startedAt = clock.now();
  const timesOf = new Map<FailureClass, number>();
  let last: { readonly failure: Failure; readonly cause: unknown } | undefined;

  for (let attempt = 1; ; attempt += 1) {
    const giveUp = (gaveUp: GaveUp, made: number): RetryError => {
      const { failure, cause } = last ?? notStarted(gaveUp, signal);
      return new RetryError(task, { failure, gaveUp, attempts: made, elapsedMs: clock.now() - startedAt, cause });
    };
    if (isAborted(signal)) throw giveUp('aborted', attempt - 1);
    const remainingMs = budgetMs - (clock.now() - startedAt);
    if (!(remainingMs > 0)) throw giveUp('budget', attempt - 1);
    try {
      return await operation({ attempt, remainingMs, signal });
    } catch (cause) {
      const failure = classify(cause);
      last = { failure, cause };
      const times = (timesOf.get(failure.class) ?? 0) + 1;
      timesOf.set(failure.class, times);
      const policy = policyOf(failure);
      if (isAborted(signal)) throw giveUp('aborted', attempt);
      if (times >= policy.attempts) throw giveUp('refused', attempt);
      if (!(attempt < attempts)) throw giveUp('attempts', attempt);
      const waitMs = backoffMs(policy, attempt, random(), failure.retryAfterMs);
      const elapsedMs = clock.now() - startedAt;
      if (!(elapsedMs + waitMs < budgetMs)) throw giveUp('budget', attempt);
      onRetry?.({ attempt, failure, waitMs, elapsedMs });
      await sleepOrAbort(clock, waitMs, signal);
    }
  }
}

/** A function, because the signal changes between two looks at it and the compiler believes it cannot. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** A sleep that rejects because the signal aborted has done its duty; any other rejection is a fault of the clock. */
async function sleepOrAbort(clock: Clock, waitMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await clock.sleep(waitMs, signal);
  } catch (error) {
    if (!isAborted(signal)) throw error;
  }
}

function notStarted(gaveUp: GaveUp, signal: AbortSignal | undefined): { failure: Failure; cause: unknown } {
  const reason = gaveUp === 'aborted' ? 'aborted before the first attempt' : 'no time was left for a first attempt';
  return { failure: failureOf('aborted', reason), cause: signal?.reason };
}
