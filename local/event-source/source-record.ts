import type { _Record } from '@aws-sdk/client-kinesis';
import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import type { BatchRecord } from './decide.ts';

export interface SourceRecord extends BatchRecord {
  readonly event: KinesisStreamRecord;
  /** Of its JSON in the invocation's payload. */
  readonly bytes: number;
}

export interface RecordOrigin {
  readonly streamArn: string;
  readonly region: string;
  readonly shardId: string;
}

const INVOKE_IDENTITY_ARN = 'arn:aws:iam::000000000000:role/local-event-source';

/** A Kinesis record as Lambda gives it to a function. */
export function sourceRecord(record: _Record, origin: RecordOrigin, now: number): SourceRecord {
  const sequenceNumber = record.SequenceNumber ?? '';
  const arrivedAt = record.ApproximateArrivalTimestamp?.getTime() ?? now;
  const data = Buffer.from(record.Data ?? []).toString('base64');
  const event: KinesisStreamRecord = {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: record.PartitionKey ?? '',
      sequenceNumber,
      data,
      approximateArrivalTimestamp: arrivedAt / 1_000,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${origin.shardId}:${sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: INVOKE_IDENTITY_ARN,
    awsRegion: origin.region,
    eventSourceARN: origin.streamArn,
  };
  const withoutData = { ...event, kinesis: { ...event.kinesis, data: '' } };
  // The comma between two records is counted with each.
  const bytes = Buffer.byteLength(JSON.stringify(withoutData)) + data.length + 1;
  return { sequenceNumber, arrivedAt, event, bytes };
}

export function eventOf(records: readonly SourceRecord[]): KinesisStreamEvent {
  return { Records: records.map((record) => record.event) };
}
