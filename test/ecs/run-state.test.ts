import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RunState } from '../../ecs/run-state.ts';
import { blockOf } from './blocks.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'run-'));
});
afterEach(async () => await rm(directory, { recursive: true, force: true }));

const headerOf = (first: number, session_id = 's') => blockOf({ first, session_id }).header;
/** What a run that starts now would be told of connection 0. */
const nextBefore = (share = 'x') => new RunState(directory).before(0, share);

describe('a run that comes after', () => {
  test('nothing knows nothing', () => {
    const state = new RunState(directory);
    expect(state.previousRun).toBe('unknown');
    expect(state.before(0, 'x')).toBeUndefined();
  });

  test('a clean one starts where that ended', () => {
    const state = new RunState(directory);
    state.cut(0, 'x', headerOf(1));
    state.safe(headerOf(1), 0);
    state.write(true);
    expect(new RunState(directory).previousRun).toBe('clean');
    expect(nextBefore()).toEqual({ previous_run: 'clean', cause: 'recorder_stopped', session_id: 's', last_ts: 1_000 });
  });

  test('a killed one starts at the last safe block that was written down', () => {
    const state = new RunState(directory);
    state.write(false);
    for (const first of [1, 2, 3]) state.cut(0, 'x', headerOf(first));
    state.safe(headerOf(1), 10_000);
    state.safe(headerOf(2), 10_500);
    expect(nextBefore()).toMatchObject({ cause: 'recorder_crashed', last_ts: 1_000 });
    state.safe(headerOf(3), 11_000);
    expect(nextBefore()).toMatchObject({ previous_run: 'crashed', last_ts: 3_000 });
  });

  test('one that was killed before anything was safe starts where the run before that stood', () => {
    const first = new RunState(directory);
    first.cut(0, 'x', headerOf(1));
    first.safe(headerOf(1), 0);
    first.write(true);
    const second = new RunState(directory);
    second.write(false);
    expect(nextBefore()).toMatchObject({ cause: 'recorder_crashed', last_ts: 1_000 });
    second.before(0, 'x');
    second.cut(0, 'x', headerOf(5));
    second.write(false);
    expect(nextBefore()).toMatchObject({ last_ts: 1_000 });
  });

  test('one with another list of markets takes the oldest mark of all connections', () => {
    const state = new RunState(directory);
    state.cut(0, 'x', headerOf(9));
    state.cut(1, 'y', headerOf(3, 't'));
    state.safe(headerOf(9), 0);
    state.safe(headerOf(3, 't'), 0);
    state.write(true);
    expect(nextBefore('x')).toMatchObject({ last_ts: 9_000, session_id: 's' });
    expect(nextBefore('other')).toMatchObject({ last_ts: 3_000, session_id: 't' });
    expect(new RunState(directory).before(2, 'new')).toMatchObject({ last_ts: 3_000 });
  });

  test('a file that cannot be read knows nothing', async () => {
    await writeFile(join(directory, 'run.json'), '{"clean":tr');
    expect(new RunState(directory).previousRun).toBe('unknown');
  });
});

test('a directory that cannot be written is no reason to stop', async () => {
  await writeFile(join(directory, 'file'), '');
  expect(new RunState(join(directory, 'file', 'spool')).write(false)).toBe(false);
});

test('a dropped block holds the mark until its hole is marked in a block that is safe', () => {
  const state = new RunState(directory);
  for (const first of [1, 2, 3]) state.cut(0, 'x', headerOf(first));
  state.safe(headerOf(1), 0);
  expect(state.dropped(headerOf(2))).toBe(0);
  state.safe(headerOf(3), 0);
  state.write(false);
  expect(nextBefore()).toMatchObject({ last_ts: 1_000 });
  state.told(0);
  state.write(false);
  expect(nextBefore()).toMatchObject({ last_ts: 1_000 });
  state.cut(0, 'x', headerOf(4));
  state.safe(headerOf(4), 0);
  state.write(false);
  expect(nextBefore()).toMatchObject({ last_ts: 4_000 });
});

test('in whatever order blocks become safe, the mark is never behind one that is not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8]), async (order) => {
      await rm(join(directory, 'run.json'), { force: true });
      const state = new RunState(directory);
      for (let first = 1; first <= 8; first++) state.cut(0, 'x', headerOf(first));
      for (const first of order) state.safe(headerOf(first), 0);
      state.write(false);
      const unsafe = [1, 2, 3, 4, 5, 6, 7, 8].find((first) => !order.includes(first)) ?? 9;
      expect(nextBefore()?.last_ts).toBe(unsafe === 1 ? undefined : (unsafe - 1) * 1_000);
      expect(JSON.parse(await readFile(join(directory, 'run.json'), 'utf8'))).toMatchObject({ clean: false });
    }),
    { numRuns: 100 },
  );
});
