import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { Construct } from 'constructs';
import type { StageSettings } from '../stage/settings.ts';
import { shardsFor } from '../stage/shards.ts';

type StreamSettings = Pick<StageSettings, 'expectedMessagesPerSecond' | 'retentionHours' | 'streamMode'>;

/** An on-demand stream starts with as many (AWS: "Choose the data stream capacity mode"). */
const ON_DEMAND_SHARDS = 4;

/** What the streamer writes and the sink reads: a record is a block. It stays when the stack goes. */
export class MarketStream extends Construct {
  readonly stream: Stream;
  readonly shards: number;

  constructor(scope: Construct, id: string, settings: StreamSettings) {
    super(scope, id);
    const isOnDemand = settings.streamMode === 'on-demand';
    this.shards = isOnDemand ? ON_DEMAND_SHARDS : shardsFor(settings.expectedMessagesPerSecond);
    this.stream = new Stream(this, 'Stream', {
      ...(isOnDemand
        ? { streamMode: StreamMode.ON_DEMAND }
        : { streamMode: StreamMode.PROVISIONED, shardCount: this.shards }),
      retentionPeriod: Duration.hours(settings.retentionHours),
      // With AWS's own key: no key policy of ours can lock the recorder out, and no request is charged.
      encryption: StreamEncryption.MANAGED,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}
