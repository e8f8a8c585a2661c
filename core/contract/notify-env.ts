import { z } from 'zod';
import type { Program } from '../logging/metrics.ts';
import { Secret } from '../logging/secret.ts';
import { integerFrom } from './environment.ts';

const LOG_GROUP_NAME = /^[A-Za-z0-9._/#-]{1,512}$/;
const logGroup = z.string().regex(LOG_GROUP_NAME);
const logGroups = z.strictObject({
  streamer: logGroup,
  sink: logGroup,
  probe: logGroup,
  notify: logGroup,
} satisfies Record<Program, unknown>);

/** A Slack-compatible webhook. Whoever knows the address may write there, so it is a secret. */
export const webhookUrl = z.url({ protocol: /^https?$/ }).transform((url) => new Secret(url));

/** The notifier's environment. Spans in milliseconds. */
export const notifyEnv = z.object({
  /** The topic whose e-mails carry the evidence. Never the one that alarms are published to: it would hear itself. */
  TOPIC_ARN: z.string().regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/),
  /** Absent, and no secret that holds it named: no webhook. */
  WEBHOOK_URL: webhookUrl.optional(),
  /** The ARN of the secret that holds it. Read by this channel alone, so that the others tell where it cannot be. */
  WEBHOOK_URL_SECRET: z.string().optional(),
  /** JSON: the name of each program's log group. */
  LOG_GROUPS: z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'must be JSON: log groups by program' });
        return z.NEVER;
      }
    })
    .pipe(logGroups),
  /** As cdk.json calls it: what a person types behind `--stage`. */
  STAGE: z.string().min(1),
  /** Alarms are called `<prefix>-heartbeat-missing`. */
  ALARM_PREFIX: z.string().min(1),
  GUIDE_URL: z.string().min(1).default('LOGGING_GUIDE.md'),
  /** The evidence query, from its start to its last line. Then the alarm is told without lines. */
  QUERY_TIMEOUT_MS: integerFrom(100, 60_000).default(20_000),
  /** One channel: the webhook, or the topic. */
  SEND_TIMEOUT_MS: integerFrom(100, 30_000).default(8_000),
  LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
  /** The commit that was built. */
  GIT_COMMIT: z.string().default(''),
});

export type NotifyEnv = z.output<typeof notifyEnv>;
