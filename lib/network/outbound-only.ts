import { type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';

const HTTPS = 443;

/**
 * A security group that lets nothing in, and out only to port 443: the exchange, Kinesis, ECR, Secrets Manager, Logs. DNS
 * and time come from Amazon's own addresses, which security groups do not filter.
 */
export function outboundOnly(scope: Construct, id: string, vpc: IVpc, description: string): SecurityGroup {
  const group = new SecurityGroup(scope, id, { vpc, description, allowAllOutbound: false });
  group.addEgressRule(Peer.anyIpv4(), Port.tcp(HTTPS), 'HTTPS and WSS');
  return group;
}
