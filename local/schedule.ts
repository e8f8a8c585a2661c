import { setTimeout as sleep } from 'node:timers/promises';

export interface ScheduleOptions {
  readonly everyMs: number;
  /** Must not reject. */
  readonly work: () => Promise<unknown>;
  /** Milliseconds, of a clock that only goes forward. */
  readonly now?: () => number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Calls `work` at once and then at every multiple of the period, as a rule of EventBridge does, but never twice at a
 * time: turns that fall into a call that lasts are left out.
 */
export class Schedule {
  readonly #options: Required<ScheduleOptions>;
  readonly #stopping = new AbortController();
  readonly #first = Promise.withResolvers<undefined>();
  #loop: Promise<void> | undefined;

  constructor(options: ScheduleOptions) {
    this.#options = { now: () => performance.now(), wait: pause, ...options };
  }

  /** Resolves when the first call has ended. */
  start(): Promise<unknown> {
    const { promise, resolve } = this.#first;
    this.#loop ??= this.#run(() => resolve(undefined));
    return promise;
  }

  /** No call begins any more; resolves when the last one has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(onFirst: () => void): Promise<void> {
    const { everyMs, work, now, wait } = this.#options;
    const { signal } = this.#stopping;
    const startedAt = now();
    while (!signal.aborted) {
      await work();
      onFirst();
      const turns = Math.floor((now() - startedAt) / everyMs) + 1;
      await wait(startedAt + turns * everyMs - now(), signal);
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
