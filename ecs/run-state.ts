import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { BlockHeader } from '../core/tape/block.ts';
import type { Before } from './session/state.ts';

const FILE = 'run.json';
/** How old the file may get while blocks become safe; a hole after a crash starts this much too early at most. */
const WRITE_EVERY_MS = 1_000;

const mark = z.object({ session_id: z.string(), last_ts: z.int().nonnegative() });
const connection = z.object({ ...mark.shape, share: z.string().default('') });
const stored = z.object({ clean: z.boolean(), connections: z.record(z.string(), connection) });

/** An instant of a session; microseconds since 1970. */
type Mark = z.output<typeof mark>;
type Stored = z.output<typeof stored>;

/**
 * What a run leaves for the next one: whether it ended cleanly, and until when each connection's entries are safe without
 * a hole. A file beside the spool. It is a help, not a condition: a disk that refuses only makes the next run say `unknown`.
 */
export class RunState {
  readonly #path: string;
  readonly #previous: Stored | undefined;
  readonly #connections = new Map<number, { readonly share: string; readonly progress: Progress }>();
  /** The connection of each block that is not safe yet; bounded as the blocks in memory are. */
  readonly #unsafe = new Map<string, number>();
  #writtenAt_ms = 0;

  constructor(directory: string) {
    this.#path = join(directory, FILE);
    this.#previous = read(this.#path);
  }

  get previousRun(): 'clean' | 'crashed' | 'unknown' {
    if (this.#previous === undefined) return 'unknown';
    return this.#previous.clean ? 'clean' : 'crashed';
  }

  /**
   * Where connection `number` of the last run stood; undefined where nothing is known. `share` names what it records: where
   * that was cut differently in the last run, the oldest of all its marks counts.
   */
  before(number: number, share: string): Before | undefined {
    const previous = this.#previous;
    if (previous === undefined) return undefined;
    const own = previous.connections[String(number)];
    const oldest = Object.values(previous.connections).sort((a, b) => a.last_ts - b.last_ts)[0];
    const last = own?.share === share ? own : oldest;
    if (last === undefined) return undefined;
    const { session_id, last_ts } = last;
    this.#connections.set(number, { share, progress: new Progress({ session_id, last_ts }) });
    return {
      previous_run: previous.clean ? 'clean' : 'crashed',
      cause: previous.clean ? 'recorder_stopped' : 'recorder_crashed',
      session_id,
      last_ts,
    };
  }

  /** Connection `number` cut a block; until it is safe, the connection's mark stays before it. */
  cut(number: number, share: string, header: BlockHeader): void {
    const known = this.#connections.get(number) ?? { share, progress: new Progress(undefined) };
    this.#connections.set(number, known);
    this.#unsafe.set(header.block_id, number);
    known.progress.cut(header);
  }

  /** A block is acknowledged or on disk. */
  safe({ block_id }: BlockHeader, now_ms: number): void {
    this.#progressOf(block_id)?.safe(block_id);
    this.#unsafe.delete(block_id);
    if (now_ms - this.#writtenAt_ms < WRITE_EVERY_MS) return;
    this.#writtenAt_ms = now_ms;
    this.write(false);
  }

  /** A block is lost: the mark stays before it until its hole is told and safe. Returns whose it was. */
  dropped({ block_id }: BlockHeader): number | undefined {
    const number = this.#unsafe.get(block_id);
    this.#progressOf(block_id)?.dropped(block_id);
    this.#unsafe.delete(block_id);
    return number;
  }

  /** The holes of what connection `number` lost are marked in its blocks, the next one at the latest. */
  told(number: number): void {
    this.#connections.get(number)?.progress.told();
  }

  /** False: the disk refused. */
  write(clean: boolean): boolean {
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      writeFileSync(`${this.#path}.part`, JSON.stringify({ clean, connections: this.#marks() }));
      renameSync(`${this.#path}.part`, this.#path);
      return true;
    } catch {
      return false;
    }
  }

  #progressOf(block_id: string): Progress | undefined {
    const number = this.#unsafe.get(block_id);
    return number === undefined ? undefined : this.#connections.get(number)?.progress;
  }

  /** Before the connections are known, those of the last run stand. */
  #marks(): Stored['connections'] {
    if (this.#connections.size === 0) return this.#previous?.connections ?? {};
    const marks: Stored['connections'] = {};
    for (const [number, { share, progress }] of this.#connections) {
      const { mark } = progress;
      if (mark !== undefined) marks[String(number)] = { ...mark, share };
    }
    return marks;
  }
}

/** One connection's blocks, in the order they were cut: until when all of them are safe. */
class Progress {
  /** The end of the newest block. */
  #newest: Mark | undefined;
  /** The end of the block before each unsafe one, oldest first. */
  readonly #before = new Map<string, Mark | undefined>();
  /** Set while something dropped is not told. */
  #hole: { readonly before: Mark | undefined; state: 'open' | 'told' | 'marked'; in: string } | undefined;

  constructor(start: Mark | undefined) {
    this.#newest = start;
  }

  get mark(): Mark | undefined {
    if (this.#hole !== undefined) return this.#hole.before;
    return this.#before.size === 0 ? this.#newest : this.#before.values().next().value;
  }

  cut({ block_id, session_id, last_recv_ts }: BlockHeader): void {
    this.#before.set(block_id, this.#newest);
    this.#newest = { session_id, last_ts: last_recv_ts };
    if (this.#hole?.state === 'told') this.#hole = { ...this.#hole, state: 'marked', in: block_id };
  }

  safe(block_id: string): void {
    this.#before.delete(block_id);
    if (this.#hole?.state === 'marked' && this.#hole.in === block_id) this.#hole = undefined;
  }

  dropped(block_id: string): void {
    const { mark } = this;
    this.#before.delete(block_id);
    this.#hole = { before: mark, state: 'open', in: '' };
  }

  told(): void {
    if (this.#hole?.state === 'open') this.#hole = { ...this.#hole, state: 'told' };
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
