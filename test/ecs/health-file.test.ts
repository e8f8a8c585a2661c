import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HealthFile } from '../../ecs/health-file.ts';

const START = Date.UTC(2026, 10, 23, 19);

let directory: string;
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'health-'))));
afterEach(async () => await rm(directory, { recursive: true }));

test('says when the streamer last lived and how', async () => {
  const path = join(directory, 'new', 'health.json');
  const health = new HealthFile(path);
  health.alive('live', START);
  await health.settled();
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ ts: '2026-11-23T19:00:00.000Z', ws_state: 'live' });
  expect(await readdir(join(directory, 'new'))).toEqual(['health.json']);
});

test('is written at most once a second', async () => {
  const path = join(directory, 'health.json');
  const health = new HealthFile(path);
  const written = async (at_ms: number): Promise<string> => {
    health.alive('live', at_ms);
    await health.settled();
    return (JSON.parse(await readFile(path, 'utf8')) as { ts: string }).ts.slice(17, -1);
  };
  const steps = [0, 50, 999, 1_000, 1_999, 2_050];
  const seen: string[] = [];
  for (const ms of steps) seen.push(await written(START + ms));
  expect(seen).toEqual(['00.000', '00.000', '00.000', '01.000', '01.000', '02.050']);
});

test('is written again though wall time was set back', async () => {
  const path = join(directory, 'health.json');
  const health = new HealthFile(path);
  for (const at of [START, START - 3_600_000]) {
    health.alive('live', at);
    await health.settled();
  }
  expect(await readFile(path, 'utf8')).toContain('T18:00:00');
});

test('a disk that refuses changes nothing, and the file is fresh again when it does not', async () => {
  const blocked = join(directory, 'blocked');
  await writeFile(blocked, 'a file where a directory should be');
  const health = new HealthFile(join(blocked, 'health.json'));
  health.alive('live', START);
  await expect(health.settled()).resolves.toBeUndefined();
  await rm(blocked);
  health.alive('live', START + 1_000);
  await health.settled();
  expect(await readFile(join(blocked, 'health.json'), 'utf8')).toContain('19:00:01');
});
