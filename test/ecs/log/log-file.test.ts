import { existsSync } from 'node:fs';
import {
  type FileHandle,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LogFile, type LogFilePorts } from '../../../ecs/log/log-file.ts';
import { OpenGeneration } from '../../../ecs/log/open-generation.ts';

const KB = 1_000;
/** Where the disk is always full. */
const FULL = '/dev/full';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'log-file-'));
  path = join(directory, 'tape.log');
});
afterEach(async () => await rm(directory, { recursive: true }));

function opened(maxBytes = 100 * KB, at = path, open?: LogFilePorts['open']) {
  const clock = { now: 0 };
  const failed: NodeJS.ErrnoException[] = [];
  const recovered: number[] = [];
  const file = new LogFile(
    { path: at, maxBytes },
    {
      now: () => clock.now,
      onFailed: (error) => failed.push(error),
      onRecovered: (lost) => recovered.push(lost),
      pause: () => undefined,
      ...(open === undefined ? {} : { open }),
    },
  );
  let written = 0;
  /** Numbered lines of 100 bytes. */
  const write = (count = 1): void => {
    for (let i = 0; i < count; i++) file.write(`${JSON.stringify({ n: ++written }).padEnd(99)}\n`);
  };
  return { clock, failed, recovered, file, write };
}

/** The lines of all generations, oldest first; each must be whole. */
async function numbers(at = path): Promise<number[]> {
  const names = (await readdir(directory)).filter((name) => name.startsWith(basename(at)));
  const generation = (name: string): number => Number(/\.(\d+)$/.exec(name)?.[1] ?? 0);
  const found: number[] = [];
  for (const name of names.sort((a, b) => generation(b) - generation(a))) {
    const text = await readFile(join(directory, name), 'utf8');
    found.push(
      ...text
        .split('\n')
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as { n: number }).n),
    );
  }
  return found;
}

