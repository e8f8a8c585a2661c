import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';

export const SHARD = 'shardId-000000000000';
/** Seconds since 1970, as Lambda gives it. */
const ARRIVED = 1_795_428_001.25;
const FIRST_SEQUENCE = 49_590_338_271_490_256n;

/** The stream's nth record (from 0) as Lambda delivers it: the same one is delivered the same every time. */
export function kinesisRecord(n: number, data: Buffer, shard = SHARD): KinesisStreamRecord {
  const sequenceNumber = String(FIRST_SEQUENCE + BigInt(n));
  return {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: 'session',
      sequenceNumber,
      data: data.toString('base64'),
      approximateArrivalTimestamp: ARRIVED,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${shard}:${sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: 'arn:aws:iam::000000000000:role/test',
    awsRegion: 'us-east-1',
    eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/test',
  };
}

/** A whole stream's records; `slice` of it is a batch. */
export function kinesisRecords(datas: readonly Buffer[], shard = SHARD): KinesisStreamRecord[] {
  return datas.map((data, n) => kinesisRecord(n, data, shard));
}

export function eventOf(records: readonly KinesisStreamRecord[]): KinesisStreamEvent {
  return { Records: [...records] };
}
