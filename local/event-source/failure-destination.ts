import { randomUUID } from 'node:crypto';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Batch, DiscardCondition } from './decide.ts';
import { eventOf, type RecordOrigin, type SourceRecord } from './source-record.ts';

export interface DiscardedBatch {
  readonly batch: Batch<SourceRecord>;
  readonly condition: DiscardCondition;
  readonly origin: RecordOrigin;
  readonly functionArn: string;
  /** Milliseconds since 1970. */
  readonly discardedAt: number;
}

export interface FailureDestination {
  /** Resolves with where it is once it is safe there; until then the batch is not given up. */
  write(discarded: DiscardedBatch): Promise<string>;
}

/** One JSON file per batch, under the key Lambda would give it in S3: <mapping>/<shard>/YYYY/MM/DD/<time>-<uuid>. */
export function folderDestination(
  folder: string,
  mappingId = 'local',
  newId: () => string = randomUUID,
): FailureDestination {
  return {
    async write(discarded) {
      const at = new Date(discarded.discardedAt).toISOString();
      const day = at.slice(0, 10).replaceAll('-', '/');
      const name = `${at.slice(0, 19).replaceAll(':', '.')}-${newId()}`;
      const path = join(folder, 'aws', 'lambda', mappingId, discarded.origin.shardId, day, `${name}.json`);
      await mkdir(dirname(path), { recursive: true });
      const temporary = `${path}.tmp`;
      const file = await open(temporary, 'w');
      try {
        await file.writeFile(JSON.stringify(failureDocument(discarded, newId())));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      return path;
    },
  };
}

/** What Lambda writes to an S3 on-failure destination; `payload` is the whole event, as text. */
export function failureDocument(discarded: DiscardedBatch, requestId: string): object {
  const { batch, condition, origin } = discarded;
  const first = batch.records[0];
  const last = batch.records.at(-1);
  return {
    requestContext: {
      requestId,
      functionArn: discarded.functionArn,
      condition,
      approximateInvokeCount: batch.invocations,
    },
    ...responseContextOf(batch),
    version: '1.0',
    timestamp: new Date(discarded.discardedAt).toISOString(),
    KinesisBatchInfo: {
      shardId: origin.shardId,
      startSequenceNumber: first?.sequenceNumber,
      endSequenceNumber: last?.sequenceNumber,
      approximateArrivalOfFirstRecord: isoOf(first),
      approximateArrivalOfLastRecord: isoOf(last),
      batchSize: batch.records.length,
      streamArn: origin.streamArn,
    },
    payload: JSON.stringify(eventOf(batch.records)),
  };
}

/** Absent where the function was never invoked with these records. */
function responseContextOf(batch: Batch<SourceRecord>): object {
  if (batch.lastFailure === null) return {};
  if (batch.lastFailure === 'throttled') return { responseContext: { statusCode: 429, executedVersion: '$LATEST' } };
  const answered = batch.lastFailure === 'partial_failure' || batch.lastFailure === 'invalid_item';
  const functionError = answered ? {} : { functionError: 'Unhandled' };
  return { responseContext: { statusCode: 200, executedVersion: '$LATEST', ...functionError } };
}

function isoOf(record: SourceRecord | undefined): string | undefined {
  return record === undefined ? undefined : new Date(record.arrivedAt).toISOString();
}
