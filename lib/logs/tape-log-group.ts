import { RemovalPolicy } from 'aws-cdk-lib';
import { type CfnLogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** A program's log group. It stays when the stack goes: what happened last is asked for afterwards. */
export function tapeLogGroup(scope: Construct, retentionDays: number): LogGroup {
  const group = new LogGroup(scope, 'Log', { removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE });
  // CDK's own property takes its enum; the stage has checked the number.
  (group.node.defaultChild as CfnLogGroup).retentionInDays = retentionDays;
  return group;
}
