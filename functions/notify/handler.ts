import { Logger } from '@aws-lambda-powertools/logger';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { SNSClient } from '@aws-sdk/client-sns';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Context, SNSEvent } from 'aws-lambda';
import { ConfigurationError, parseEnvironment } from '../../core/contract/environment.ts';
import { type NotifyEnv, notifyEnv } from '../../core/contract/notify-env.ts';
import { VERSION } from '../../core/contract/version.ts';
import { eventLog } from '../../core/logging/event-log.ts';
import { Redactor } from '../../core/logging/redact.ts';
import { redactedWriter } from '../../core/logging/redacted.ts';
import { Secret } from '../../core/logging/secret.ts';
import { powertoolsWriter } from '../powertools.ts';
import { emailChannel } from './email.ts';
import { LogsInsights } from './logs-insights.ts';
import { Notifier } from './notifier.ts';
import { webhookChannel } from './webhook.ts';
import { webhookAddress } from './webhook-address.ts';

const SERVICE = 'kalshi-tape-notify';
/** A server that is there answers a connection at once. */
const CONNECT_TIMEOUT_MS = 3_000;
const ATTEMPTS = 3;
/** What Lambda itself puts into the environment, and no message may hold. */
const OWN_SECRETS = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

const logger = new Logger({ serviceName: SERVICE });
const ownSecrets = OWN_SECRETS.map((name) => new Secret(process.env[name] ?? ''));
const redactor = new Redactor(ownSecrets);
const log = eventLog(redactedWriter(powertoolsWriter(logger), redactor));
const env = configure();
const address = addressOf(env);
// Ahead of the first alarm. What cannot be read is said by the alarm that is not told.
await address?.().catch(() => undefined);
const requestHandler = () => new NodeHttpHandler({ connectionTimeout: CONNECT_TIMEOUT_MS });
const channels = [
  emailChannel(new SNSClient({ maxAttempts: ATTEMPTS, requestHandler: requestHandler() }), env.TOPIC_ARN),
  ...(address === undefined ? [] : [webhookChannel(address)]),
];
const logs = new LogsInsights(new CloudWatchLogsClient({ maxAttempts: ATTEMPTS, requestHandler: requestHandler() }));
const notifier = new Notifier({ logs, channels, log, redactor, now: Date.now }, env);
log('notify_started', {
  version: VERSION,
  git_commit: env.GIT_COMMIT,
  node_version: process.version,
  channels: channels.map(({ name }) => name),
  log_level: env.LOG_LEVEL,
});

/** Lambda's entry: alarms from SNS. Rejects where somebody was not told, so that Lambda tries again. */
export async function handler(
  event: SNSEvent,
  context: Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>,
): Promise<void> {
  const remainingMs = context.getRemainingTimeInMillis();
  const requestId = context.awsRequestId;
  const told = await Promise.allSettled(
    event.Records.map(({ Sns }) =>
      notifier.tell({
        messageId: Sns.MessageId,
        message: Sns.Message,
        subject: Sns.Subject,
        requestId,
        remainingMs,
      }),
    ),
  );
  const failed = told.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function configure(): NotifyEnv {
  try {
    const parsed = parseEnvironment('notify', notifyEnv, process.env);
    logger.setLogLevel(parsed.LOG_LEVEL);
    return parsed;
  } catch (error) {
    const faults = error instanceof ConfigurationError ? error.faults : [String(error)];
    log('notify_refused', { faults });
    throw error;
  }
}

/** Where the webhook's address comes from. undefined: there is no webhook. */
function addressOf({ WEBHOOK_URL, WEBHOOK_URL_SECRET }: NotifyEnv): (() => Promise<Secret>) | undefined {
  const known = (secret: Secret): void => redactor.add(secret);
  if (WEBHOOK_URL_SECRET !== undefined) return webhookAddress(known);
  if (WEBHOOK_URL === undefined) return undefined;
  known(WEBHOOK_URL);
  return () => Promise.resolve(WEBHOOK_URL);
}
