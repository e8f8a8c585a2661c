import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { AlarmTopic } from './alarms/alarm-topic.ts';
import type { ClickHouseAccess } from './functions/clickhouse-environment.ts';
import { TapeNetwork } from './network/tape-network.ts';
import { NotifyFunction } from './notify/notify-function.ts';
import { alarmPrefixOf, Watching } from './observability/watching.ts';
import { ProbeFunction } from './probe/probe-function.ts';
import { SINK_TIMEOUT_SEC, SinkFunction } from './sink/sink-function.ts';
import type { StageSettings } from './stage/settings.ts';
import { MarketStream } from './stream/market-stream.ts';
import { StreamerService } from './streamer/streamer-service.ts';
import { ClickHouseHost } from './warehouse/clickhouse-host.ts';

export interface TapeStackProps extends StackProps {
  /** The stage's name: two stages may share an account. */
  readonly stage: string;
  readonly settings: StageSettings;
  /** Empty where it is not known. */
  readonly gitCommit: string;
}

/** One stage of the tape, in the order of the flow: network, stream, streamer, warehouse, sink, probe, watching. */
export class TapeStack extends Stack {
  readonly stream: MarketStream;
  readonly streamer: StreamerService;
  readonly sink: SinkFunction;
  readonly probe: ProbeFunction;
  readonly alarmTopic: AlarmTopic;

  constructor(scope: Construct, id: string, props: TapeStackProps) {
    super(scope, id, props);
    const { stage, settings, gitCommit } = props;
    const network = new TapeNetwork(this, 'Network', settings.network);
    this.stream = new MarketStream(this, 'MarketStream', settings);
    const { stream, shards } = this.stream;

    const { clickhouse, host } = this.#warehouse(settings, network);
    const place = host?.place;
    this.streamer = new StreamerService(this, 'StreamerService', {
      settings,
      network,
      stream,
      clickhouseUrl: clickhouse.url,
      gitCommit,
    });
    this.sink = new SinkFunction(this, 'SinkFunction', { stream, shards, clickhouse, settings, gitCommit, place });
    this.probe = new ProbeFunction(this, 'ProbeFunction', { clickhouse, settings, gitCommit, place });

    this.alarmTopic = new AlarmTopic(this, 'AlarmTopic', settings.alarms.email);
    this.#watch(stage, settings, gitCommit);
  }

  #watch(stage: string, settings: StageSettings, gitCommit: string): void {
    const { topic } = this.alarmTopic;
    const logGroups = {
      streamer: this.streamer.logGroup,
      sink: this.sink.tape.logGroup,
      probe: this.probe.tape.logGroup,
    };
    const notify = new NotifyFunction(this, 'NotifyFunction', {
      settings,
      alarmTopic: topic,
      stage,
      alarmPrefix: alarmPrefixOf(stage),
      logGroups,
      gitCommit,
    });
    // Half of what the stream keeps, where the stage says nothing smaller.
    const retention_risk_hours = Math.min(settings.thresholds.retention_risk_hours, settings.retentionHours / 2);
    new Watching(this, 'Watching', {
      stage,
      stream: this.stream.stream,
      sink: this.sink.tape.function,
      probe: this.probe.tape.function,
      eventSource: this.sink.eventSource,
      logGroups: { ...logGroups, notify: notify.tape.logGroup },
      sinkTimeout: Duration.seconds(SINK_TIMEOUT_SEC),
      failureBucket: this.sink.failures.bucket,
      topics: { page: topic, ticket: topic },
      thresholds: { ...settings.thresholds, retention_risk_hours },
      guideUrl: settings.guideUrl,
    });
  }

  #warehouse(settings: StageSettings, network: TapeNetwork): { clickhouse: ClickHouseAccess; host?: ClickHouseHost } {
    const { url, database, user, passwordSecret, host: hostSettings } = settings.clickhouse;
    const access = {
      database,
      user,
      passwordSecret: Secret.fromSecretNameV2(this, 'ClickHousePassword', passwordSecret),
    };
    if (hostSettings === undefined) return { clickhouse: { ...access, url: url ?? '' } };
    const host = new ClickHouseHost(this, 'ClickHouseHost', { network, settings: hostSettings, ...access });
    return { clickhouse: { ...access, url: host.url }, host };
  }
}
