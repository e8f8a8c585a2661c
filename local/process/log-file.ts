import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** The file and its one predecessor together, bytes. */
const DEFAULT_MAX_BYTES = 64 * 1_048_576;
/** After a file could not be written, lines are dropped this long before it is tried again. */
const RETRY_AFTER_MS = 1_000;

export interface LogFileOptions {
  readonly path: string;
  readonly maxBytes?: number;
  readonly now?: () => number;
}

/**
 * Appends lines to a file; when the file has half of `maxBytes`, it becomes `<path>.1` and a new one begins.
 * Never throws and keeps nothing in memory: lines that could not be written are counted, and gone.
 */
export class LogFile {
  readonly #path: string;
  readonly #rotateAtBytes: number;
  readonly #now: () => number;
  #open: { readonly fd: number; bytes: number } | null = null;
  #retryAt = 0;
  #droppedLines = 0;

  constructor(options: LogFileOptions) {
    this.#path = options.path;
    this.#rotateAtBytes = (options.maxBytes ?? DEFAULT_MAX_BYTES) / 2;
    this.#now = options.now ?? Date.now;
  }

  get droppedLines(): number {
    return this.#droppedLines;
  }

  append(lines: readonly string[]): void {
    if (lines.length === 0) return;
    if (this.#open === null && this.#now() < this.#retryAt) {
      this.#droppedLines += lines.length;
      return;
    }
    try {
      this.#write(Buffer.from(`${lines.join('\n')}\n`));
    } catch {
      this.#droppedLines += lines.length;
      this.#retryAt = this.#now() + RETRY_AFTER_MS;
      this.close();
    }
  }

  close(): void {
    if (this.#open === null) return;
    const { fd } = this.#open;
    this.#open = null;
    try {
      closeSync(fd);
    } catch {
      // The descriptor is gone either way.
    }
  }

  #write(bytes: Buffer): void {
    this.#open ??= openForAppend(this.#path);
    if (this.#open.bytes > 0 && this.#open.bytes + bytes.length > this.#rotateAtBytes) {
      this.close();
      renameSync(this.#path, `${this.#path}.1`);
      this.#open = openForAppend(this.#path);
    }
    for (let written = 0; written < bytes.length;) {
      written += writeSync(this.#open.fd, bytes, written);
    }
    this.#open.bytes += bytes.length;
  }
}

function openForAppend(path: string): { fd: number; bytes: number } {
  mkdirSync(dirname(path), { recursive: true });
  const fd = openSync(path, 'a');
  return { fd, bytes: fstatSync(fd).size };
}
