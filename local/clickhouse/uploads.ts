import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

/** Files that hold the rows of an insert while it runs. Nothing else may live in their directory. */
export class Uploads {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Removes what a killed process left behind: only the one process that has the engine's lock may call this. */
  static async open(directory: string): Promise<Uploads> {
    await mkdir(directory, { recursive: true });
    const left = (await readdir(directory)).filter((name) => UPLOAD_NAME.test(name));
    await Promise.all(left.map((name) => rm(join(directory, name), { force: true })));
    return new Uploads(directory);
  }

  /** Gives `work` a new file's path; the file is gone when the promise settles. */
  async withFile<T>(work: (path: string) => Promise<T>): Promise<T> {
    const path = join(this.#directory, `rows-${randomUUID()}.bin`);
    try {
      return await work(path);
    } finally {
      await rm(path, { force: true });
    }
  }

  /** A stream into the file that starts with `prefix`. The file exists before the stream does, so removing it is final. */
  static async writeTo(path: string, prefix: Uint8Array): Promise<Writable> {
    const file = await open(path, 'wx', 0o600);
    if (prefix.length > 0) await file.writeFile(prefix);
    return file.createWriteStream();
  }
}

const UPLOAD_NAME = /^rows-[0-9a-f-]{36}\.bin$/;
