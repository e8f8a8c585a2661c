import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { containerEnvironment, resourceOf, resourcesOf, STAGES, synthesized } from './synthesized.ts';

const templates = new Map<string, Template>();
const of = (stage: string): Template => templates.get(stage)!;

beforeAll(() => {
  for (const stage of STAGES) templates.set(stage, synthesized(stage));
});

describe('on EC2', () => {
  test('the host is arm64, takes IMDSv2 only and not from containers, has an encrypted disk with room for two spools and no ssh key', () => {
    of('prod').hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: {
        InstanceType: 't4g.small',
        KeyName: Match.absent(),
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
        BlockDeviceMappings: [{ Ebs: { Encrypted: true, VolumeSize: 30 + 8, VolumeType: 'gp3' } }],
      },
    });
    const parameters = JSON.stringify((of('prod').toJSON() as { Parameters: unknown }).Parameters);
    expect(parameters).toContain('/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/');
  });

  test('a host is replaced by one beside it, its tasks moved by ECS itself', () => {
    of('prod').hasResourceProperties('AWS::ECS::CapacityProvider', {
      AutoScalingGroupProvider: { ManagedDraining: 'ENABLED', ManagedTerminationProtection: 'DISABLED' },
    });
    of('prod').hasResource('AWS::AutoScaling::AutoScalingGroup', {
      Properties: { MinSize: '1', MaxSize: '2' },
      UpdatePolicy: { AutoScalingRollingUpdate: { MinInstancesInService: 1, MaxBatchSize: 1 } },
    });
    // The topics of alarms and of their evidence, and none for a lifecycle hook.
    expect(resourcesOf(of('prod'), 'AWS::SNS::Topic')).toHaveLength(2);
    expect(resourcesOf(of('prod'), 'AWS::AutoScaling::LifecycleHook')).toEqual([]);
  });

  test('the service is made after the cluster knows its capacity provider', () => {
    const { DependsOn } = resourceOf(of('prod'), 'AWS::ECS::Service') as unknown as { DependsOn: readonly string[] };
    const { id } = resourceOf(of('prod'), 'AWS::ECS::ClusterCapacityProviderAssociations');
    expect(DependsOn).toContain(id);
  });
});

describe('on Fargate', () => {
  test('the task is arm64, in a subnet with a way out, with a disk for the spool', () => {
    const task = resourceOf(of('dev'), 'AWS::ECS::TaskDefinition').Properties;
    expect(task).toMatchObject({
      RequiresCompatibilities: ['FARGATE'],
      RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
      EphemeralStorage: { SizeInGiB: 21 },
      Cpu: '256',
      Memory: '1024',
    });
    of('dev').hasResourceProperties('AWS::ECS::Service', {
      LaunchType: 'FARGATE',
      NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: 'ENABLED' } },
    });
  });
});

describe('what is made only when it is asked for', () => {
  test('a VPC, without a NAT gateway', () => {
    expect(resourcesOf(of('prod'), 'AWS::EC2::VPC')).toEqual([]);
    expect(resourcesOf(of('dev'), 'AWS::EC2::VPC')).toHaveLength(1);
    expect(resourcesOf(of('dev'), 'AWS::EC2::NatGateway')).toEqual([]);
  });

  test('an e-mail subscription; alarms may be published by CloudWatch of this account only', () => {
    const byMail = resourcesOf(of('dev'), 'AWS::SNS::Subscription').filter(
      ({ Properties }) => Properties['Protocol'] === 'email',
    );
    expect(byMail).toEqual([]);
    of('prod').hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'tape-alarms@example.com',
    });
    of('prod').hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ]),
      },
    });
  });

  test('a reservation of concurrency, as many as the stream has shards', () => {
    const busy = synthesized('prod', { expectedMessagesPerSecond: 20_000 });
    expect(resourceOf(busy, 'AWS::Kinesis::Stream').Properties['ShardCount']).toBe(3);
    expect(resourceOf(busy, 'AWS::Lambda::Function', 'Sink').Properties['ReservedConcurrentExecutions']).toBe(3);
    const none = synthesized('dev', { reserveConcurrency: false });
    for (const { Properties } of resourcesOf(none, 'AWS::Lambda::Function')) {
      expect(Properties['ReservedConcurrentExecutions']).toBeUndefined();
    }
  });

  test('a stream without shards to reckon with', () => {
    const { Properties } = resourceOf(synthesized('dev', { streamMode: 'on-demand' }), 'AWS::Kinesis::Stream');
    expect(Properties).toMatchObject({ StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
    expect(Properties['ShardCount']).toBeUndefined();
  });

  test('another exchange than production', () => {
    const env = containerEnvironment(synthesized('dev', { exchangeUrl: 'wss://demo.example.com/ws' }));
    expect(env['KALSHI_WS_URL']).toBe('wss://demo.example.com/ws');
    expect(containerEnvironment(of('dev'))['KALSHI_WS_URL']).toBeUndefined();
  });
});
