import { describe, expect, test } from 'vitest';
import { resourcesOf, type Resource, STAGES, synthesized } from './synthesized.ts';

/**
 * Everything that may stand for more than one named resource, and why. A new `*` is a decision: it belongs here, with its
 * reason, or it is not made.
 */
const ALLOWED: readonly { readonly holder: RegExp; readonly actions: readonly string[]; readonly resource: RegExp }[] =
  [
    // A login to the registry is not for one repository; what is pulled is named.
    { holder: /^StreamerServiceTaskExecutionRole/, actions: ['ecr:GetAuthorizationToken'], resource: /^\*$/ },
    // Where the agent polls, and Session Manager's channels: these actions know no resource.
    { holder: /^StreamerServiceCapacityRole/, actions: ['ecs:DiscoverPollEndpoint'], resource: /^\*$/ },
    ...[/^StreamerServiceCapacityRole/, /^ClickHouseHostRole/].map((holder) => ({
      holder,
      actions: [
        'ssm:UpdateInstanceInformation',
        'ssmmessages:CreateControlChannel',
        'ssmmessages:CreateDataChannel',
        'ssmmessages:OpenControlChannel',
        'ssmmessages:OpenDataChannel',
      ],
      resource: /^\*$/,
    })),
    // A host's number is not known before it registers; the cluster is named.
    {
      holder: /^StreamerServiceCapacityRole/,
      actions: ['ecs:Poll', 'ecs:StartTelemetrySession', 'ecs:UpdateContainerInstancesState'],
      resource: /:container-instance\/StreamerServiceCluster\w+\/\*$/,
    },
    // Only where ClickHouse is in our VPC: Lambda makes the functions' interfaces with their roles, and asks for this before.
    ...[/^SinkFunctionSinkRole/, /^ProbeFunctionProbeRole/].map((holder) => ({
      holder,
      actions: [
        'ec2:AssignPrivateIpAddresses',
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:UnassignPrivateIpAddresses',
      ],
      resource: /^\*$/,
    })),
    // A query's number is not known before, and these know no resource; the log groups that are asked are named.
    { holder: /^NotifyFunctionNotifyRole/, actions: ['logs:GetQueryResults', 'logs:StopQuery'], resource: /^\*$/ },
    // Objects below one prefix of our bucket, which the event source names.
    {
      holder: /^SinkFunctionSinkRole/,
      actions: ['s3:PutObject'],
      resource: /^SinkFunctionFailuresBucket\w+\.Arn\/aws\/lambda\/\*$/,
    },
  ];

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

const CASES: readonly (readonly [string, string, object])[] = [
  ...STAGES.map((stage) => [stage, stage, {}] as const),
  [
    'with a ClickHouse host',
    'dev',
    {
      clickhouse: {
        user: 'tape',
        passwordSecret: 'kalshi-tape/dev/clickhouse',
        host: { imageId: 'ami-0123456789abcdef0' },
      },
    },
  ],
];

describe.each(CASES)('%s', (_, stage, changes) => {
  const template = synthesized(stage, { ...changes });

  test('no statement allows more than resources that it names, but for the list above', () => {
    const beyond = allowedIn(resourcesOf(template)).filter(
      ({ holder, action, resource }) =>
        // What Secrets Manager puts behind a name is not known before; the name is.
        /[*?]/.test(`${action} ${resource.replace(/-\?{6}$/, '')}`) &&
        !ALLOWED.some((one) => one.holder.test(holder) && one.actions.includes(action) && one.resource.test(resource)),
    );
    expect(beyond).toEqual([]);
  });

  test('no policy of AWS’s own is attached: they allow more than we need', () => {
    const attached = resourcesOf(template).filter(({ Properties }) => 'ManagedPolicyArns' in Properties);
    expect(attached.map(({ id }) => id)).toEqual([]);
  });

  test('only services may take a role, and everybody else is denied, never allowed', () => {
    for (const { id, Properties } of resourcesOf(template, 'AWS::IAM::Role')) {
      const {
        Statement: [trust],
      } = Properties['AssumeRolePolicyDocument'] as { Statement: [Statement] };
      expect(Object.keys(trust.Principal as object), id).toEqual(['Service']);
    }
    const open = [...statementsIn(resourcesOf(template))].filter(
      ({ statement: { Effect, Principal } }) => Effect === 'Allow' && JSON.stringify(Principal ?? '').includes('*'),
    );
    expect(open).toEqual([]);
  });
});

test('no action is allowed twice to one holder: a second entry would be the wider one, unseen', () => {
  for (const { id } of CASES.flatMap(([, stage, changes]) => resourcesOf(synthesized(stage, { ...changes })))) {
    const actions = ALLOWED.filter(({ holder }) => holder.test(id)).flatMap((one) => one.actions);
    expect(new Set(actions).size, id).toBe(actions.length);
  }
});

test('the streamer may put records and nothing else; the sink reads one stream and one secret and keeps what failed', () => {
  const allowed = allowedIn(resourcesOf(synthesized('prod')));
  const of = (holder: string) => allowed.filter((one) => one.holder.startsWith(holder)).map(({ action }) => action);
  expect(of('StreamerServiceTaskTaskRole')).toEqual(['kinesis:PutRecords']);
  expect(of('SinkFunctionSinkRole').sort()).toEqual([
    'kinesis:DescribeStream',
    'kinesis:DescribeStreamSummary',
    'kinesis:GetRecords',
    'kinesis:GetShardIterator',
    'kinesis:ListShards',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    's3:ListBucket',
    's3:PutObject',
    'secretsmanager:GetSecretValue',
  ]);
  expect(of('ProbeFunctionProbeRole').sort()).toEqual([
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'secretsmanager:GetSecretValue',
  ]);
});

test('the failure bucket is written only while it is ours', () => {
  const statements = [...statementsIn(resourcesOf(synthesized('prod')))].filter(({ statement }) =>
    [statement.Action].flat().some((action) => action === 's3:PutObject' || action === 's3:ListBucket'),
  );
  expect(statements).toHaveLength(2);
  for (const { statement } of statements) {
    expect(statement.Condition).toEqual({ StringEquals: { 's3:ResourceAccount': { Ref: 'AWS::AccountId' } } });
  }
});

function* statementsIn(resources: readonly Resource[]): Generator<{ holder: string; statement: Statement }> {
  for (const { id, Properties } of resources) {
    const inline = (Properties['Policies'] as readonly { PolicyDocument: unknown }[] | undefined) ?? [];
    for (const document of [Properties['PolicyDocument'], ...inline.map(({ PolicyDocument }) => PolicyDocument)]) {
      if (document === undefined) continue;
      for (const statement of (document as { Statement: readonly Statement[] }).Statement)
        yield { holder: id, statement };
    }
  }
}

function allowedIn(resources: readonly Resource[]) {
  return [...statementsIn(resources)]
    .filter(({ statement }) => statement.Effect === 'Allow')
    .flatMap(({ holder, statement: { Action, Resource } }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((one) => ({ holder, action, resource: textOf(one) }))),
    );
}

/** An ARN with its references by name, so that a wildcard in any part of it shows. */
function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[key, of] = ['', '']] = Object.entries(value);
  if (key === 'Fn::Join') return (of as [string, readonly unknown[]])[1].map(textOf).join('');
  return Array.isArray(of) ? of.map(textOf).join('.') : String(of);
}
