import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Stream } from 'aws-cdk-lib/aws-kinesis';
import { EventSourceMapping, MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { EVENT_SOURCE } from '../../core/contract/event-source.ts';
import { type ClickHouseAccess, clickhouseEnvironment } from '../functions/clickhouse-environment.ts';
import { type FunctionPlace, TapeFunction } from '../functions/tape-function.ts';
import { recordAgeOf } from '../stage/retention.ts';
import type { StageSettings } from '../stage/settings.ts';
import { FailureBucket } from './failure-bucket.ts';

/**
 * The largest batch (17 blocks of 5,000 order book deltas) takes 553 MB resident and 1.3 to 1.8 s, one of
 * 170 rows 92 MB (`node scripts/measure-sink.ts` on one x64 core beside the engine). Lambda's CPU comes with its memory.
 */
export const SINK_MEMORY_MB = 1_024;
/** Three inserts that run into their own timeout of 20 s, one after the other, and the time to say so. */
export const SINK_TIMEOUT_SEC = 90;
/** Batches of one shard at a time: its records stay in order, and ClickHouse gets one insert a second, not many small ones. */
const BATCHES_PER_SHARD = 1;

export interface SinkFunctionProps {
  readonly stream: Stream;
  readonly shards: number;
  readonly clickhouse: ClickHouseAccess;
  readonly settings: Pick<StageSettings, 'retentionHours' | 'logLevel' | 'logRetentionDays' | 'reserveConcurrency'>;
  readonly gitCommit: string;
  readonly place?: FunctionPlace | undefined;
}

/** Kinesis to ClickHouse: the function, its event source, and the bucket for what it could not land in time. */
export class SinkFunction extends Construct {
  readonly tape: TapeFunction;
  readonly failures: FailureBucket;
  readonly eventSource: EventSourceMapping;

  constructor(scope: Construct, id: string, props: SinkFunctionProps) {
    super(scope, id);
    const { clickhouse, settings, stream } = props;
    this.tape = new TapeFunction(this, 'Sink', {
      entry: 'functions/sink/handler.ts',
      description: 'kalshi-tape: lands blocks from Kinesis in ClickHouse',
      memoryMb: SINK_MEMORY_MB,
      timeoutSec: SINK_TIMEOUT_SEC,
      // As many as the event source asks for and no more: ClickHouse sees no burst, other functions cannot starve this one.
      reservedConcurrency: settings.reserveConcurrency ? props.shards * BATCHES_PER_SHARD : undefined,
      environment: clickhouseEnvironment(clickhouse, settings.logLevel, props.gitCommit),
      logLevel: settings.logLevel,
      logRetentionDays: settings.logRetentionDays,
      place: props.place,
    });
    this.tape.mayRead(clickhouse.passwordSecret);
    this.tape.role.addToPolicy(
      new PolicyStatement({
        actions: [
          'kinesis:DescribeStream',
          'kinesis:DescribeStreamSummary',
          'kinesis:GetRecords',
          'kinesis:GetShardIterator',
          'kinesis:ListShards',
        ],
        resources: [stream.streamArn],
      }),
    );
    this.failures = new FailureBucket(this, 'Failures');
    this.eventSource = new EventSourceMapping(this, 'EventSource', {
      target: this.tape.function,
      eventSourceArn: stream.streamArn,
      // Every block at its bound, in base64, is below Lambda's 6 MB.
      batchSize: EVENT_SOURCE.batchSize,
      maxBatchingWindow: Duration.seconds(EVENT_SOURCE.maximumBatchingWindow_sec),
      parallelizationFactor: BATCHES_PER_SHARD,
      // What was written before the mapping existed is read too; LATEST would lose it without a word.
      startingPosition: StartingPosition[EVENT_SOURCE.startingPosition],
      // The sink names the first record that is not committed. Without this its answer would be taken for success.
      reportBatchItemFailures: EVENT_SOURCE.reportBatchItemFailures,
      bisectBatchOnError: EVENT_SOURCE.bisectBatchOnFunctionError,
      // Finite, or one bad record would hold its shard until everything behind it expires.
      retryAttempts: EVENT_SOURCE.maximumRetryAttempts,
      maxRecordAge: Duration.seconds(recordAgeOf(settings.retentionHours)),
      onFailure: this.failures.destinationFor(this.tape.role),
      supportS3OnFailureDestination: true,
      // Polled, invoked, dropped and delivered to the failure destination: a drop is seen even where no log says it.
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
    });
    // The mapping is checked against the role when it is made.
    this.eventSource.node.addDependency(this.tape.role);
  }
}
