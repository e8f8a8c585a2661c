import { spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { z } from 'zod';

/** A process that a benchmark runs beside itself. It says one message by IPC when it is ready, or done. */
export interface Peer<T> {
  readonly pid: number | undefined;
  /** Its first message; rejects if it ends before, with what it wrote to stderr. */
  readonly said: Promise<T>;
  stop(): void;
}

/** Linux's: runs a program on the cores that it is given. */
const TASKSET = 'taskset';

/** Cores can be chosen: two of them are there, and taskset. */
export function canPin(): boolean {
  return availableParallelism() > 1 && spawnSync(TASKSET, ['-c', '0,1', 'true']).status === 0;
}

/** Starts `program` with one argument, JSON; on one core where `core` is given. Its stdout is thrown away. */
export function startPeer<T>(
  program: string,
  argument: object,
  schema: z.ZodType<T>,
  core: number | undefined,
  nodeFlags: readonly string[] = [],
): Peer<T> {
  const node = [process.execPath, ...nodeFlags, program, JSON.stringify(argument)];
  const [command, ...argv] = core === undefined ? node : [TASKSET, '-c', String(core), ...node];
  const child = spawn(command!, argv, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString('utf8')));
  const said = new Promise<T>((resolve, reject) => {
    child.once('message', (message) => {
      const parsed = schema.safeParse(message);
      if (parsed.success) resolve(parsed.data);
      else reject(new Error(`${program} said something else`, { cause: parsed.error }));
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      reject(new Error(`${program} ended (${String(signal ?? code)}) before it was done: ${complaint}`));
    });
  });
  said.catch(() => undefined);
  return { pid: child.pid, said, stop: () => void child.kill('SIGTERM') };
}
