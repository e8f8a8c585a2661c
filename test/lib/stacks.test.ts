import { readFileSync } from 'node:fs';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { EVENT_SOURCE } from '../../core/contract/event-source.ts';
import { probeEnv } from '../../core/contract/probe-env.ts';
import { STREAMER_PROCESS_ENV } from '../../core/contract/runtime.ts';
import { sinkEnv } from '../../core/contract/sink-env.ts';
import { CHANNELS, streamerEnv } from '../../core/contract/streamer-env.ts';
import { parseEnvironment } from '../../core/contract/environment.ts';
import { stageSettingsOf } from '../../lib/stage/settings.ts';
import { SINK_TIMEOUT_SEC } from '../../lib/sink/sink-function.ts';
import {
  CDK,
  containerEnvironment,
  containerOf,
  functionEnvironment,
  GIT_COMMIT,
  resourceOf,
  resourcesOf,
  STAGES,
  synthesized,
} from './synthesized.ts';

const templates = new Map<string, Template>();
const of = (stage: string): Template => templates.get(stage)!;
const settingsOf = (stage: string) => stageSettingsOf(CDK.context, stage);

/** Bundling the programs is most of it, and the machine may be busy. */
const SYNTH_TIMEOUT_MS = 120_000;

beforeAll(() => {
  for (const stage of STAGES) templates.set(stage, synthesized(stage));
}, SYNTH_TIMEOUT_MS);

