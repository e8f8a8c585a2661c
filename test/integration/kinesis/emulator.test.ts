import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutRecordsCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { kinesisStream } from '../../../local/event-source/kinesis-stream.ts';
import { ensureStream } from '../../../local/kinesis/client.ts';
import { KINESIS_PROGRAM, startEmulator, type EmulatorProcess } from './emulator-process.ts';

const SHARD = 'shardId-000000000000';
const signal = AbortSignal.timeout(100_000);
let folder: string;
let emulator: EmulatorProcess;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'kinesis-'))));
afterEach(async () => {
  await emulator.stop();
  rmSync(folder, { recursive: true });
});

async function put(client: KinesisClient, records: readonly Buffer[]): Promise<void> {
  const entries = records.map((Data) => ({ Data, PartitionKey: 'key' }));
  const answer = await client.send(new PutRecordsCommand({ StreamName: 'tape', Records: entries }));
  expect(answer.FailedRecordCount).toBe(0);
}

async function read(client: KinesisClient): Promise<readonly string[]> {
  const stream = kinesisStream(client, 'tape');
  const iterator = await stream.iterator(SHARD, { kind: 'TRIM_HORIZON' }, signal);
  const { records } = await stream.records(iterator, 1_000, signal);
  return records.map((record) =>
    Buffer.from(record.Data ?? [])
      .subarray(0, 4)
      .toString(),
  );
}

function diskBytes(): number {
  const path = join(folder, 'kinesis');
  return readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
}

const megabytes = (tag: string, count: number) =>
  Array.from({ length: count }, () => Buffer.concat([Buffer.from(tag), randomBytes(250_000)]));

it('keeps the stream, its records and its shards across a restart and across a kill', async () => {
  emulator = await startEmulator(folder);
  await ensureStream(emulator.client, 'tape', 2, signal);
  await ensureStream(emulator.client, 'tape', 7, signal);
  expect(await kinesisStream(emulator.client, 'tape').listShards(signal)).toHaveLength(2);
  await put(emulator.client, [Buffer.from('aaaa'), Buffer.from('bbbb')]);
  const before = await Promise.all([read(emulator.client), kinesisStream(emulator.client, 'tape').describe(signal)]);
  emulator.child.kill('SIGTERM');
  expect(await emulator.child.exit).toEqual({ code: 0, signal: null });

  emulator = await startEmulator(folder);
  emulator.child.kill('SIGKILL');
  await emulator.child.exit;
  emulator = await startEmulator(folder);
  expect(await Promise.all([read(emulator.client), kinesisStream(emulator.client, 'tape').describe(signal)])).toEqual(
    before,
  );
});

it('deletes what is past its retention, only that, and gives the disk back', async () => {
  emulator = await startEmulator(folder);
  await ensureStream(emulator.client, 'tape', 1, signal);
  for (let i = 0; i < 6; i++) await put(emulator.client, megabytes('old ', 12));
  await emulator.stop();
  const full = diskBytes();
  expect(full).toBeGreaterThan(6 * 12 * 250_000);

  emulator = await startEmulator(folder, 23);
  expect(emulator.messages).toHaveLength(1);
  await put(emulator.client, megabytes('new ', 3));
  await emulator.stop();

  emulator = await startEmulator(folder, 25);
  expect(emulator.messages).toContainEqual({ trimmed: { records: 72, shards: 1 } });
  expect(await read(emulator.client)).toEqual(['new ', 'new ', 'new ']);
  expect(diskBytes()).toBeLessThan(full / 5);
  await put(emulator.client, [Buffer.from('next')]);
  expect(await read(emulator.client)).toEqual(['new ', 'new ', 'new ', 'next']);
});

it('ends in order when its parent goes away', async () => {
  emulator = await startEmulator(folder);
  const other = fork(KINESIS_PROGRAM, ['--path', join(folder, 'other')]);
  await once(other, 'message');
  other.disconnect();
  expect(await once(other, 'exit')).toEqual([0, null]);
});

it('survives a client that dies in the middle of a request', async () => {
  emulator = await startEmulator(folder);
  await ensureStream(emulator.client, 'tape', 1, signal);
  for (let i = 0; i < 3; i++) {
    const socket = connect(emulator.port, '127.0.0.1');
    const head = 'POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: Kinesis_20131202.PutRecords\r\n';
    socket.write(`${head}content-type: application/x-amz-json-1.1\r\ncontent-length: 5000\r\n\r\n{"Stream`);
    await new Promise((resolve) => setTimeout(resolve, 30));
    socket.resetAndDestroy();
  }
  await put(emulator.client, [Buffer.from('aaaa')]);
  expect(await read(emulator.client)).toEqual(['aaaa']);
  expect(readFileSync(join(folder, 'kinesis.ndjson'), { encoding: 'utf8', flag: 'a+' })).toBe('');
});
