import { writeSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { GENERATIONS } from './generations.ts';
import { openGeneration, type OpenGeneration } from './open-generation.ts';

export interface LogFileOptions {
  readonly path: string;
  /** Over all generations. */
  readonly maxBytes: number;
}

export interface LogFilePorts {
  /** Milliseconds that never go back. */
  readonly now: () => number;
  /** Once, however long it lasts. */
  readonly onFailed: (error: Error) => void;
  /** The file is written again; so many lines are missing in it. */
  readonly onRecovered: (lost: number) => void;
  /** Holds up the whole thread: for the end of the process only. */
  readonly pause: (ms: number) => void;
  readonly open?: typeof openGeneration;
}

/** Lines that wait for the disk, bytes; beyond it they are lost and counted. */
const PENDING_MAX_BYTES = 4 * 1_048_576;
/** Bytes of one write: what is on its way to the disk when the process is killed. */
const WRITE_MAX_BYTES = 262_144;
/** How often it is looked whether the file is still ours: somebody may delete or move it. */
const LOOK_EVERY_MS = 1_000;
/** After a failure the disk is left alone for this long, then twice as long … */
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 60_000;
/** A write on its way gets this long at the end of the process. */
const LAST_WRITE_MS = 50;

/**
 * Lines to a file that rotates, bounded over all its generations. `write` neither waits nor throws: one write is on its way
 * to the disk at a time, what comes meanwhile waits in memory, and where the disk fails lines are counted instead.
 * Not pino-roll: it rotates when its buffer drains, and wrote 20 MB into a file of 100 KB under a steady producer.
 */
export class LogFile {
  readonly #path: string;
  readonly #generationBytes: number;
  readonly #ports: LogFilePorts;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #file: OpenGeneration | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #linesSinceLook = 0;
  #flushing: Promise<void> | undefined;
  #writing = false;
  #failures = 0;
  #retryAt = Number.NEGATIVE_INFINITY;
  /** Undefined: it works. */
  #lost: number | undefined;

  constructor({ path, maxBytes }: LogFileOptions, ports: LogFilePorts) {
    this.#path = path;
    this.#generationBytes = Math.floor(maxBytes / GENERATIONS);
    this.#ports = ports;
  }

  readonly write = (line: string): void => {
    const bytes = Buffer.from(line);
    if (this.#ports.now() < this.#retryAt) return this.#lose(1);
    if (bytes.length > this.#generationBytes) return this.#fail(new Error('a line larger than the file may be'), 1);
    if (this.#pendingBytes + bytes.length > PENDING_MAX_BYTES) return this.#fail(new Error('the disk is too slow'), 1);
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.#flushing ??= this.#flush();
  };

  /** Writes what waits. Never rejects; where the disk hangs it does not resolve. */
  async close(): Promise<void> {
    await this.#flushing;
    await this.#closeFile();
  }

  /** For the end of the process: writes what waits, where the file is open. */
  flushSync(): void {
    if (this.#file === undefined) return;
    // Another thread writes it: it goes on while this one is held up.
    if (this.#writing) this.#ports.pause(LAST_WRITE_MS);
    try {
      for (const line of this.#pending.splice(0)) writeSync(this.#file.handle.fd, line);
    } catch {
      // The process ends; stdout has the line.
    }
  }

  async #flush(): Promise<void> {
    while (this.#pending.length > 0) {
      try {
        await this.#look();
        this.#file ??= await (this.#ports.open ?? openGeneration)(this.#path, this.#generationBytes);
        if (this.#file.bytes > 0 && this.#file.bytes + this.#pending[0]!.length > this.#generationBytes) {
          this.#file = await this.#file.next();
        }
        await this.#writeSome(this.#file);
        this.#tellRecovered();
      } catch (error) {
        await this.#closeFile();
        this.#retryAt = this.#ports.now() + Math.min(RETRY_MIN_MS * 2 ** this.#failures++, RETRY_MAX_MS);
        const lines = this.#pending.splice(0).length;
        this.#pendingBytes = 0;
        this.#fail(error as Error, lines);
      }
    }
    // In the same turn as the look at what waits: a line that comes later begins a flush of its own.
    this.#flushing = undefined;
  }

  /** Writes the lines that fit into the file and into one write. What was not written waits again. */
  async #writeSome(file: OpenGeneration): Promise<void> {
    const room = Math.min(this.#generationBytes - file.bytes, WRITE_MAX_BYTES);
    let count = 0;
    let bytes = 0;
    for (const line of this.#pending) {
      if (count > 0 && bytes + line.length > room) break;
      bytes += line.length;
      count++;
    }
    const lines = this.#pending.splice(0, count);
    this.#pendingBytes -= bytes;
    this.#writing = true;
    const before = file.bytes;
    try {
      await file.append(Buffer.concat(lines, bytes));
      this.#linesSinceLook += count;
    } catch (error) {
      // Lines that are in whole are not lost.
      let whole = file.bytes - before;
      while (lines.length > 0 && whole >= lines[0]!.length) whole -= lines.shift()!.length;
      this.#pending.unshift(...lines);
      throw error;
    } finally {
      this.#writing = false;
    }
  }

  /** Where somebody deleted or moved the file it is made anew; what was written since we last looked counts as lost. */
  async #look(): Promise<void> {
    const file = this.#file;
    if (file === undefined || this.#ports.now() - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = this.#ports.now();
    const lines = this.#linesSinceLook;
    this.#linesSinceLook = 0;
    const there = await stat(this.#path).catch(() => undefined);
    if (there?.ino === file.inode) return;
    await this.#closeFile();
    this.#fail(Object.assign(new Error('the file was deleted or moved'), { code: 'ENOENT' }), lines);
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close().catch(() => undefined);
  }

  #fail(error: Error, lines: number): void {
    const isTold = this.#lost !== undefined;
    this.#lose(lines);
    if (!isTold) this.#ports.onFailed(error);
  }

  #lose(lines: number): void {
    this.#lost = (this.#lost ?? 0) + lines;
  }

  #tellRecovered(): void {
    this.#failures = 0;
    if (this.#lost === undefined) return;
    const lost = this.#lost;
    this.#lost = undefined;
    this.#ports.onRecovered(lost);
  }
}