test('LOGGING_GUIDE.md shows the streamer’s log configuration as the stage prod has it', () => {
  const guide = readFileSync(new URL('../../LOGGING_GUIDE.md', import.meta.url), 'utf8');
  const shown = /\*\*ECS to CloudWatch\.[\s\S]*?```json\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';
  const { LogDriver, Options } = containerOf(of('prod'))['LogConfiguration'] as {
    readonly LogDriver: string;
    readonly Options: Readonly<Record<string, unknown>>;
  };
  // CloudFormation makes the group's name of the stack's and the resource's, and puts an end of its own behind it.
  const { Ref } = Options['awslogs-group'] as { readonly Ref: string };
  expect(JSON.parse(shown)).toEqual({
    logDriver: LogDriver,
    options: { ...Options, 'awslogs-group': `KalshiTape-prod-${Ref}-…`, 'awslogs-region': 'us-east-1' },
  });
});

describe.each(STAGES)('the stage %s', (stage) => {
  test('keeps its stream, failed batches and logs when it goes', () => {
    const kept = ['AWS::Kinesis::Stream', 'AWS::S3::Bucket', 'AWS::Logs::LogGroup'];
    const found = kept.flatMap((type) => resourcesOf(of(stage), type));
    expect(found.length).toBeGreaterThanOrEqual(5);
    for (const { id, DeletionPolicy, UpdateReplacePolicy } of found) {
      expect([id, DeletionPolicy, UpdateReplacePolicy]).toEqual([id, expect.stringMatching(/^Retain/), 'Retain']);
    }
  });

  test('has an encrypted stream that keeps records for hours longer than the event source tries', () => {
    const { Properties: stream } = resourceOf(of(stage), 'AWS::Kinesis::Stream');
    expect(stream).toMatchObject({
      StreamEncryption: { EncryptionType: 'KMS' },
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
      ShardCount: 1,
    });
    const { Properties: mapping } = resourceOf(of(stage), 'AWS::Lambda::EventSourceMapping');
    const retention_sec = Number(stream['RetentionPeriodHours']) * 3_600;
    expect(retention_sec - Number(mapping['MaximumRecordAgeInSeconds'])).toBeGreaterThanOrEqual(6 * 3_600);
  });

  test('reads the stream so that nothing is skipped, dropped or forgotten without a word', () => {
    of(stage).hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: EVENT_SOURCE.batchSize,
      MaximumBatchingWindowInSeconds: 0,
      ParallelizationFactor: 1,
      StartingPosition: 'TRIM_HORIZON',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: false,
      MaximumRetryAttempts: EVENT_SOURCE.maximumRetryAttempts,
      MetricsConfig: { Metrics: ['EventCount'] },
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': [Match.stringLikeRegexp('FailuresBucket'), 'Arn'] } },
      },
      FilterCriteria: Match.absent(),
    });
  });

  test('has an encrypted failure bucket that nobody outside reaches', () => {
    of(stage).hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: Match.anyValue(),
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    of(stage).hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
  });

  test('runs its functions on nodejs24.x and arm64, each with a log group and a role of its own', () => {
    const functions = resourcesOf(of(stage), 'AWS::Lambda::Function');
    expect(functions.map(({ id }) => id.slice(0, 13)).sort()).toEqual([
      'NotifyFunctio',
      'ProbeFunction',
      'SinkFunctionS',
    ]);
    const own = functions.map(({ Properties }) => {
      expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' });
      expect(Properties['ReservedConcurrentExecutions']).toBeLessThanOrEqual(2);
      const { LogGroup } = Properties['LoggingConfig'] as { LogGroup: unknown };
      return JSON.stringify([LogGroup, Properties['Role']]);
    });
    expect(new Set(own).size).toBe(functions.length);
    for (const { Properties } of resourcesOf(of(stage), 'AWS::Logs::LogGroup')) {
      expect(Properties['RetentionInDays']).toBe(settingsOf(stage).logRetentionDays);
    }
  });

  test('gives the sink more time than the attempts of one insert may take', () => {
    const { INSERT_TIMEOUT_MS } = parseEnvironment('sink', sinkEnv, functionEnvironment(of(stage), 'Sink'));
    expect(SINK_TIMEOUT_SEC * 1_000).toBeGreaterThan(3 * INSERT_TIMEOUT_MS);
  });

  test('asks the warehouse every minute, and never asks a minute late', () => {
    of(stage).hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      Targets: [{ RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 } }],
    });
  });

  test('lets nothing in, and out to port 443 only', () => {
    expect(resourcesOf(of(stage), 'AWS::EC2::SecurityGroupIngress')).toEqual([]);
    const groups = resourcesOf(of(stage), 'AWS::EC2::SecurityGroup');
    expect(groups.length).toBeGreaterThan(0);
    for (const { Properties } of groups) {
      expect(Properties['SecurityGroupIngress']).toBeUndefined();
      expect(Properties['SecurityGroupEgress']).toMatchObject([{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443 }]);
    }
    expect(resourcesOf(of(stage)).filter(({ Type }) => Type.startsWith('AWS::ElasticLoadBalancing'))).toEqual([]);
  });

  test('gives up and rolls back a deployment that does not come up, overlaps the tasks and records once otherwise', () => {
    of(stage).hasResourceProperties('AWS::ECS::Service', {
      DesiredCount: 1,
      DeploymentConfiguration: {
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      },
      AvailabilityZoneRebalancing: 'DISABLED',
      EnableExecuteCommand: Match.absent(),
    });
  });

  test('starts one container: not root, read-only but for its volume, no capabilities, under an init process', () => {
    const container = containerOf(of(stage));
    expect(container).toMatchObject({
      Essential: true,
      User: '1000:1000',
      ReadonlyRootFilesystem: true,
      LinuxParameters: { InitProcessEnabled: true, Capabilities: { Drop: ['ALL'] } },
      MountPoints: [{ ContainerPath: '/var/lib/kalshi-tape', ReadOnly: false }],
      HealthCheck: { Command: ['CMD', 'node', 'health.mjs'] },
      RestartPolicy: { Enabled: true, IgnoredExitCodes: [0, 2] },
    });
    expect(container['Privileged']).toBeUndefined();
    expect(container['PortMappings']).toBeUndefined();
    const { Properties } = resourceOf(of(stage), 'AWS::ECS::TaskDefinition');
    // Without a host path: the volume is the task's own, so two tasks that overlap never share a spool.
    expect(Properties['Volumes']).toEqual([{ Name: 'state' }]);
  });

  test('waits for the streamer’s flush before it kills it', () => {
    const env = { ...containerEnvironment(of(stage)), KALSHI_API_KEY_ID: 'k', KALSHI_PRIVATE_KEY: 'p' };
    const { SHUTDOWN_TIMEOUT_MS } = parseEnvironment('streamer', streamerEnv, env);
    const stop_ms = Number(containerOf(of(stage))['StopTimeout']) * 1_000;
    expect(stop_ms).toBeLessThanOrEqual(120_000);
    expect(stop_ms).toBeGreaterThan(SHUTDOWN_TIMEOUT_MS + 10_000);
  });

  test('never lets the log hold the recorder up, and says how much may wait', () => {
    expect(containerOf(of(stage))['LogConfiguration']).toMatchObject({
      LogDriver: 'awslogs',
      Options: { mode: 'non-blocking', 'max-buffer-size': `${25 * 1_048_576}b` },
    });
  });

  test('holds no secret in an environment: their names only', () => {
    const { kalshiKeySecret, clickhouse } = settingsOf(stage);
    const container = containerOf(of(stage));
    expect(container.Secrets.map(({ Name }) => Name)).toEqual(['KALSHI_API_KEY_ID', 'KALSHI_PRIVATE_KEY']);
    for (const { Name, ValueFrom } of container.Secrets) {
      expect(JSON.stringify(ValueFrom)).toContain(`:secret:${kalshiKeySecret}:${Name}::`);
    }
    for (const name of ['Sink', 'Probe']) {
      const env = functionEnvironment(of(stage), name);
      expect(env['CLICKHOUSE_PASSWORD_SECRET']).toBe(
        `arn:aws:secretsmanager:us-east-1:000000000000:secret:${clickhouse.passwordSecret}`,
      );
      expect(env['CLICKHOUSE_PASSWORD']).toBeUndefined();
    }
    expect(JSON.stringify(of(stage).toJSON())).not.toContain('{{resolve:secretsmanager');
  });

  test('starts the streamer with an environment that the streamer itself reads, and with nothing it does not know', () => {
    const env = containerEnvironment(of(stage));
    const { clickhouse, markets, channels } = settingsOf(stage);
    const parsed = parseEnvironment('streamer', streamerEnv, {
      ...env,
      KALSHI_API_KEY_ID: 'key',
      KALSHI_PRIVATE_KEY: 'pem',
    });
    expect(parsed).toMatchObject({
      MARKETS: markets,
      CHANNELS: channels,
      AWS_REGION: 'us-east-1',
      SPOOL_DIR: '/var/lib/kalshi-tape/spool',
      HEALTH_FILE: '/var/lib/kalshi-tape/health.json',
      SPOOL_MAX_MB: settingsOf(stage).spoolMb,
      GIT_COMMIT,
      CLICKHOUSE_URL: clickhouse.url,
      CLICKHOUSE_DATABASE: clickhouse.database,
      CLICKHOUSE_USER: clickhouse.user,
    });
    expect(parsed.INSTANCE_TYPE).toMatch(/^(t4g\.small|FARGATE 256\/1024)$/);
    expect(parsed.CHANNELS.every((channel) => CHANNELS.includes(channel))).toBe(true);
    const known = new Set([...Object.keys(streamerEnv.shape), ...Object.keys(STREAMER_PROCESS_ENV)]);
    expect(Object.keys(env).filter((name) => !known.has(name))).toEqual([]);
    expect(env).toMatchObject(STREAMER_PROCESS_ENV);
  });

  test.each([
    ['Sink', sinkEnv],
    ['Probe', probeEnv],
  ] as const)(
    'starts the function %s with an environment that it reads, and with nothing it does not know',
    (name, schema) => {
      const env = functionEnvironment(of(stage), name);
      const { url, database, user } = settingsOf(stage).clickhouse;
      // The password is put in its place at the start (core/aws/secrets-in-environment.ts).
      const { CLICKHOUSE_PASSWORD_SECRET, ...own } = env;
      expect(CLICKHOUSE_PASSWORD_SECRET).toBeDefined();
      expect(parseEnvironment(name, schema, own)).toMatchObject({
        CLICKHOUSE_URL: url,
        CLICKHOUSE_DATABASE: database,
        CLICKHOUSE_USER: user,
        LOG_LEVEL: 'INFO',
        GIT_COMMIT,
      });
      expect(Object.keys(own).filter((one) => !(one in schema.shape))).toEqual([]);
    },
  );

  test('filters the functions’ lines no sharper than the programs do', () => {
    for (const { Properties } of resourcesOf(of(stage), 'AWS::Lambda::Function')) {
      expect(Properties['LoggingConfig']).toMatchObject({ ApplicationLogLevel: 'INFO', SystemLogLevel: 'WARN' });
    }
  });
});
