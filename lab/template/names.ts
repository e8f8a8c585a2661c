import type { Resource } from './document.ts';

/** The property that names a resource of a type, and whether Ref is that name or an ARN made of it. */
const NAMED: Readonly<Record<string, { property: string; ref: 'name' | 'arn'; arn: (name: string) => string }>> = {
  'AWS::CloudWatch::Alarm': { property: 'AlarmName', ref: 'name', arn: (name) => `cloudwatch:@:alarm:${name}` },
  'AWS::CloudWatch::CompositeAlarm': { property: 'AlarmName', ref: 'arn', arn: (name) => `cloudwatch:@:alarm:${name}` },
  'AWS::SNS::Topic': { property: 'TopicName', ref: 'arn', arn: (name) => `sns:@:${name}` },
  'AWS::Logs::LogGroup': { property: 'LogGroupName', ref: 'name', arn: (name) => `logs:@:log-group:${name}:*` },
  'AWS::Lambda::Function': { property: 'FunctionName', ref: 'name', arn: (name) => `lambda:@:function:${name}` },
  'AWS::Kinesis::Stream': { property: 'Name', ref: 'name', arn: (name) => `kinesis:@:stream/${name}` },
  'AWS::ECS::Cluster': { property: 'ClusterName', ref: 'name', arn: (name) => `ecs:@:cluster/${name}` },
  'AWS::S3::Bucket': { property: 'BucketName', ref: 'name', arn: (name) => `s3:::${name}` },
};
/** Of these a name is made up where none is given, as CloudFormation does: here it is the logical id. */
const OURS: ReadonlySet<string> = new Set([
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::SNS::Topic',
  'AWS::Logs::LogGroup',
]);

export interface Account {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
}

/** What stands for a value that only a deployment knows: always the same for the same part of a template. */
export const placeholder = (what: string): string => `<${what}>`;

/** The name of a resource; `explicit` is its resolved naming property. */
export function nameOf({ type, logicalId }: Resource, explicit: string | undefined): string {
  return explicit ?? (OURS.has(type) ? logicalId : placeholder(logicalId));
}

/** The property of a type that names its resources. */
export function namingProperty(type: string): string | undefined {
  return NAMED[type]?.property;
}

/** What `Ref` gives. */
export function refOf(resource: Resource, name: string, account: Account): string {
  return NAMED[resource.type]?.ref === 'arn' ? arnOf(resource, name, account) : name;
}

/** What `Fn::GetAtt` gives: the ARN where it is asked for and known, the name for attributes that are the name. */
export function attributeOf(resource: Resource, attribute: string, name: string, account: Account): string {
  if (NAMED[resource.type] === undefined) return placeholder(`${resource.logicalId}.${attribute}`);
  if (['Arn', 'AlarmArn', 'TopicArn'].includes(attribute)) return arnOf(resource, name, account);
  if (['TopicName', 'Name'].includes(attribute)) return name;
  return placeholder(`${resource.logicalId}.${attribute}`);
}

/** `@` is where region and account stand. */
function arnOf(resource: Resource, name: string, { partition, region, accountId }: Account): string {
  const known = NAMED[resource.type];
  if (known === undefined) return placeholder(`${resource.logicalId}.Arn`);
  return `arn:${partition}:${known.arn(name).replace('@', `${region}:${accountId}`)}`;
}
