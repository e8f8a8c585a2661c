import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventInvokeConfig } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { z } from 'zod';
import type { notifyEnv } from '../../core/contract/notify-env.ts';
import type { Program } from '../../core/logging/metrics.ts';
import { TapeFunction } from '../functions/tape-function.ts';
import { acknowledge } from '../policy/acknowledge.ts';
import type { StageSettings } from '../stage/settings.ts';

const NOTIFY_MEMORY_MB = 256;
/** The query (20 s), then a channel (8 s), each with what it may be late, and a start that reads a secret. */
export const NOTIFY_TIMEOUT_SEC = 45;
/** Alarms of one cause come as one; what comes beyond waits in Lambda's queue. */
const NOTIFY_CONCURRENCY = 2;
/** After the first attempt, a minute and then two minutes later. */
const RETRIES = 2;
/** An alarm told later than this is history. */
const RETRIED_FOR = Duration.hours(1);

export interface NotifyFunctionProps {
  readonly settings: Pick<
    StageSettings,
    'alarms' | 'guideUrl' | 'logLevel' | 'logRetentionDays' | 'reserveConcurrency'
  >;
  /** Where alarms are published. What people get in plain is its e-mail subscription's business, not ours. */
  readonly alarmTopic: ITopic;
  readonly stage: string;
  /** Alarms are called `<prefix>-heartbeat-missing`. */
  readonly alarmPrefix: string;
  /** Of the other programs; its own it knows. */
  readonly logGroups: Readonly<Record<Exclude<Program, 'notify'>, ILogGroup>>;
  readonly gitCommit: string;
}

type Variables = Partial<Record<keyof z.input<typeof notifyEnv>, string>>;

/**
 * Tells each alarm once more with its evidence: the lines that its query finds, likely causes and the runbook. It hears
 * the alarm topic and speaks to a topic of its own, so that it never hears itself, and to the webhook where there is one.
 */
export class NotifyFunction extends Construct {
  readonly tape: TapeFunction;
  /** Its subscribers are people. */
  readonly evidenceTopic: Topic;

  constructor(scope: Construct, id: string, props: NotifyFunctionProps) {
    super(scope, id);
    const { settings, alarmTopic, logGroups } = props;
    const { email, webhookSecret } = settings.alarms;
    // Not encrypted, as the alarm topic: what it tells goes out by e-mail in the next second, and holds no secret.
    this.evidenceTopic = new Topic(this, 'Evidence', { displayName: 'kalshi-tape evidence', enforceSSL: true });
    if (email !== undefined) this.evidenceTopic.addSubscription(new EmailSubscription(email));
    const webhook = webhookSecret === undefined ? undefined : Secret.fromSecretNameV2(this, 'Webhook', webhookSecret);

    this.tape = new TapeFunction(this, 'Notify', {
      entry: 'functions/notify/handler.ts',
      description: 'kalshi-tape: tells alarms with the lines that explain them',
      memoryMb: NOTIFY_MEMORY_MB,
      timeoutSec: NOTIFY_TIMEOUT_SEC,
      reservedConcurrency: settings.reserveConcurrency ? NOTIFY_CONCURRENCY : undefined,
      environment: {
        TOPIC_ARN: this.evidenceTopic.topicArn,
        STAGE: props.stage,
        ALARM_PREFIX: props.alarmPrefix,
        GUIDE_URL: settings.guideUrl,
        LOG_LEVEL: settings.logLevel,
        GIT_COMMIT: props.gitCommit,
        ...(webhook === undefined ? {} : { WEBHOOK_URL_SECRET: webhook.secretArn }),
      } satisfies Variables,
      logLevel: settings.logLevel,
      logRetentionDays: settings.logRetentionDays,
    });
    const groups: Readonly<Record<Program, ILogGroup>> = { ...logGroups, notify: this.tape.logGroup };
    const names = Object.entries(groups).map(([program, group]) => `"${program}":"${group.logGroupName}"`);
    this.tape.function.addEnvironment('LOG_GROUPS' satisfies keyof Variables, `{${names.join(',')}}`);
    if (webhook !== undefined) this.tape.mayRead(webhook);
    this.#mayAskAndTell(Object.values(groups));

    alarmTopic.addSubscription(new LambdaSubscription(this.tape.function));
    new EventInvokeConfig(this, 'Retries', {
      function: this.tape.function,
      retryAttempts: RETRIES,
      maxEventAge: RETRIED_FOR,
    });
  }

  #mayAskAndTell(groups: readonly ILogGroup[]): void {
    const { role } = this.tape;
    const resources = groups.map(({ logGroupArn }) => logGroupArn);
    role.addToPolicy(new PolicyStatement({ actions: ['logs:StartQuery'], resources }));
    // A query's number is not known before, and these two know no resource (AWS: "Actions defined by CloudWatch Logs").
    role.addToPolicy(new PolicyStatement({ actions: ['logs:GetQueryResults', 'logs:StopQuery'], resources: ['*'] }));
    role.addToPolicy(new PolicyStatement({ actions: ['sns:Publish'], resources: [this.evidenceTopic.topicArn] }));
    const noResource = 'logs:GetQueryResults and logs:StopQuery know no resource; the log groups asked are named.';
    acknowledge(role, 'IAM5', noResource, 'Resource::*');
  }
}
