import { Fn, RemovalPolicy, Size, Stack, Validations } from 'aws-cdk-lib';
import {
  BlockDeviceVolume,
  CfnVolumeAttachment,
  EbsDeviceVolumeType,
  Instance,
  InstanceType,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  OperatingSystemType,
  Port,
  SecurityGroup,
  UserData,
  Volume,
} from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { FunctionPlace } from '../functions/tape-function.ts';
import type { TapeNetwork } from '../network/tape-network.ts';
import { outboundOnly } from '../network/outbound-only.ts';
import { acknowledge } from '../policy/acknowledge.ts';
import { mayReadSecret } from '../policy/may-read-secret.ts';
import { sessionManager } from '../policy/session-manager.ts';
import type { WarehouseHostSettings } from '../stage/warehouse.ts';
import { CLICKHOUSE_HTTP_PORT, DATA_DEVICE, hostCommands } from './host-commands.ts';

const SYSTEM_DISK_GIB = 16;
const HTTPS = 443;

export interface ClickHouseHostProps {
  readonly network: TapeNetwork;
  readonly settings: WarehouseHostSettings;
  readonly database: string;
  readonly user: string;
  readonly passwordSecret: ISecret;
}

/**
 * One ClickHouse server on EC2 for who has none, with its data on a volume that stays when the stack goes. Only the
 * functions reach it, in plain HTTP within the VPC; people come through Session Manager. One machine: no replica, and
 * what an update of it takes the stream bridges.
 */
export class ClickHouseHost extends Construct {
  readonly url: string;
  /** Where a function must stand to reach it. */
  readonly place: FunctionPlace;

  constructor(scope: Construct, id: string, props: ClickHouseHostProps) {
    super(scope, id);
    const { network, settings, database, user, passwordSecret } = props;
    const { vpc } = network;
    const functions = new SecurityGroup(this, 'Functions', {
      vpc,
      description: 'kalshi-tape functions: to ClickHouse and Secrets Manager',
      allowAllOutbound: false,
    });
    const server = outboundOnly(this, 'Server', vpc, 'kalshi-tape ClickHouse: in from the functions, HTTPS out');
    const http = Port.tcp(CLICKHOUSE_HTTP_PORT);
    server.addIngressRule(functions, http, 'the functions');
    functions.addEgressRule(server, http, 'ClickHouse');
    const secretsEndpoint = this.#secretsEndpoint(network, functions);
    this.place = { vpc, subnets: network.subnets, securityGroup: functions, secretsEndpoint };

    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    role.addToPolicy(mayReadSecret(passwordSecret));
    role.addToPolicy(sessionManager());
    acknowledge(role, 'IAM5', 'Session Manager’s channels know no resource.', 'Resource::*');
    const userData = UserData.forLinux();
    userData.addCommands(
      ...hostCommands({ database, user, passwordSecretArn: passwordSecret.secretArn, region: Stack.of(this).region }),
    );
    const instance = new Instance(this, 'Instance', {
      vpc,
      vpcSubnets: { subnets: [network.first] },
      instanceType: new InstanceType(settings.instanceType),
      machineImage: {
        getImage: () => ({ imageId: settings.imageId, osType: OperatingSystemType.LINUX, userData }),
      },
      role,
      userData,
      securityGroup: server,
      associatePublicIpAddress: network.isPublic,
      requireImdsv2: true,
      disableApiTermination: true,
      detailedMonitoring: true,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: BlockDeviceVolume.ebs(SYSTEM_DISK_GIB, { volumeType: EbsDeviceVolumeType.GP3, encrypted: true }),
        },
      ],
    });
    Validations.of(instance).acknowledge({
      id: 'CloudFormation-Validate::W9010',
      reason: 'Named by the stage, on purpose: the latest image would replace the server at any deployment.',
    });
    const volume = new Volume(this, 'Data', {
      availabilityZone: network.first.availabilityZone,
      size: Size.gibibytes(settings.dataGiB),
      volumeType: EbsDeviceVolumeType.GP3,
      encrypted: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    new CfnVolumeAttachment(this, 'Attachment', {
      device: DATA_DEVICE,
      instanceId: instance.instanceId,
      volumeId: volume.volumeId,
    });
    this.url = `http://${instance.instancePrivateIp}:${CLICKHOUSE_HTTP_PORT}`;
  }

  /**
   * A function in a public subnet has no way out; its password comes through the VPC. Under a name of its own: as the VPC's
   * answer to Secrets Manager's public name it would stand in the way of the streamer and of the server, which do not pass here.
   */
  #secretsEndpoint({ vpc, subnets }: TapeNetwork, functions: SecurityGroup): string {
    const group = new SecurityGroup(this, 'Endpoint', {
      vpc,
      description: 'kalshi-tape: Secrets Manager inside the VPC',
      allowAllOutbound: false,
    });
    group.addIngressRule(functions, Port.tcp(HTTPS), 'the functions');
    functions.addEgressRule(group, Port.tcp(HTTPS), 'Secrets Manager');
    const endpoint = new InterfaceVpcEndpoint(this, 'Secrets', {
      vpc,
      service: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
      subnets,
      securityGroups: [group],
      open: false,
      privateDnsEnabled: false,
    });
    // Its first entry is `zone:name`.
    const name = Fn.select(1, Fn.split(':', Fn.select(0, endpoint.vpcEndpointDnsEntries)));
    return `https://${name}`;
  }
}
