import { Annotations } from 'aws-cdk-lib';
import { type ISubnet, type IVpc, IpAddresses, SubnetType, type SubnetSelection, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { acknowledge } from '../policy/acknowledge.ts';
import type { NetworkSettings } from '../stage/network.ts';

/** One zone down, and the streamer's next task starts in the other. */
const ZONES = 2;

/** The VPC and the subnets that the streamer stands in: given, or made. Nothing is looked up. */
export class TapeNetwork extends Construct {
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection;
  /** What runs here has a public address of its own; there is no NAT gateway. */
  readonly isPublic: boolean;

  constructor(scope: Construct, id: string, settings: NetworkSettings) {
    super(scope, id);
    if (settings.kind === 'create') {
      const made = new Vpc(this, 'Vpc', {
        ipAddresses: IpAddresses.cidr(settings.cidr),
        maxAzs: ZONES,
        // 32 dollars a month and a point of failure, for one task that takes no inbound connection anyway.
        natGateways: 0,
        subnetConfiguration: [{ name: 'public', subnetType: SubnetType.PUBLIC }],
        // The default group is used by nothing here; emptying it takes a function with rights over every group.
        restrictDefaultSecurityGroup: false,
      });
      acknowledge(
        made,
        'VPC7',
        'One host that takes no inbound connection and speaks HTTPS only: flow logs would show that.',
      );
      this.vpc = made as IVpc;
      this.isPublic = true;
      this.subnets = { subnets: this.vpc.publicSubnets };
      return;
    }
    const { vpcId, availabilityZones, publicSubnetIds, privateSubnetIds } = settings;
    this.isPublic = publicSubnetIds !== undefined;
    this.vpc = Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId,
      availabilityZones,
      ...(publicSubnetIds === undefined ? {} : { publicSubnetIds }),
      ...(privateSubnetIds === undefined ? {} : { privateSubnetIds }),
    });
    // Its route tables are nothing that is asked for here.
    Annotations.of(this).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId');
    this.subnets = { subnets: this.isPublic ? this.vpc.publicSubnets : this.vpc.privateSubnets };
  }

  /** One of them, where something needs a fixed place. */
  get first(): ISubnet {
    const [first] = this.subnets.subnets ?? [];
    if (first === undefined) throw new Error('the network has no subnet; nothing was placed');
    return first;
  }
}
