import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GENERATIONS, prune, shift } from './generations.ts';

const NEWLINE = 0x0a;

/** The generation of the log file that is written: it grows to `maxBytes`, then the next one is made. */
export class OpenGeneration {
  readonly handle: FileHandle;
  readonly inode: number;
  readonly #path: string;
  readonly #maxBytes: number;
  #bytes: number;

  constructor(
    path: string,
    maxBytes: number,
    handle: FileHandle,
    found: { readonly ino: number; readonly size: number },
  ) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.handle = handle;
    this.inode = found.ino;
    this.#bytes = found.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Rejects where the disk refuses; `bytes` then says how much it took. */
  async append(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.handle.write(bytes, done);
      if (bytesWritten === 0) throw new Error('the disk took nothing');
      done += bytesWritten;
      this.#bytes += bytesWritten;
    }
  }

  async next(): Promise<OpenGeneration> {
    await this.handle.close();
    await shift(this.#path);
    return await openGeneration(this.#path, this.#maxBytes);
  }
}

/** Goes on where an earlier run stopped; a line that was cut off there is ended. Rejects where the disk refuses. */
export async function openGeneration(path: string, maxBytes: number): Promise<OpenGeneration> {
  await mkdir(dirname(path), { recursive: true });
  const handle = await open(path, 'a+');
  try {
    const found = await handle.stat();
    const generation = new OpenGeneration(path, maxBytes, handle, found);
    await prune(path, (GENERATIONS - 1) * maxBytes);
    if (found.size >= maxBytes) return await generation.next();
    if (found.size > 0 && (await lastByte(handle, found.size)) !== NEWLINE) await generation.append(Buffer.from('\n'));
    return generation;
  } catch (error) {
    await handle.close().catch(() => undefined);
    throw error;
  }
}

async function lastByte(handle: FileHandle, size: number): Promise<number | undefined> {
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0];
}
