import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PutRecordsCommand, SplitShardCommand } from '@aws-sdk/client-kinesis';
import type { KinesisStreamEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EVENT_SOURCE, type EventSourceSettings } from '../../../core/contract/event-source.ts';
import { fileCheckpoints } from '../../../local/event-source/checkpoints.ts';
import { EventSource } from '../../../local/event-source/event-source.ts';
import type { EventSourceEvent } from '../../../local/event-source/events.ts';
import { folderDestination } from '../../../local/event-source/failure-destination.ts';
import { kinesisStream } from '../../../local/event-source/kinesis-stream.ts';
import { ensureStream } from '../../../local/kinesis/client.ts';
import { FunctionProcess } from '../../../local/lambda/function-process.ts';
import { isOfPlatform } from '../../support/catalogue.ts';
import { startEmulator, type EmulatorProcess } from './emulator-process.ts';

const HANDLER = fileURLToPath(new URL('./fixtures/handler.ts', import.meta.url));
const SETTINGS: EventSourceSettings = { ...EVENT_SOURCE, batchSize: 4, maximumBatchingWindow_sec: 0 };
const signal = AbortSignal.timeout(100_000);

let folder: string;
let emulator: EmulatorProcess;
let fn: FunctionProcess;
let source: EventSource;
let batches: string[][];
let events: EventSourceEvent[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'event-source-'));
  [batches, events] = [[], []];
  emulator = await startEmulator(folder);
  await ensureStream(emulator.client, 'tape', 1, signal);
});
afterEach(async () => {
  await source.stop();
  await fn.stop();
  await emulator.stop();
  rmSync(folder, { recursive: true });
});

/** The event source and the sink's process as `npm start` wires them, over the emulator. */
function start(settings: Partial<EventSourceSettings> = {}, timeoutMs = 10_000): void {
  fn = new FunctionProcess({
    functionName: 'sink',
    modulePath: HANDLER,
    memoryLimitMb: 256,
    region: 'us-east-1',
    environment: {},
    timeoutMs,
    onLine: (line) => {
      // The platform says of its own that an invocation had no answer.
      if (!isOfPlatform(line)) batches.push(JSON.parse(line) as string[]);
    },
  });
  source = new EventSource({
    stream: kinesisStream(emulator.client, 'tape'),
    settings: { ...SETTINGS, ...settings },
    invoke: (event, abort) => fn.invoke(event, abort),
    checkpoints: fileCheckpoints(join(folder, 'checkpoints')),
    failureDestination: folderDestination(join(folder, 'failed')),
    onEvent: (event) => events.push(event),
    timing: { pollIntervalMs: 20, retryBaseMs: 10, retryMaxMs: 100 },
  });
  source.start();
}

async function put(...texts: readonly string[]): Promise<void> {
  const records = texts.map((text) => ({ Data: Buffer.from(text), PartitionKey: 'key' }));
  await emulator.client.send(new PutRecordsCommand({ StreamName: 'tape', Records: records }));
}

