import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EVENT_SOURCE } from '../../../core/contract/event-source.ts';
import {
  BATCH_MAX_RECORDS,
  BLOCK_MAX_RAW_BYTES,
  BLOCK_MAX_RECORD_BYTES,
  EVENT_RECORD_OVERHEAD_BYTES,
  KINESIS_RECORD_LIMIT_BYTES,
  LAMBDA_PAYLOAD_LIMIT_BYTES,
  PUT_RECORDS_MAX_BYTES,
  PUT_RECORDS_MAX_RECORDS,
} from '../../../core/contract/limits.ts';
import { STREAM_RETENTION_HOURS, TABLES } from '../../../core/contract/names.ts';
import { VERSION } from '../../../core/contract/version.ts';

/** Kinesis: a partition key, characters (AWS quota); four bytes each at the worst. */
const PARTITION_KEY_MAX_BYTES = 256 * 4;

describe('the limits', () => {
  test('keep a batch of the largest blocks below what Lambda takes', () => {
    const base64 = Math.ceil(BLOCK_MAX_RECORD_BYTES / 3) * 4;
    expect(BATCH_MAX_RECORDS * (base64 + EVENT_RECORD_OVERHEAD_BYTES)).toBeLessThanOrEqual(LAMBDA_PAYLOAD_LIMIT_BYTES);
    expect(EVENT_SOURCE.batchSize).toBe(BATCH_MAX_RECORDS);
  });

  test('leave room in an event for what Lambda says of a record', () => {
    const about = {
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: 'k'.repeat(64),
        sequenceNumber: '9'.repeat(56),
        data: '',
        approximateArrivalTimestamp: 1_795_460_576.123,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `shardId-000000000006:${'9'.repeat(56)}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: `arn:aws:iam::123456789012:role/${'r'.repeat(64)}`,
      awsRegion: 'ap-southeast-2',
      eventSourceARN: `arn:aws:kinesis:ap-southeast-2:123456789012:stream/${'s'.repeat(128)}`,
    };
    expect(JSON.stringify(about).length).toBeLessThan(EVENT_RECORD_OVERHEAD_BYTES);
  });

  test('keep a block and its key below what a Kinesis record takes', () => {
    expect(BLOCK_MAX_RECORD_BYTES + PARTITION_KEY_MAX_BYTES).toBeLessThan(KINESIS_RECORD_LIMIT_BYTES);
    expect(BLOCK_MAX_RECORD_BYTES + PARTITION_KEY_MAX_BYTES).toBeLessThan(PUT_RECORDS_MAX_BYTES);
    expect(BLOCK_MAX_RAW_BYTES).toBeGreaterThan(BLOCK_MAX_RECORD_BYTES);
    expect(PUT_RECORDS_MAX_RECORDS).toBeLessThanOrEqual(500);
  });

  test('let no record grow too old for the event source before the stream lets it go', () => {
    expect(EVENT_SOURCE.maximumRecordAge_sec).toBeLessThanOrEqual(STREAM_RETENTION_HOURS * 3_600);
    expect(EVENT_SOURCE).toMatchObject({
      reportBatchItemFailures: true,
      bisectBatchOnFunctionError: false,
      startingPosition: 'TRIM_HORIZON',
    });
  });
});

describe('the names', () => {
  test('have frames first and blocks last: the order of landing', () => {
    expect([TABLES[0], TABLES.at(-1)]).toEqual(['frames', 'blocks']);
    expect(new Set(TABLES).size).toBe(TABLES.length);
  });

  test('have the version of package.json', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(VERSION).toBe(manifest.version);
  });
});
