import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, type ProgramSpec, type ReadyMessage, spawnProgram } from './process/child.ts';

/** The wait before a program that ended by itself is started again doubles up to this. */
const RESTART_BASE_MS = 500;
const RESTART_MAX_MS = 10_000;
/** A program that lived this long starts with the shortest wait again. */
const STABLE_MS = 30_000;

export interface SupervisedPorts {
  /** The program for its nth start (from 1): later starts may keep what the first one was given, a port say. */
  readonly spec: (start: number) => ProgramSpec;
  readonly onExit: (name: string, how: string) => void;
}

/** A program that is kept running until `stop`, as ECS and systemd do: when it dies it is started again. */
export class Supervised {
  readonly #ports: SupervisedPorts;
  #child: Child | undefined;
  #starts = 0;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(ports: SupervisedPorts) {
    this.#ports = ports;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get starts(): number {
    return this.#starts;
  }

  /** Resolves when the first start is ready; rejects if it ends before. */
  async start(): Promise<ReadyMessage> {
    const child = this.#spawn();
    const ready = await child.ready;
    this.#loop = this.#watch(child);
    return ready;
  }

  send(message: object): void {
    this.#child?.send(message);
  }

  /** SIGTERM, and SIGKILL after `graceMs`; resolves to its exit code when it has ended. */
  async stop(graceMs: number): Promise<number | null> {
    this.#stopping.abort();
    const child = this.#child;
    if (child === undefined) return null;
    child.kill('SIGTERM');
    const overdue = setTimeout(() => child.kill('SIGKILL'), graceMs);
    const { code } = await child.exit;
    clearTimeout(overdue);
    await this.#loop;
    return code;
  }

  /** A function, because the signal changes while a wait lasts and the compiler believes it cannot. */
  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  #spawn(): Child {
    this.#child = spawnProgram(this.#ports.spec(++this.#starts));
    return this.#child;
  }

  async #watch(first: Child): Promise<void> {
    const { signal } = this.#stopping;
    let child = first;
    let wait = RESTART_BASE_MS;
    for (;;) {
      const startedAt = Date.now();
      const { code, signal: killedBy } = await child.exit;
      if (signal.aborted) return;
      this.#ports.onExit(child.name, String(killedBy ?? code));
      if (Date.now() - startedAt > STABLE_MS) wait = RESTART_BASE_MS;
      await sleep(wait, undefined, { signal }).catch(() => undefined);
      wait = Math.min(2 * wait, RESTART_MAX_MS);
      if (this.#isStopping()) return;
      child = this.#spawn();
    }
  }
}
