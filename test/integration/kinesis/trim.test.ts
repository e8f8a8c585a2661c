import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IncreaseStreamRetentionPeriodCommand, PutRecordsCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { kinesisStream } from '../../../local/event-source/kinesis-stream.ts';
import { ensureStream, localKinesis } from '../../../local/kinesis/client.ts';
import { openEmulator, type Emulator } from '../../../local/kinesis/emulator.ts';
import { trimStore } from '../../../local/kinesis/trim.ts';

const HOUR_MS = 3_600_000;
const signal = AbortSignal.timeout(100_000);
let folder: string;
let emulator: Emulator;
let client: KinesisClient;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trim-'));
  emulator = openEmulator(folder);
  client = localKinesis(`http://127.0.0.1:${await emulator.listen(0)}`);
});
afterEach(async () => {
  client.destroy();
  await emulator.close();
  rmSync(folder, { recursive: true });
});

async function put(StreamName: string, count: number): Promise<void> {
  const Records = Array.from({ length: count }, (_, i) => ({ Data: Buffer.from(String(i)), PartitionKey: `key ${i}` }));
  await client.send(new PutRecordsCommand({ StreamName, Records }));
}

async function countIn(streamName: string): Promise<number> {
  const stream = kinesisStream(client, streamName);
  let count = 0;
  for (const { shardId } of await stream.listShards(signal)) {
    const iterator = await stream.iterator(shardId, { kind: 'TRIM_HORIZON' }, signal);
    count += (await stream.records(iterator, 10_000, signal)).records.length;
  }
  return count;
}

it('goes by the retention of each stream and reaches every shard', async () => {
  for (const name of ['day', 'days']) await ensureStream(client, name, 3, signal);
  await client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName: 'days', RetentionPeriodHours: 72 }));
  for (const name of ['day', 'days']) await put(name, 100);
  expect(await trimStore(emulator.store, Date.now() + 23 * HOUR_MS, signal)).toEqual({ records: 0, shards: 0 });
  expect(await trimStore(emulator.store, Date.now() + 25 * HOUR_MS, signal)).toEqual({ records: 100, shards: 3 });
  expect([await countIn('day'), await countIn('days')]).toEqual([0, 100]);
  expect(await trimStore(emulator.store, Date.now() + 73 * HOUR_MS, signal)).toEqual({ records: 100, shards: 3 });
});

it('runs beside writers and readers, who lose nothing that is not expired', async () => {
  await ensureStream(client, 'tape', 1, signal);
  const stream = kinesisStream(client, 'tape');
  let iterator = await stream.iterator('shardId-000000000000', { kind: 'TRIM_HORIZON' }, signal);
  let read = 0;
  for (let round = 0; round < 20; round++) {
    await put('tape', 50);
    const page = await stream.records(iterator, 1_000, signal);
    read += page.records.length;
    iterator = page.nextIterator ?? '';
    await Promise.all([trimStore(emulator.store, Date.now() + 25 * HOUR_MS, signal), countIn('tape')]);
  }
  expect(read).toBe(1_000);
  expect(await countIn('tape')).toBe(0);
});
