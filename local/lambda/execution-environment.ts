import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { killGroup } from '../process/child.ts';
import { LineSplitter } from '../process/lines.ts';
import type { InvokeOutcome } from './invoke-outcome.ts';
import type { InvokeMessage, RuntimeMessage } from './messages.ts';

const RUNTIME = fileURLToPath(new URL('./runtime.ts', import.meta.url));

export interface ExecutionEnvironmentOptions {
  readonly modulePath: string;
  readonly env: Readonly<Record<string, string>>;
  readonly memoryLimitMb: number;
  readonly onLine: (line: string, stream: 'stdout' | 'stderr') => void;
}

/** One process of the function, from its start to its end. A new process is a new object. */
export class ExecutionEnvironment {
  /** Resolves when it has ended, however. */
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  #awaited: ((message: RuntimeMessage | ExitMessage) => void) | null = null;
  #firstMessage: RuntimeMessage | null = null;
  #exit: ExitMessage | null = null;

  constructor(options: ExecutionEnvironmentOptions) {
    const limits = `--max-old-space-size=${options.memoryLimitMb}`;
    this.#child = spawn(process.execPath, [limits, RUNTIME, options.modulePath], {
      env: { ...options.env },
      detached: true,
      // Events are up to 6 MB of text: 47-110 ms from invoke to answer, where Node's JSON channel takes 93-255 ms.
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of ['stdout', 'stderr'] as const) follow(this.#child, stream, options.onLine);
    this.#child.on('message', (message: RuntimeMessage) => this.#heard(message));
    this.exited = new Promise((resolve) => {
      const ended = (description: string): void => {
        this.#exit ??= { kind: 'exit', description };
        this.#awaited?.(this.#exit);
        resolve();
      };
      this.#child.once('exit', (code, signal) =>
        ended(signal === null ? `exit status ${code ?? 0}` : `signal ${signal}`),
      );
      this.#child.once('error', (error) => ended(error.message));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get ended(): boolean {
    return this.#exit !== null;
  }

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    killGroup(this.#child, signal);
  }

  /** Whether the module was loaded: null, or the outcome every invocation waiting for it gets. */
  async initialised(): Promise<InvokeOutcome | null> {
    const message = this.#firstMessage ?? (await this.#nextMessage());
    return message.kind === 'init_done' ? null : outcomeOf(message);
  }

  /** The caller invokes once at a time, and bounds the time itself: by kill(), which makes this a function_error. */
  async invoke(message: InvokeMessage): Promise<InvokeOutcome> {
    const answer = this.#nextMessage();
    // A failed send means the process is going or gone; its exit is the answer.
    this.#child.send(message, () => undefined);
    return outcomeOf(await answer);
  }

  #nextMessage(): Promise<RuntimeMessage | ExitMessage> {
    if (this.#exit !== null) return Promise.resolve(this.#exit);
    return new Promise((resolve) => {
      this.#awaited = resolve;
    });
  }

  #heard(message: RuntimeMessage): void {
    this.#firstMessage ??= message;
    this.#awaited?.(message);
    this.#awaited = null;
  }
}

interface ExitMessage {
  readonly kind: 'exit';
  readonly description: string;
}

function outcomeOf(message: RuntimeMessage | ExitMessage): InvokeOutcome {
  switch (message.kind) {
    case 'result':
      return { kind: 'response', payload: JSON.parse(message.payload) as unknown };
    case 'error':
    case 'init_failed':
      return { kind: 'function_error', error: message.error };
    case 'init_done':
    case 'exit':
      return {
        kind: 'function_error',
        error: {
          errorType: 'Runtime.ExitError',
          errorMessage: `the function's process ended without an answer: ${message.kind === 'exit' ? message.description : message.kind}`,
        },
      };
  }
}

function follow(child: ChildProcess, name: 'stdout' | 'stderr', onLine: ExecutionEnvironmentOptions['onLine']): void {
  const splitter = new LineSplitter();
  child[name]?.on('data', (chunk: Buffer) => splitter.push(chunk).forEach((line) => onLine(line, name)));
  child[name]?.on('close', () => splitter.end().forEach((line) => onLine(line, name)));
  child[name]?.on('error', () => undefined);
}
