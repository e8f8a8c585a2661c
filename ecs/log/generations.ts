import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/** The file that is written and what it was before: `tape.log`, `tape.log.1`, … `tape.log.4`. */
export const GENERATIONS = 5;

/** Each generation is one older; nothing is at `path` then. Rejects where the disk refuses. */
export async function shift(path: string): Promise<void> {
  await rm(`${path}.${GENERATIONS - 1}`, { force: true });
  for (let number = GENERATIONS - 2; number >= 1; number--) await renamed(`${path}.${number}`, `${path}.${number + 1}`);
  await renamed(path, `${path}.1`);
}

/** Removes the oldest until they hold `maxBytes` at most, whatever bounds wrote them. Rejects where the disk refuses. */
export async function prune(path: string, maxBytes: number): Promise<void> {
  let bytes = 0;
  for (const number of await numbersOf(path)) {
    const file = `${path}.${number}`;
    bytes += (await stat(file)).size;
    if (number >= GENERATIONS || bytes > maxBytes) await rm(file, { force: true });
  }
}

/** Newest first. */
async function numbersOf(path: string): Promise<readonly number[]> {
  const prefix = `${basename(path)}.`;
  const names = await readdir(dirname(path));
  return names
    .filter((name) => name.startsWith(prefix) && /^[1-9]\d{0,5}$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .sort((a, b) => a - b);
}

async function renamed(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
