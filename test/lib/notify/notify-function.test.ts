import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { describe, expect, test } from 'vitest';
import { parseEnvironment } from '../../../core/contract/environment.ts';
import { notifyEnv } from '../../../core/contract/notify-env.ts';
import { noticeOf } from '../../../functions/notify/alarm-notice.ts';
import { explain } from '../../../functions/notify/cause.ts';
import { AlarmTopic } from '../../../lib/alarms/alarm-topic.ts';
import { NOTIFY_TIMEOUT_SEC, NotifyFunction } from '../../../lib/notify/notify-function.ts';
import { watchedTemplate } from '../observability/watched-stack.ts';

const PREFIX = 'kalshi-tape-test';

function notifyTemplate(alarms: { email?: string; webhookSecret?: string }): Template {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Notified');
  const logGroup = (name: string) => new LogGroup(stack, name, { logGroupName: name });
  const { topic } = new AlarmTopic(stack, 'AlarmTopic', alarms.email);
  new NotifyFunction(stack, 'NotifyFunction', {
    settings: { alarms, guideUrl: 'G.md', logLevel: 'INFO', logRetentionDays: 7, reserveConcurrency: true },
    alarmTopic: topic,
    stage: 'test',
    alarmPrefix: PREFIX,
    logGroups: { streamer: logGroup('streamer'), sink: logGroup('sink'), probe: logGroup('probe') },
    gitCommit: 'abc123',
  });
  return Template.fromStack(stack);
}

const BOTH = notifyTemplate({ email: 'a@example.com', webhookSecret: 'kalshi-tape/test/webhook' });

/** The function's variables as Lambda gives them to it: a reference is a text that is plausible in its place. */
function environment(template: Template): Record<string, string> {
  const [fn] = Object.values(template.findResources('AWS::Lambda::Function')) as [
    { Properties: { Environment: { Variables: Record<string, unknown> } } },
  ];
  const text = (value: unknown): string => {
    if (typeof value === 'string') return value;
    const join = (value as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'];
    if (join !== undefined) return join[1].map(text).join(join[0]);
    const ref = (value as { Ref: string }).Ref;
    return ref.includes('Evidence') ? `arn:aws:sns:us-east-1:123456789012:${ref}` : ref;
  };
  return Object.fromEntries(
    Object.entries(fn.Properties.Environment.Variables).map(([name, value]) => [name, text(value)]),
  );
}

describe('the notifier', () => {
  test('hears the alarm topic and speaks to another one, so that it never hears itself', () => {
    BOTH.resourceCountIs('AWS::SNS::Topic', 2);
    const subscriptions = Object.values(BOTH.findResources('AWS::SNS::Subscription')).map(
      ({ Properties }: { Properties?: { Protocol: string; TopicArn: { Ref: string } } }) =>
        [Properties!.Protocol, Properties!.TopicArn.Ref.replace(/[0-9A-F]{8}$/, '')] as const,
    );
    expect(subscriptions.sort()).toEqual([
      ['email', 'AlarmTopic'],
      ['email', 'NotifyFunctionEvidence'],
      ['lambda', 'AlarmTopic'],
    ]);
    expect(environment(BOTH)['TOPIC_ARN']).toContain('NotifyFunctionEvidence');
  });

  test('may start queries on the four log groups, publish to one topic, read one secret and write its own log', () => {
    const [policy] = Object.values(BOTH.findResources('AWS::IAM::Policy')) as [
      { Properties: { PolicyDocument: { Statement: { Action: string | string[]; Resource: unknown }[] } } },
    ];
    const allowed = policy.Properties.PolicyDocument.Statement.map(({ Action, Resource }) => ({
      actions: [Action].flat(),
      resources: [Resource].flat(),
    }));
    const of = (action: string) => allowed.find(({ actions }) => actions.includes(action))!.resources;
    expect(of('logs:StartQuery')).toHaveLength(4);
    expect(of('logs:StartQuery')).not.toContain('*');
    expect(of('sns:Publish')).toHaveLength(1);
    expect(JSON.stringify(of('sns:Publish'))).toContain('Evidence');
    expect(allowed.filter(({ resources }) => resources.includes('*'))).toEqual([
      { actions: ['logs:GetQueryResults', 'logs:StopQuery'], resources: ['*'] },
    ]);
    expect(JSON.stringify(of('secretsmanager:GetSecretValue'))).toContain('secret:kalshi-tape/test/webhook-??????');
  });

  test('has an environment that it understands, and the secret’s ARN in place of the secret', () => {
    const variables = environment(BOTH);
    const parsed = parseEnvironment('notify', notifyEnv, variables);
    expect(parsed.LOG_GROUPS).toMatchObject({
      streamer: expect.stringMatching(/^streamer/),
      sink: expect.stringMatching(/^sink/),
      probe: expect.stringMatching(/^probe/),
    });
    expect(parsed.LOG_GROUPS.notify).toContain('Notify');
    expect(parsed.STAGE).toBe('test');
    expect(variables['WEBHOOK_URL']).toBeUndefined();
    expect(variables['WEBHOOK_URL_SECRET']).toContain('kalshi-tape/test/webhook');
    expect(parsed.QUERY_TIMEOUT_MS + parsed.SEND_TIMEOUT_MS).toBeLessThan((NOTIFY_TIMEOUT_SEC - 10) * 1_000);
  });

  test('without e-mail and webhook needs no secret; whoever wants to may subscribe to its topic', () => {
    const template = notifyTemplate({});
    template.resourceCountIs('AWS::SNS::Subscription', 1);
    expect(environment(template)).not.toHaveProperty('WEBHOOK_URL_SECRET');
    expect(JSON.stringify(template.toJSON())).not.toContain('secretsmanager:GetSecretValue');
  });

  test('is tried again for an hour at most', () => {
    BOTH.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 3_600,
      DestinationConfig: Match.absent(),
    });
  });
});

test('every alarm and composite that the watching makes is one that the notifier can explain', () => {
  const template = watchedTemplate();
  const names = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap((type) =>
    Object.values(template.findResources(type)).map(
      ({ Properties }: { Properties?: { AlarmName: string } }) => Properties!.AlarmName,
    ),
  );
  expect(names.length).toBeGreaterThan(40);
  const notice = (AlarmName: string) => noticeOf(JSON.stringify({ AlarmName, NewStateValue: 'ALARM' }), undefined);
  expect(names.filter((name) => explain(notice(name), PREFIX) === undefined)).toEqual([]);
});