/** Each file once, though it may get another name while we look. */
async function bytesOfAll(): Promise<number> {
  const names = await readdir(directory);
  const files = await Promise.all(names.map((name) => stat(join(directory, name)).catch(() => undefined)));
  const sizes = new Map(files.filter((file) => file !== undefined).map(({ ino, size }) => [ino, size]));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

describe('a log file', () => {
  test('has every line, in order', async () => {
    const { file, write, failed } = opened();
    write(500);
    await file.close();
    expect(await numbers()).toEqual(from(1, 500));
    expect(failed).toEqual([]);
  });

  test('goes on where an earlier run stopped, and ends the line that was cut off there', async () => {
    await writeFile(path, '{"n":-1}\n{"n":');
    const { file, write } = opened();
    write();
    await file.close();
    expect((await readFile(path, 'utf8')).split('\n').map((line) => line.trim())).toEqual([
      '{"n":-1}',
      '{"n":',
      '{"n":1}',
      '',
    ]);
  });

  test('makes its directory', async () => {
    const at = join(directory, 'a', 'b', 'tape.log');
    const { file, write, failed } = opened(100 * KB, at);
    write();
    await file.close();
    expect(existsSync(at)).toBe(true);
    expect(failed).toEqual([]);
  });

  test('writes at the end of the process what waits, without waiting itself', async () => {
    const { file, write } = opened();
    write();
    await file.close();
    const next = opened();
    next.write(3);
    // Its first write is on its way, the last line came in this turn.
    await until(() => readFile(path, 'utf8').then((text) => text.includes('"n":3')));
    next.write();
    next.file.flushSync();
    expect((await numbers()).filter((n) => n === 4)).toEqual([4]);
    await next.file.close();
  });
});

describe('rotation', () => {
  test.each([
    ['all at once', 20_000, 20_000],
    ['line by line', 1, 1_500],
    ['a steady producer', 37, 4_000],
  ])('keeps the newest lines, without a hole, and never more than the bound: %s', async (_, batch, count) => {
    const { file, write, failed, recovered } = opened(100 * KB);
    for (let written = 0; written < count; written += batch) {
      write(Math.min(batch, count - written));
      await turn();
      if (written % 500 < batch) expect(await bytesOfAll()).toBeLessThanOrEqual(100 * KB);
    }
    await file.close();
    const found = await numbers();
    expect(found).toEqual(from(count - found.length + 1, count));
    expect(found.length).toBeGreaterThanOrEqual(801);
    expect(await bytesOfAll()).toBeLessThanOrEqual(100 * KB);
    expect((await readdir(directory)).length).toBeLessThanOrEqual(5);
    expect([failed, recovered]).toEqual([[], []]);
  });

  test('brings what an earlier run with a larger bound left under this one', async () => {
    const before = opened(1_000 * KB);
    before.write(9_000);
    await before.file.close();
    await writeFile(`${path}.17`, 'x'.repeat(1_000));
    await writeFile(join(directory, 'tape.log.backup'), '');
    const { file, write } = opened(100 * KB);
    write();
    await file.close();
    expect(await bytesOfAll()).toBeLessThanOrEqual(100 * KB);
    expect(await readdir(directory)).toContain('tape.log.backup');
  });

  test('loses a line that is larger than a file may be, and says so', async () => {
    const { file, write, failed, recovered } = opened(100 * KB);
    file.write(`${'x'.repeat(30 * KB)}\n`);
    write();
    await file.close();
    expect(failed).toHaveLength(1);
    expect(recovered).toEqual([1]);
    expect(await numbers()).toEqual([1]);
  });
});

describe('a disk that fails', () => {
  test('is told once, lines are counted, and when it is back the count is told', async () => {
    const blocked = join(directory, 'blocked');
    await writeFile(blocked, 'a file where the directory should be');
    const { file, write, failed, recovered, clock } = opened(100 * KB, join(blocked, 'tape.log'));
    for (let second = 0; second < 10; second++) {
      write(5);
      await file.close();
      clock.now += 100;
    }
    expect(failed.map(({ code }) => code)).toEqual(['EEXIST']);
    await rm(blocked);
    clock.now += 120_000;
    write(2);
    await file.close();
    expect(recovered).toEqual([50]);
    expect((await readFile(join(blocked, 'tape.log'), 'utf8')).match(/"n":\d+/g)).toEqual(['"n":51', '"n":52']);
  });

  test('is tried again ever more rarely, but at least once a minute', async () => {
    const blocked = join(directory, 'blocked');
    await writeFile(blocked, '');
    const { file, write, clock, recovered } = opened(100 * KB, join(blocked, 'tape.log'));
    for (let second = 0; second < 600; second++) {
      write();
      await file.close();
      clock.now += 1_000;
    }
    await rm(blocked);
    let waited_ms = 0;
    for (; recovered.length === 0; waited_ms += 1_000) {
      write();
      await file.close();
      clock.now += 1_000;
    }
    expect(waited_ms).toBeLessThanOrEqual(61_000);
    expect(recovered).toEqual([600 + waited_ms / 1_000 - 1]);
  });

  test.skipIf(!existsSync(FULL))(
    'because it is full loses lines only, and has them again when there is room',
    async () => {
      await symlink(FULL, path);
      const { file, write, failed, recovered, clock } = opened();
      write(10);
      await file.close();
      expect(failed.map(({ code }) => code)).toEqual(['ENOSPC']);
      await rm(path);
      clock.now += 2_000;
      write(3);
      await file.close();
      expect(recovered).toEqual([10]);
      expect(await numbers()).toEqual([11, 12, 13]);
    },
  );

  test('because it got full within a write loses those lines only that are not in whole', async () => {
    let room = 250;
    const handle = {
      write: async (bytes: Buffer, from: number) => {
        const bytesWritten = Math.min(room, bytes.length - from);
        if (bytesWritten === 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        room -= bytesWritten;
        return await Promise.resolve({ bytesWritten });
      },
      close: () => Promise.resolve(),
    } as unknown as FileHandle;
    const { file, write, failed, recovered, clock } = opened(100 * KB, path, async (at, maxBytes) => {
      return await Promise.resolve(new OpenGeneration(at, maxBytes, handle, { ino: 1, size: 0 }));
    });
    write(10);
    await file.close();
    expect(failed.map(({ code }) => code)).toEqual(['ENOSPC']);
    room = 1_000;
    clock.now += 2_000;
    write();
    await file.close();
    expect(recovered).toEqual([8]);
  });

  test('takes lines as fast as ever: they are lost beyond a bound of memory, counted, and the others are whole', async () => {
    const { file, write, failed, recovered } = opened(100_000 * KB);
    // Nothing reaches the disk within this turn.
    write(60_000);
    await file.close();
    const found = await numbers();
    expect(failed).toHaveLength(1);
    expect(found.length + recovered.reduce((sum, lost) => sum + lost, 0)).toBe(60_000);
    expect(found.length * 100).toBeLessThanOrEqual(4 * 1_048_576 + 262_144);
    expect(found).toEqual(from(1, found.length));
  });
});

describe('a file that somebody', () => {
  test.each([
    ['deletes', () => rm(path)],
    ['moves', () => rename(path, join(directory, 'elsewhere'))],
  ])('%s is made anew', async (_, action) => {
    const { file, write, failed, recovered, clock } = opened();
    write(2);
    await until(() => readFile(path, 'utf8').then((text) => text.length === 200));
    await action();
    clock.now += 1_000;
    write(3);
    await until(() => Promise.resolve(recovered.length > 0));
    await file.close();
    expect(await numbers()).toEqual([3, 4, 5]);
    expect(failed.map(({ code }) => code)).toEqual(['ENOENT']);
    expect(recovered).toEqual([2]);
  });

  test('deletes together with its directory is made anew too', async () => {
    const at = join(directory, 'logs', 'tape.log');
    const { file, write, recovered, clock } = opened(100 * KB, at);
    write(2);
    await until(() => readFile(at, 'utf8').then((text) => text.length === 200));
    await rm(join(directory, 'logs'), { recursive: true });
    clock.now += 1_000;
    write();
    await until(() => Promise.resolve(recovered.length > 0));
    await file.close();
    expect(await readFile(at, 'utf8')).toContain('"n":3');
  });

  test('makes a directory of is no end of the recording', async () => {
    await mkdir(path);
    const { file, write, failed } = opened();
    write();
    await file.close();
    expect(failed.map(({ code }) => code)).toEqual(['EISDIR']);
  });
});

/** Until the disk has done it: no time is measured. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds().catch(() => false))) await turn();
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
