import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { BlockHeader } from '../core/tape/block.ts';
import type { Before } from './session/state.ts';

const FILE = 'run.json';
/** How old the file may get while blocks become safe; a hole after a crash starts this much too early at most. */
const WRITE_EVERY_MS = 1_000;

const stored = z.object({
  clean: z.boolean(),
  connections: z.record(z.string(), z.object({ session_id: z.string(), last_ts: z.int().nonnegative() })),
});

type Stored = z.output<typeof stored>;

/**
 * What a run leaves for the next one: whether it ended cleanly, and until when each connection's frames are safe.
 * A file beside the spool. It is a help, not a condition: a disk that refuses only makes the next run say `unknown`.
 */
export class RunState {
  readonly #path: string;
  readonly #previous: Stored | undefined;
  readonly #connections: Stored['connections'] = {};
  readonly #connectionOf = new Map<string, number>();
  #writtenAt_ms = 0;

  constructor(directory: string) {
    this.#path = join(directory, FILE);
    this.#previous = read(this.#path);
  }

  get previousRun(): 'clean' | 'crashed' | 'unknown' {
    if (this.#previous === undefined) return 'unknown';
    return this.#previous.clean ? 'clean' : 'crashed';
  }

  /** Where connection `connection` of the last run stood; undefined where nothing is known. */
  before(connection: number): Before | undefined {
    const last = this.#previous?.connections[String(connection)];
    if (last === undefined) return undefined;
    const clean = this.#previous?.clean === true;
    return {
      previous_run: clean ? 'clean' : 'crashed',
      cause: clean ? 'recorder_stopped' : 'recorder_crashed',
      ...last,
    };
  }

  /** The session is one of connection `connection`. */
  opened(connection: number, session_id: string): void {
    this.#connectionOf.set(session_id, connection);
  }

  /** A block is acknowledged or on disk. */
  safe(header: BlockHeader, now_ms: number): void {
    const connection = this.#connectionOf.get(header.session_id);
    if (connection === undefined) return;
    const last = this.#connections[String(connection)];
    if (last === undefined || header.last_recv_ts > last.last_ts) {
      this.#connections[String(connection)] = { session_id: header.session_id, last_ts: header.last_recv_ts };
    }
    if (now_ms - this.#writtenAt_ms < WRITE_EVERY_MS) return;
    this.#writtenAt_ms = now_ms;
    this.write(false);
  }

  /** False: the disk refused. */
  write(clean: boolean): boolean {
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      const connections = { ...this.#previous?.connections, ...this.#connections };
      writeFileSync(`${this.#path}.part`, JSON.stringify({ clean, connections }));
      renameSync(`${this.#path}.part`, this.#path);
      return true;
    } catch {
      return false;
    }
  }
}

function read(path: string): Stored | undefined {
  try {
    const result = stored.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
