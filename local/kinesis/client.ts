import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  IncreaseStreamRetentionPeriodCommand,
  KinesisClient,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';

const CONNECT_TIMEOUT_MS = 2_000;
const REQUEST_TIMEOUT_MS = 10_000;
const CLIENT_ATTEMPTS = 2;
const STATUS_EVERY_MS = 50;
const STREAM_ACTIVE_WITHIN_MS = 10_000;

/** A client of the local emulator: HTTP/1.1 (it speaks no other), bounded, with credentials nobody checks. */
export function localKinesis(endpoint: string): KinesisClient {
  return new KinesisClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: CLIENT_ATTEMPTS,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    }),
  });
}

/** The stream exists and is ACTIVE when this resolves. One that exists keeps its shards, whatever `shardCount` says. */
export async function ensureStream(
  client: KinesisClient,
  streamName: string,
  shardCount: number,
  signal: AbortSignal,
): Promise<void> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(STREAM_ACTIVE_WITHIN_MS)]);
  for (;;) {
    const status = await statusOf(client, streamName, bounded);
    if (status === 'ACTIVE') return;
    if (status === undefined) await create(client, streamName, shardCount, bounded);
    else await sleep(STATUS_EVERY_MS, undefined, { signal: bounded });
  }
}

/** The stream keeps its records for at least so long. */
export async function keepFor(
  client: KinesisClient,
  streamName: string,
  hours: number,
  signal: AbortSignal,
): Promise<void> {
  const { StreamDescriptionSummary: now } = await client.send(
    new DescribeStreamSummaryCommand({ StreamName: streamName }),
    { abortSignal: signal },
  );
  if ((now?.RetentionPeriodHours ?? 0) >= hours) return;
  const command = new IncreaseStreamRetentionPeriodCommand({ StreamName: streamName, RetentionPeriodHours: hours });
  await client.send(command, { abortSignal: signal });
}

async function statusOf(client: KinesisClient, streamName: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const command = new DescribeStreamSummaryCommand({ StreamName: streamName });
    const answer = await client.send(command, { abortSignal: signal });
    return answer.StreamDescriptionSummary?.StreamStatus ?? 'UNKNOWN';
  } catch (error) {
    if (nameOf(error) === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

async function create(
  client: KinesisClient,
  streamName: string,
  shardCount: number,
  signal: AbortSignal,
): Promise<void> {
  try {
    const command = new CreateStreamCommand({ StreamName: streamName, ShardCount: shardCount });
    await client.send(command, { abortSignal: signal });
  } catch (error) {
    if (nameOf(error) !== 'ResourceInUseException') throw error;
  }
}

function nameOf(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}