const marker = (name: string) => join(folder, name);
const failedFiles = () =>
  readdirSync(join(folder, 'failed'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('a stream, an event source and a function', () => {
  it('deliver what was put, in order, and drain to the end', async () => {
    await put('a', 'b', 'c', 'd', 'e');
    start();
    await source.drain(signal);
    await put('f');
    await source.drain(signal);
    expect(batches).toEqual([['a', 'b', 'c', 'd'], ['e'], ['f']]);
    expect(source.stats()).toMatchObject({ polled: 6, invoked: 6, batches: 3, failures: 0 });
  });

  it('deliver the identical batch again when the function is killed in the middle', async () => {
    const hang = `hang_once ${marker('hung')}`;
    await put('a', hang, 'c');
    start();
    await expect.poll(() => batches.length).toBe(1);
    await put('newer');
    process.kill(fn.pid!, 'SIGKILL');
    await source.drain(signal);
    expect(batches).toEqual([['a', hang, 'c'], ['a', hang, 'c'], ['newer']]);
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'batch_failed', reason: 'function_error', records: 3 }),
    );
  });

  it('deliver the identical batch again after a timeout', async () => {
    const hang = `hang_once ${marker('hung')}`;
    await put('a', hang);
    start({}, 1_000);
    await source.drain(signal);
    expect(batches).toEqual([
      ['a', hang],
      ['a', hang],
    ]);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'batch_failed', reason: 'timeout' }));
  });

  it('deliver only the remainder again after a partial failure', async () => {
    const fail = `fail_once ${marker('failed')}`;
    await put('a', fail, 'c', 'd');
    start();
    await source.drain(signal);
    expect(batches).toEqual([
      ['a', fail, 'c', 'd'],
      [fail, 'c', 'd'],
    ]);
  });

  it('put a poison batch with its payload into the failure destination, and go on', async () => {
    await put('poison', 'b', 'c', 'd', 'good');
    start({ maximumRetryAttempts: 2 });
    await source.drain(signal);
    expect(batches.map((batch) => batch[0])).toEqual(['poison', 'poison', 'poison', 'good']);
    const [path, ...more] = failedFiles();
    expect(more).toEqual([]);
    expect(path).toMatch(/aws\/lambda\/local\/shardId-000000000000\/\d{4}\/\d\d\/\d\d\/[\dT.-]+-[0-9a-f-]{36}\.json$/);
    const document = JSON.parse(readFileSync(path ?? '', 'utf8')) as { readonly payload: string };
    expect(document).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 3 },
      responseContext: { functionError: 'Unhandled' },
      KinesisBatchInfo: { batchSize: 4, streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/tape' },
    });
    const event = JSON.parse(document.payload) as KinesisStreamEvent;
    expect(event.Records.map((record) => Buffer.from(record.kinesis.data, 'base64').toString())).toEqual([
      ...['poison', 'b', 'c', 'd'],
    ]);
  });

  it('go on behind the checkpoint when everything was stopped and started again', async () => {
    await put('a', 'b');
    start();
    await source.drain(signal);
    await source.stop();
    await fn.stop();
    await emulator.stop();
    emulator = await startEmulator(folder);
    await put('c');
    start();
    await source.drain(signal);
    expect(batches).toEqual([['a', 'b'], ['c']]);
  });

  it('go on when the stream was killed and came back on another port', async () => {
    await put('a');
    start();
    await source.drain(signal);
    emulator.child.kill('SIGKILL');
    await emulator.child.exit;
    await expect.poll(() => source.stats().pollFailures).toBeGreaterThan(0);
    await source.stop();
    emulator = await startEmulator(folder);
    await put('b');
    start();
    await source.drain(signal);
    expect(batches).toEqual([['a'], ['b']]);
  });

  it('read the children of a split shard after the shard itself', async () => {
    await put('a', 'b');
    start();
    const middle = (2n ** 127n).toString();
    await emulator.client.send(
      new SplitShardCommand({ StreamName: 'tape', ShardToSplit: 'shardId-000000000000', NewStartingHashKey: middle }),
    );
    await ensureStream(emulator.client, 'tape', 1, signal);
    const halves = [middle, '0'].map((ExplicitHashKey) => ({
      ExplicitHashKey,
      PartitionKey: 'k',
      Data: Buffer.from('c'),
    }));
    await emulator.client.send(new PutRecordsCommand({ StreamName: 'tape', Records: halves }));
    await expect.poll(() => batches.flat().length).toBe(4);
    expect(batches.flat()).toEqual(['a', 'b', 'c', 'c']);
    await source.drain(signal);
    expect(JSON.parse(readFileSync(join(folder, 'checkpoints', 'shardId-000000000000.json'), 'utf8'))).toEqual({
      kind: 'shard_end',
    });
  });
});
