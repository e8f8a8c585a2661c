import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeBlock, type EncodedBlock } from '../../core/tape/block.ts';

/** What happens at the bound: the newest block is dropped, so that what is kept stays one whole stretch. */
export const SPOOL_FULL_POLICY = 'drop_newest';

const FILE = /^(\d{12})\.ktb$/;
const NUMBER_DIGITS = 12;

interface SpooledFile {
  readonly bytes: number;
  /** Microseconds since 1970 of the oldest entry; of a file found at the start, when it was written. */
  readonly first_recv_ts: number;
}

export interface SpoolPorts {
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
  #next = 1;
  /** Writes in order, one at a time. */
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, maxBytes: number, ports: SpoolPorts) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
    this.#ports = ports;
  }

  /** Opens the spool and counts what an earlier run left. A directory that cannot be made gives a spool that is full. */
  static async open(directory: string, maxBytes: number, ports: SpoolPorts): Promise<Spool> {
    const spool = new Spool(directory, maxBytes, ports);
    await spool.#recover().catch((error: unknown) => ports.onDamaged(directory, String(error)));
    return spool;
  }

  get blocks(): number {
    return this.#files.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Microseconds since 1970 of the oldest entry on disk; undefined where there is none. */
  get oldestTs(): number | undefined {
    return this.#files.values().next().value?.first_recv_ts;
  }

  /** False: there is no room or the disk refuses; the block is not kept. Room is taken at once, before the write. */
  async append(block: EncodedBlock): Promise<boolean> {
    const bytes = block.record.length;
    if (this.#bytes + bytes > this.#maxBytes) return false;
    this.#bytes += bytes;
    const number = this.#next++;
    const written = this.#tail.then(() => this.#write(number, block.record));
    this.#tail = written.catch(() => undefined);
    try {
      await written;
      this.#files.set(number, { bytes, first_recv_ts: block.header.first_recv_ts });
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
    for (const [number, { bytes: size }] of this.#files) {
      if (found.length >= maxBlocks || (found.length > 0 && bytes + size > maxBytes)) break;
      const block = await this.#read(number);
      if (block === undefined) continue;
      found.push({ number, block });
      bytes += size;
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
      const number = Number(FILE.exec(name)?.[1] ?? Number.NaN);
      if (Number.isNaN(number)) continue;
      const { size, mtimeMs } = await stat(join(this.#directory, name));
      this.#files.set(number, { bytes: size, first_recv_ts: Math.round(mtimeMs * 1_000) });
      this.#bytes += size;
      this.#next = number + 1;
    }
  }

  async #write(number: number, record: Buffer): Promise<void> {
    const path = this.#path(number);
    const handle = await open(`${path}.part`, 'w');
    try {
      await handle.writeFile(record);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(`${path}.part`, path);
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

  #forget(number: number): boolean {
    this.#bytes -= this.#files.get(number)?.bytes ?? 0;
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
