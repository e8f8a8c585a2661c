import { expect, it } from 'vitest';
import { failureDocument } from '../../../local/event-source/failure-destination.ts';
import { eventOf, sourceRecord } from '../../../local/event-source/source-record.ts';

const origin = {
  streamArn: 'arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream',
  region: 'us-east-2',
  shardId: 'shardId-000000000006',
};
// AWS Lambda Developer Guide, "Using Lambda with Kinesis": the example event.
const record = sourceRecord(
  {
    SequenceNumber: '49590338271490256608559692538361571095921575989136588898',
    PartitionKey: '1',
    Data: Buffer.from('Hello, this is a test.'),
    ApproximateArrivalTimestamp: new Date(1_545_084_650_987),
  },
  origin,
  0,
);

it('gives a function the record AWS documents', () => {
  expect(eventOf([record])).toEqual({
    Records: [
      {
        kinesis: {
          kinesisSchemaVersion: '1.0',
          partitionKey: '1',
          sequenceNumber: '49590338271490256608559692538361571095921575989136588898',
          data: 'SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==',
          approximateArrivalTimestamp: 1_545_084_650.987,
        },
        eventSource: 'aws:kinesis',
        eventVersion: '1.0',
        eventID: 'shardId-000000000006:49590338271490256608559692538361571095921575989136588898',
        eventName: 'aws:kinesis:record',
        invokeIdentityArn: 'arn:aws:iam::000000000000:role/local-event-source',
        awsRegion: 'us-east-2',
        eventSourceARN: 'arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream',
      },
    ],
  });
});

it('writes the document AWS writes to an S3 failure destination, with the whole event as text', () => {
  const batch = { records: [record], invocations: 3, retriesUsed: 2, lastFailure: 'timeout' } as const;
  const condition = 'RetryAttemptsExhausted';
  const discarded = { batch, condition, origin, functionArn: 'arn:sink', discardedAt: 1_545_084_700_000 } as const;
  expect(failureDocument(discarded, 'request-1')).toEqual({
    requestContext: { requestId: 'request-1', functionArn: 'arn:sink', condition, approximateInvokeCount: 3 },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: '2018-12-17T22:11:40.000Z',
    KinesisBatchInfo: {
      shardId: origin.shardId,
      startSequenceNumber: record.sequenceNumber,
      endSequenceNumber: record.sequenceNumber,
      approximateArrivalOfFirstRecord: '2018-12-17T22:10:50.987Z',
      approximateArrivalOfLastRecord: '2018-12-17T22:10:50.987Z',
      batchSize: 1,
      streamArn: origin.streamArn,
    },
    payload: JSON.stringify(eventOf([record])),
  });
  expect(failureDocument({ ...discarded, batch: { ...batch, lastFailure: 'partial_failure' } }, 'r')).toMatchObject({
    responseContext: { statusCode: 200, executedVersion: '$LATEST' },
  });
  expect(failureDocument({ ...discarded, batch: { ...batch, lastFailure: null } }, 'r')).not.toHaveProperty(
    'responseContext',
  );
});
