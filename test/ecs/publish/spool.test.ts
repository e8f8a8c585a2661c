import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Spool } from '../../../ecs/publish/spool.ts';
import { blockOf, SUBSCRIBED } from '../blocks.ts';

const PAGE = 4_096;
const WIDE = 1_000 * PAGE;

let directory: string;
let damaged: string[];
let unavailable: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spool-'));
  damaged = [];
  unavailable = [];
});
afterEach(async () => await rm(directory, { recursive: true, force: true }));

const openSpool = async (maxBytes = WIDE, at = directory): Promise<Spool> =>
  await Spool.open(at, maxBytes, {
    onUnavailable: ({ code = '' }) => unavailable.push(code),
    onDamaged: (file, reason) => damaged.push(`${file.split('/').at(-1)}: ${reason}`),
  });

const firstsOf = (found: Awaited<ReturnType<Spool['oldest']>>): number[] =>
  found.map(({ block }) => block.header.first_frame_no);

describe('the spool', () => {
  test('gives back what it took, oldest first and byte for byte, also where nobody waited for the writes', async () => {
    const spool = await openSpool();
    const blocks = [1, 2, 3, 4].map((first) => blockOf({ first }));
    expect(await Promise.all(blocks.map((block) => spool.append(block)))).toEqual([true, true, true, true]);
    const found = await spool.oldest(10, WIDE);
    expect(found.map(({ block }) => block.record)).toEqual(blocks.map(({ record }) => record));
    expect(found.map(({ block }) => block.header)).toEqual(blocks.map(({ header }) => header));
    expect(spool).toMatchObject({ blocks: 4, bytes: 4 * PAGE, frames: 4, oldestTs: 1_000 });
  });

  test('gives so many and so much at most, but one at least', async () => {
    const spool = await openSpool();
    for (const first of [1, 2, 3]) await spool.append(blockOf({ first, bytes: 900 }));
    expect(firstsOf(await spool.oldest(2, WIDE))).toEqual([1, 2]);
    expect(firstsOf(await spool.oldest(10, 2_500))).toEqual([1, 2]);
    expect(firstsOf(await spool.oldest(10, 1))).toEqual([1]);
  });

  test('forgets what was published, on disk too', async () => {
    const spool = await openSpool();
    for (const first of [1, 2]) await spool.append(blockOf({ first }));
    const [oldest] = await spool.oldest(1, WIDE);
    await spool.remove(oldest!.number);
    await spool.remove(oldest!.number);
    expect(firstsOf(await spool.oldest(10, WIDE))).toEqual([2]);
    expect(spool).toMatchObject({ blocks: 1, bytes: PAGE, frames: 1 });
    expect(await readdir(directory)).toEqual(['000000000002.ktb']);
  });

  test('takes no more than its bound, counted in pages and before the writes are done', async () => {
    const spool = await openSpool(2 * PAGE);
    const kept = await Promise.all([1, 2, 3].map((first) => spool.append(blockOf({ first }))));
    expect(kept).toEqual([true, true, false]);
    const [oldest] = await spool.oldest(1, WIDE);
    await spool.remove(oldest!.number);
    expect(await spool.append(blockOf({ first: 4 }))).toBe(true);
    expect(firstsOf(await spool.oldest(9, WIDE))).toEqual([2, 4]);
  });

  test('keeps room behind the bound for blocks of markers, unless it is to keep nothing at all', async () => {
    const spool = await openSpool(PAGE);
    const markers = blockOf({ first: 2, frames: 0, marker: SUBSCRIBED });
    expect(await spool.append(blockOf({ first: 1 }))).toBe(true);
    expect(await spool.append(markers)).toBe(true);
    let more = 0;
    while (more < 1_000 && (await spool.append(markers))) more++;
    expect(more).toBe(1_048_576 / PAGE - 1);
    const nothing = await openSpool(0, join(directory, 'other'));
    expect(await nothing.append(markers)).toBe(false);
  });
});

describe('after a restart the spool', () => {
  test('has what the last run left, and numbers on behind it', async () => {
    const first = await openSpool();
    for (const number of [1, 2]) await first.append(blockOf({ first: number }));
    await utimes(join(directory, '000000000001.ktb'), 50, 50);
    const second = await openSpool();
    expect(second).toMatchObject({ blocks: 2, bytes: 2 * PAGE, frames: 0, oldestTs: 50_000_000 });
    await second.append(blockOf({ first: 3 }));
    expect(firstsOf(await second.oldest(9, WIDE))).toEqual([1, 2, 3]);
  });

  test('ignores a half-written file and removes it, and leaves files of others alone', async () => {
    await writeFile(join(directory, '000000000007.ktb.part'), 'half');
    await writeFile(join(directory, 'run.json'), '{}');
    const spool = await openSpool();
    expect(spool.blocks).toBe(0);
    await spool.append(blockOf({ first: 1 }));
    expect((await readdir(directory)).sort()).toEqual(['000000000008.ktb', 'run.json']);
    expect(damaged).toEqual([]);
  });

  test('sets a damaged file aside, tells of it once, and gives the others', async () => {
    const first = await openSpool();
    for (const number of [1, 2]) await first.append(blockOf({ first: number }));
    await writeFile(join(directory, '000000000001.ktb'), 'KTB');
    const second = await openSpool();
    expect(firstsOf(await second.oldest(1, WIDE))).toEqual([2]);
    expect(firstsOf(await second.oldest(9, WIDE))).toEqual([2]);
    expect(damaged).toEqual(['000000000001.ktb: not_a_block']);
    expect(second).toMatchObject({ blocks: 1, bytes: PAGE });
    expect(await readdir(directory)).toContain('000000000001.ktb.damaged');
    const third = await openSpool();
    expect(firstsOf(await third.oldest(9, WIDE))).toEqual([2]);
  });
});

test('a directory that cannot be opened takes nothing and throws nothing, and no block is called damaged', async () => {
  await writeFile(join(directory, 'file'), '');
  const spool = await openSpool(WIDE, join(directory, 'file', 'spool'));
  expect(unavailable).toEqual(['ENOTDIR']);
  expect(damaged).toEqual([]);
  expect(await spool.append(blockOf({}))).toBe(false);
  expect(spool).toMatchObject({ blocks: 0, bytes: 0 });
});

test('a disk that refuses one write takes the next', async () => {
  const spool = await openSpool();
  await mkdir(join(directory, '000000000001.ktb.part'));
  expect(await spool.append(blockOf({ first: 1 }))).toBe(false);
  expect(await spool.append(blockOf({ first: 2 }))).toBe(true);
  expect(spool).toMatchObject({ blocks: 1, bytes: PAGE });
});
