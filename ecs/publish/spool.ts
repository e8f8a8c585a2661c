import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeBlock, type EncodedBlock } from '../../core/tape/block.ts';

/** What happens at the bound: the newest block is dropped, so that what is kept stays one whole stretch. */
export const SPOOL_FULL_POLICY = 'drop_newest';

/** Any file of ours, whole or not: its number is not given again. */
const FILE = /^(\d{12})\.ktb(\.part|\.damaged)?$/;
const NUMBER_DIGITS = 12;
/** A file takes whole pages of the disk; so many bytes. */
const PAGE_BYTES = 4_096;
/** Behind the bound, for blocks of markers alone: what was lost is told even where nothing more is kept. */
const MARKER_RESERVE_BYTES = 1_048_576;

interface SpooledFile {
  /** On the disk. */
  readonly bytes: number;
  /** 0 of a file found at the start. */
  readonly frames: number;
  /** Microseconds since 1970 of the oldest entry; of a file found at the start, when it was written. */
  readonly first_recv_ts: number;
}

export interface SpoolPorts {
  /** The directory cannot be opened: nothing will be kept. */
  readonly onUnavailable: (error: NodeJS.ErrnoException) => void;
  /** A block that was on the disk cannot be read back. */
  readonly onDamaged: (file: string, reason: string) => void;
}

/**
 * Blocks on disk, oldest first: one file a block, written beside and renamed, so that a kill leaves whole files only.
 * `append` says whether the block is safe; it never throws, for a disk that fails must not stop the recording.
 */
export class Spool {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #ports: SpoolPorts;
  /** By number, oldest first. */
  readonly #files = new Map<number, SpooledFile>();
  #bytes = 0;
  #frames = 0;
  #next = 1;
  /** Writes in order, one at a time. */
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, maxBytes: number, ports: SpoolPorts) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
    this.#ports = ports;
  }

  /** Opens the spool and counts what an earlier run left. A directory that cannot be opened gives a spool that takes nothing. */
  static async open(directory: string, maxBytes: number, ports: SpoolPorts): Promise<Spool> {
    const spool = new Spool(directory, maxBytes, ports);
    await spool.#recover().catch((error: unknown) => ports.onUnavailable(error as NodeJS.ErrnoException));
    return spool;
  }

  get blocks(): number {
    return this.#files.size;
  }

  /** On the disk, in whole pages, and what is being written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Frames of this run on the disk. */
  get frames(): number {
    return this.#frames;
  }

  /** Microseconds since 1970 of the oldest entry on disk; undefined where there is none. */
  get oldestTs(): number | undefined {
    return this.#files.values().next().value?.first_recv_ts;
  }

  /** False: there is no room or the disk refuses; the block is not kept. Room is taken at once, before the write. */
  async append({ header, record }: EncodedBlock): Promise<boolean> {
    const bytes = pagesOf(record.length);
    const reserve = header.count === 0 && this.#maxBytes > 0 ? MARKER_RESERVE_BYTES : 0;
    if (this.#bytes + bytes > this.#maxBytes + reserve) return false;
    this.#bytes += bytes;
    const number = this.#next++;
    const written = this.#tail.then(() => this.#write(number, record));
    this.#tail = written.catch(() => undefined);
    try {
      await written;
      this.#keep(number, { bytes, frames: header.count, first_recv_ts: header.first_recv_ts });
      return true;
    } catch {
      this.#bytes -= bytes;
      return false;
    }
  }

  /** The oldest blocks, at most `maxBlocks` and `maxBytes` (but at least one). A file that cannot be read is set aside. */
  async oldest(maxBlocks: number, maxBytes: number): Promise<readonly SpooledBlock[]> {
    const found: SpooledBlock[] = [];
    let bytes = 0;
    for (const number of this.#files.keys()) {
      if (found.length >= maxBlocks || bytes >= maxBytes) break;
      const block = await this.#read(number);
      if (block === undefined) continue;
      if (found.length > 0 && bytes + block.record.length > maxBytes) break;
      found.push({ number, block });
      bytes += block.record.length;
    }
    return found;
  }

  /** The block was published: its file goes. */
  async remove(number: number): Promise<void> {
    if (this.#forget(number)) await rm(this.#path(number), { force: true }).catch(() => undefined);
  }

  async #recover(): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    for (const name of (await readdir(this.#directory)).sort()) {
      const [, digits, unfinished] = FILE.exec(name) ?? [];
      if (digits === undefined) continue;
      const number = Number(digits);
      this.#next = Math.max(this.#next, number + 1);
      const path = join(this.#directory, name);
      if (unfinished === '.part') await rm(path, { force: true }).catch(() => undefined);
      if (unfinished !== undefined) continue;
      await this.#count(number, path).catch((error: unknown) => this.#ports.onDamaged(path, String(error)));
    }
  }

  async #count(number: number, path: string): Promise<void> {
    const { size, mtimeMs } = await stat(path);
    const bytes = pagesOf(size);
    this.#bytes += bytes;
    this.#keep(number, { bytes, frames: 0, first_recv_ts: Math.round(mtimeMs * 1_000) });
  }

  async #write(number: number, record: Buffer): Promise<void> {
    const path = this.#path(number);
    const part = `${path}.part`;
    try {
      const handle = await open(part, 'w');
      try {
        await handle.writeFile(record);
        await handle.datasync();
      } finally {
        await handle.close();
      }
      await rename(part, path);
    } catch (error) {
      // A full disk needs the room back.
      await rm(part, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  async #read(number: number): Promise<EncodedBlock | undefined> {
    const path = this.#path(number);
    try {
      const record = await readFile(path);
      const decoded = decodeBlock(record);
      if (decoded.ok) return { header: decoded.block.header, record };
      this.#ports.onDamaged(path, decoded.fault);
    } catch (error) {
      this.#ports.onDamaged(path, String(error));
    }
    this.#forget(number);
    await rename(path, `${path}.damaged`).catch(() => undefined);
    return undefined;
  }

  #keep(number: number, file: SpooledFile): void {
    this.#files.set(number, file);
    this.#frames += file.frames;
  }

  #forget(number: number): boolean {
    this.#bytes -= this.#files.get(number)?.bytes ?? 0;
    this.#frames -= this.#files.get(number)?.frames ?? 0;
    return this.#files.delete(number);
  }

  #path(number: number): string {
    return join(this.#directory, `${String(number).padStart(NUMBER_DIGITS, '0')}.ktb`);
  }
}

export interface SpooledBlock {
  readonly number: number;
  readonly block: EncodedBlock;
}

function pagesOf(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}
