import type { InvokeOutcome } from '../lambda/invoke-outcome.ts';
import { FunctionProcess } from '../lambda/function-process.ts';

export interface LambdaOptions {
  readonly name: 'sink' | 'probe' | 'notify';
  readonly modulePath: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** Asked at each deployment, and first when it is invoked. */
  readonly environment: () => Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  /** Lambda's own metrics of an invocation. */
  readonly onSample: (name: string, value: number) => void;
}

/** A function as Lambda runs and measures it; a new configuration is a new process, as after a deployment. */
export class MeasuredFunction {
  readonly #options: LambdaOptions;
  #process: FunctionProcess | undefined;
  /** Lambda refuses invocations: no concurrency is left. */
  isThrottled = false;

  constructor(options: LambdaOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async deploy(own: Readonly<Record<string, string>>, timeoutMs = this.#options.timeoutMs): Promise<void> {
    const before = this.#process;
    this.#process = this.#made(own, timeoutMs);
    await before?.stop();
  }

  async invoke(event: unknown, signal?: AbortSignal): Promise<InvokeOutcome> {
    const { onSample } = this.#options;
    if (this.isThrottled) {
      onSample('Throttles', 1);
      return { kind: 'throttled' };
    }
    const startedAt = performance.now();
    this.#process ??= this.#made({}, this.#options.timeoutMs);
    const outcome = await this.#process.invoke(event, signal);
    onSample('Invocations', 1);
    onSample('Duration', performance.now() - startedAt);
    onSample('Errors', outcome.kind === 'response' ? 0 : 1);
    return outcome;
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  #made(own: Readonly<Record<string, string>>, timeoutMs: number): FunctionProcess {
    const { name, memoryMb, modulePath, environment, onLine } = this.#options;
    return new FunctionProcess({
      functionName: name,
      memoryLimitMb: memoryMb,
      region: 'us-east-1',
      modulePath,
      environment: { ...environment(), ...own },
      timeoutMs,
      onLine,
    });
  }
}
