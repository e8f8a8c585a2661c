import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fileCheckpoints } from '../../../local/event-source/checkpoints.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'checkpoints-'))));
afterEach(() => rm(folder, { recursive: true }));

it('remembers per shard what was written last, and leaves nothing else behind', async () => {
  const checkpoints = fileCheckpoints(join(folder, 'new'));
  expect(await checkpoints.read('shardId-0')).toEqual({ kind: 'none' });
  await checkpoints.write('shardId-0', { kind: 'after', sequenceNumber: '41' });
  await checkpoints.write('shardId-0', { kind: 'after', sequenceNumber: '42' });
  await checkpoints.write('shardId-1', { kind: 'shard_end' });
  const later = fileCheckpoints(join(folder, 'new'));
  expect(await later.read('shardId-0')).toEqual({ kind: 'after', sequenceNumber: '42' });
  expect(await later.read('shardId-1')).toEqual({ kind: 'shard_end' });
  expect(await readdir(join(folder, 'new'))).toEqual(['shardId-0.json', 'shardId-1.json']);
});

it.each(['', '{"kind":"after"', '{"kind":"after","sequenceNumber":7}', '{"kind":"none"}'])(
  'does not take %j for a checkpoint',
  async (text) => {
    await writeFile(join(folder, 'shardId-0.json'), text);
    expect(await fileCheckpoints(folder).read('shardId-0')).toEqual({ kind: 'unreadable' });
  },
);

it('rejects what it cannot store, and keeps the checkpoint before', async () => {
  const checkpoints = fileCheckpoints(folder);
  await checkpoints.write('shardId-0', { kind: 'after', sequenceNumber: '41' });
  await writeFile(join(folder, 'blocked'), '');
  await expect(fileCheckpoints(join(folder, 'blocked')).write('shardId-0', { kind: 'shard_end' })).rejects.toThrow();
  expect(await checkpoints.read('shardId-0')).toEqual({ kind: 'after', sequenceNumber: '41' });
});
