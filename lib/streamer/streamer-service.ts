import {
  AvailabilityZoneRebalancing,
  type BaseService,
  Cluster,
  ContainerInsights,
  Ec2Service,
  FargatePlatformVersion,
  FargateService,
  type ICluster,
  type TaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import type { Stream } from 'aws-cdk-lib/aws-kinesis';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { tapeLogGroup } from '../logs/tape-log-group.ts';
import { outboundOnly } from '../network/outbound-only.ts';
import type { TapeNetwork } from '../network/tape-network.ts';
import { acknowledge } from '../policy/acknowledge.ts';
import type { Ec2Compute } from '../stage/compute.ts';
import type { StageSettings } from '../stage/settings.ts';
import { Ec2Capacity } from './ec2-capacity.ts';
import { streamerTask } from './streamer-task.ts';

export interface StreamerServiceProps {
  readonly settings: StageSettings;
  readonly network: TapeNetwork;
  readonly stream: Stream;
  readonly clickhouseUrl: string;
  readonly gitCommit: string;
}

/**
 * One task; at a deployment the new one is up and its socket alive before the old one is told to stop. Both record for
 * these seconds, each as a session of its own: doubled is visible and can be sorted out, missing cannot.
 */
const OVERLAPPING = {
  desiredCount: 1,
  minHealthyPercent: 100,
  maxHealthyPercent: 200,
  circuitBreaker: { rollback: true },
  // Moving a healthy recorder to another zone wins nothing.
  availabilityZoneRebalancing: AvailabilityZoneRebalancing.DISABLED,
} as const;

/** The recorder on ECS: EC2 by a capacity provider, or Fargate. */
export class StreamerService extends Construct {
  readonly service: BaseService;
  readonly cluster: Cluster;
  readonly task: TaskDefinition;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: StreamerServiceProps) {
    super(scope, id);
    const { settings, network } = props;
    this.logGroup = tapeLogGroup(this, settings.logRetentionDays);
    this.cluster = new Cluster(this, 'Cluster', { vpc: network.vpc, containerInsightsV2: ContainerInsights.DISABLED });
    acknowledge(
      this.cluster,
      'ECS4',
      'The heartbeat says more than Container Insights and costs nothing beside its line.',
    );
    this.task = streamerTask(this, { ...props, logGroup: this.logGroup });
    const { compute } = settings;
    this.service = compute.kind === 'ec2' ? this.#onEc2(props, compute) : this.#onFargate(network);
  }

  #onEc2({ network, settings }: StreamerServiceProps, { instanceType }: Ec2Compute): BaseService {
    const { cluster, task } = this;
    const { spoolMb } = settings;
    const capacity = new Ec2Capacity(this, 'Capacity', { cluster, network, instanceType, spoolMb });
    const service = new Ec2Service(this, 'Service', {
      ...OVERLAPPING,
      cluster: cluster as ICluster,
      taskDefinition: task,
      capacityProviderStrategies: [{ capacityProvider: capacity.provider.capacityProviderName, weight: 1 }],
    });
    // With all of it: the provider must belong to the cluster before the service names it.
    service.node.addDependency(cluster);
    return service;
  }

  #onFargate(network: TapeNetwork): BaseService {
    return new FargateService(this, 'Service', {
      ...OVERLAPPING,
      cluster: this.cluster as ICluster,
      taskDefinition: this.task,
      platformVersion: FargatePlatformVersion.LATEST,
      vpcSubnets: network.subnets,
      assignPublicIp: network.isPublic,
      securityGroups: [outboundOnly(this, 'SecurityGroup', network.vpc, 'kalshi-tape streamer: nothing in, HTTPS out')],
    });
  }
}
