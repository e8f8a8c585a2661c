import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, spawnProgram } from '../process/child.ts';

export interface StreamerTaskOptions {
  readonly argv: readonly string[];
  /** Asked at each start. */
  readonly env: () => Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  readonly onLine: (line: string) => void;
}

/** ECS starts a task again within seconds; a virtual one takes this long, milliseconds. */
const RESTART_AFTER_MS = 150;
const STOP_GRACE_MS = 10_000;

/** The streamer as ECS runs it: one process, started again when it ends, unless it is held down. */
export class StreamerTask {
  readonly #options: StreamerTaskOptions;
  #own: Readonly<Record<string, string>> = {};
  #flags: readonly string[] = [];
  #child: Child | undefined;
  #isWanted = false;

  constructor(options: StreamerTaskOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** With this environment over the usual one; it is kept for later starts. */
  start(own: Readonly<Record<string, string>> = {}, flags: readonly string[] = []): void {
    this.#own = own;
    this.#flags = flags;
    this.#isWanted = true;
    if (this.#child === undefined) this.#spawn();
  }

  /** To the process that lives now; it is started again. */
  kill(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends it, and it stays down until `start`. Resolves when it has ended. */
  async down(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#isWanted = false;
    const child = this.#child;
    if (child === undefined) return;
    child.kill(signal);
    const overdue = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
    await child.exit;
    clearTimeout(overdue);
    this.#child = undefined;
  }

  #spawn(): void {
    const { argv, env, logFile, onLine } = this.#options;
    const child = spawnProgram({
      name: 'streamer',
      argv: [...this.#flags, ...argv],
      env: { ...env(), ...this.#own },
      logFile,
      ipc: 'watched',
      onLine,
    });
    this.#child = child;
    void child.exit.then(async () => {
      if (this.#child !== child) return;
      await sleep(RESTART_AFTER_MS);
      if (this.#child !== child) return;
      this.#child = undefined;
      if (this.#isWanted) this.#spawn();
    });
  }
}
