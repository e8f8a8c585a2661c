import { Duration, Stack } from 'aws-cdk-lib';
import { AutoScalingGroup, UpdatePolicy } from 'aws-cdk-lib/aws-autoscaling';
import {
  BlockDeviceVolume,
  EbsDeviceVolumeType,
  InstanceType,
  LaunchTemplate,
  LaunchTemplateHttpTokens,
  UserData,
} from 'aws-cdk-lib/aws-ec2';
import {
  AmiHardwareType,
  AsgCapacityProvider,
  type CfnCluster,
  type Cluster,
  EcsOptimizedImage,
  MachineImageType,
} from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { outboundOnly } from '../network/outbound-only.ts';
import type { TapeNetwork } from '../network/tape-network.ts';
import { acknowledge } from '../policy/acknowledge.ts';
import { sessionManager } from '../policy/session-manager.ts';

/** The ECS image's own minimum. */
const SYSTEM_DISK_GIB = 30;
/** While one instance replaces another both run. */
const MOST_INSTANCES = 2;
/** Two tasks of one instance may each fill a spool while one takes over. */
const SPOOLS = 2;
const ROOT_DEVICE = '/dev/xvda';

export interface Ec2CapacityProps {
  readonly cluster: Cluster;
  readonly network: TapeNetwork;
  readonly instanceType: string;
  readonly spoolMb: number;
}

/** One arm64 host for the streamer: no ssh (Session Manager), no inbound, IMDSv2 that containers do not reach, encrypted disk. */
export class Ec2Capacity extends Construct {
  readonly provider: AsgCapacityProvider;

  constructor(scope: Construct, id: string, props: Ec2CapacityProps) {
    super(scope, id);
    const { cluster, network } = props;
    const role = instanceRole(this, cluster);
    const userData = UserData.forLinux();
    // CDK adds the cluster's name.
    userData.addCommands(
      // Log lines are written with the task's execution role: the host itself may write none.
      'echo ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE=true >> /etc/ecs/ecs.config',
    );
    const launchTemplate = new LaunchTemplate(this, 'Host', {
      instanceType: new InstanceType(props.instanceType),
      machineImage: EcsOptimizedImage.amazonLinux2023(AmiHardwareType.ARM),
      role,
      userData,
      securityGroup: outboundOnly(this, 'SecurityGroup', network.vpc, 'kalshi-tape streamer: nothing in, HTTPS out'),
      associatePublicIpAddress: network.isPublic,
      httpTokens: LaunchTemplateHttpTokens.REQUIRED,
      // One hop: the host reaches its metadata, a container behind the bridge does not.
      httpPutResponseHopLimit: 1,
      blockDevices: [
        {
          deviceName: ROOT_DEVICE,
          volume: BlockDeviceVolume.ebs(SYSTEM_DISK_GIB + Math.ceil((SPOOLS * props.spoolMb) / 1_024), {
            volumeType: EbsDeviceVolumeType.GP3,
            encrypted: true,
          }),
        },
      ],
    });
    const group = new AutoScalingGroup(this, 'Hosts', {
      vpc: network.vpc,
      vpcSubnets: network.subnets,
      launchTemplate,
      minCapacity: 1,
      maxCapacity: MOST_INSTANCES,
      // A new image comes up beside the old host, whose task ECS moves before it goes.
      updatePolicy: UpdatePolicy.rollingUpdate({
        maxBatchSize: 1,
        minInstancesInService: 1,
        pauseTime: Duration.minutes(5),
      }),
    });
    acknowledge(
      group,
      'AS3',
      'A host that comes or goes is no news: what matters is the task, and its heartbeat tells of it.',
    );
    this.provider = new AsgCapacityProvider(this, 'Provider', {
      autoScalingGroup: group,
      machineImageType: MachineImageType.AMAZON_LINUX_2,
      enableManagedScaling: true,
      enableManagedDraining: true,
      // With it no host could be replaced without a hand; draining moves the task, and the next one overlaps.
      enableManagedTerminationProtection: false,
    });
    cluster.addAsgCapacityProvider(this.provider);
  }
}

/** What the ECS agent and Session Manager need, by name: CDK's own grants and AWS's managed policies allow more. */
function instanceRole(scope: Construct, cluster: Cluster) {
  const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
  const containerInstances = Stack.of(scope).formatArn({
    service: 'ecs',
    resource: 'container-instance',
    resourceName: `${cluster.clusterName}/*`,
  });
  role.addToPolicy(
    new PolicyStatement({
      actions: [
        'ecs:DeregisterContainerInstance',
        'ecs:RegisterContainerInstance',
        'ecs:SubmitAttachmentStateChanges',
        'ecs:SubmitContainerStateChange',
        'ecs:SubmitTaskStateChange',
      ],
      resources: [cluster.clusterArn],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      actions: ['ecs:Poll', 'ecs:StartTelemetrySession', 'ecs:UpdateContainerInstancesState'],
      resources: [containerInstances],
    }),
  );
  // Where the agent polls; it knows no resource.
  role.addToPolicy(new PolicyStatement({ actions: ['ecs:DiscoverPollEndpoint'], resources: ['*'] }));
  role.addToPolicy(sessionManager());
  acknowledge(role, 'IAM5', 'Where the agent polls and Session Manager’s channels know no resource.', 'Resource::*');
  const { logicalId } = cluster.node.defaultChild as CfnCluster;
  const hosts = `container-instance/<${Stack.of(scope).resolve(logicalId)}>/*`;
  acknowledge(
    role,
    'IAM5',
    'A host’s own number is not known before it registers; the cluster is named.',
    `Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:${hosts}`,
  );
  return role.withoutPolicyUpdates();
}
