import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { lambdaEnvironment, type FunctionIdentity } from './environment.ts';
import { ExecutionEnvironment } from './execution-environment.ts';
import type { InvokeOutcome } from './invoke-outcome.ts';
import { platformLine } from './platform-line.ts';

/** Loading the module, ms. Lambda gives 10 s; a laptop that has just started seven programs gets more. */
const INIT_TIMEOUT_MS = 30_000;
/** From SIGTERM to SIGKILL. */
const STOP_GRACE_MS = 2_000;

export interface FunctionProcessOptions extends FunctionIdentity {
  /** The function's own variables. It sees these, Lambda's, and PATH: nothing else of ours. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly onLine: (line: string, stream: 'stdout' | 'stderr') => void;
}

/**
 * One function with one execution environment, as Lambda runs it: started by the first invocation, kept warm, killed
 * when an invocation takes too long, and started anew by the next invocation after it died.
 */
export class FunctionProcess {
  readonly #options: FunctionProcessOptions;
  #current: ExecutionEnvironment | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(options: FunctionProcessOptions) {
    this.#options = options;
  }

  /** Of the process that lives now, if one does. */
  get pid(): number | undefined {
    return this.#current?.ended === false ? this.#current.pid : undefined;
  }

  /** One at a time, in the order of the calls. Never rejects. An abort kills the process and counts as its crash. */
  invoke(event: unknown, signal?: AbortSignal): Promise<InvokeOutcome> {
    const outcome = this.#last.then(() => this.#invokeNow(event, signal));
    this.#last = outcome;
    return outcome;
  }

  /** SIGTERM, and SIGKILL if that was not enough. Later invocations fail. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const current = this.#current;
    if (current === null || current.ended) return;
    current.kill('SIGTERM');
    const timer = new AbortController();
    const tooLong = sleep(STOP_GRACE_MS, undefined, { signal: timer.signal })
      .then(() => current.kill('SIGKILL'))
      .catch(() => undefined);
    await current.exited;
    timer.abort();
    await tooLong;
  }

  async #invokeNow(event: unknown, signal: AbortSignal | undefined): Promise<InvokeOutcome> {
    if (this.#stopped || signal?.aborted === true) return notInvoked('the function was stopped');
    const warm = this.#current?.ended === false ? this.#current : null;
    const environment = warm ?? this.#start();
    const gaveUp = (): boolean => signal?.aborted === true;
    const onAbort = (): void => environment.kill('SIGKILL');
    signal?.addEventListener('abort', onAbort, { once: true });
    const requestId = randomUUID();
    let startedAt = Date.now();
    try {
      if (warm === null) {
        const failed = await bounded(environment, INIT_TIMEOUT_MS, environment.initialised());
        if (failed !== null) {
          environment.kill('SIGKILL');
          await environment.exited;
          this.#report('init', failed, requestId, startedAt);
          return failed;
        }
      }
      const { timeoutMs } = this.#options;
      startedAt = Date.now();
      const message = {
        kind: 'invoke',
        id: requestId,
        event: JSON.stringify(event),
        deadlineAt: startedAt + timeoutMs,
      } as const;
      const outcome = await bounded(environment, timeoutMs, environment.invoke(message));
      // What is killed because somebody stops the stack is nothing that Lambda would tell.
      if (!gaveUp()) this.#report('invoke', outcome, requestId, startedAt);
      return outcome;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #report(phase: 'init' | 'invoke', outcome: InvokeOutcome, requestId: string, startedAt: number): void {
    const { memoryLimitMb, onLine } = this.#options;
    const line = platformLine(phase, outcome, { requestId, startedAt, endedAt: Date.now(), memoryLimitMb });
    if (line !== undefined) onLine(line, 'stdout');
  }

  #start(): ExecutionEnvironment {
    const { modulePath, memoryLimitMb, onLine, environment } = this.#options;
    const reserved = lambdaEnvironment(this.#options, randomUUID().replaceAll('-', ''), new Date());
    const env = { PATH: process.env['PATH'] ?? '', ...environment, ...reserved };
    this.#current = new ExecutionEnvironment({ modulePath, memoryLimitMb, onLine, env });
    return this.#current;
  }
}

/** What takes too long is killed, and has ended when this resolves: a late write of an old process cannot follow. */
async function bounded<T>(
  environment: ExecutionEnvironment,
  timeoutMs: number,
  work: Promise<T>,
): Promise<T | InvokeOutcome> {
  const timer = new AbortController();
  const tooLong = sleep(timeoutMs, 'too_long' as const, { signal: timer.signal }).catch(() => 'cancelled' as const);
  const first = await Promise.race([work.then((value) => ({ value })), tooLong]);
  timer.abort();
  if (typeof first === 'object') return first.value;
  environment.kill('SIGKILL');
  await environment.exited;
  return { kind: 'timeout' };
}

function notInvoked(reason: string): InvokeOutcome {
  return {
    kind: 'function_error',
    error: { errorType: 'NotInvoked', errorMessage: `${reason}; the handler was not called` },
  };
}
