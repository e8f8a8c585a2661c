import { z } from 'zod';
import { ConfigurationError, saysMissing, whenRead } from '../../core/contract/environment.ts';
import { CHANNELS } from '../../core/contract/streamer-env.ts';
import { compute } from './compute.ts';
import { network } from './network.ts';
import { secretName } from './secret-name.ts';
import { thresholds } from './thresholds.ts';
import { warehouse } from './warehouse.ts';

/** What CloudWatch takes; days. */
const LOG_RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;
/** A task definition is at most 64 KiB of JSON (AWS quota); half of it is left for the rest. */
const MARKETS_MAX_BYTES = 32_768;

/** What a stage says of itself in cdk.json, context `stages`. Names of secrets, never secrets. Unknown keys are faults. */
const stageSettings = z
  .strictObject({
    /** May be empty without the channel orderbook_delta: the others exist for all markets at once. */
    markets: z.array(z.string().regex(/^[A-Za-z0-9._-]+$/)),
    channels: z.array(z.enum(CHANNELS)).min(1),
    /** Where it is not the exchange's production: its demo, say. */
    exchangeUrl: z
      .url({ protocol: /^wss$/, abort: true })
      // 443 itself is no port to a URL.
      .refine((url) => new URL(url).port === '', { error: 'must have port 443: the streamer is let out to no other' })
      .optional(),
    /** The secret that holds the exchange's key: JSON with KALSHI_API_KEY_ID and KALSHI_PRIVATE_KEY. */
    kalshiKeySecret: secretName,
    clickhouse: warehouse,
    /** Over all markets, at the busiest minute; decides the number of shards. */
    expectedMessagesPerSecond: z.number().positive().max(1_000_000),
    /** on-demand: no shards to reckon with, for four times the price of one shard. */
    streamMode: z.enum(['provisioned', 'on-demand']).default('provisioned'),
    /** How long the stream keeps what is not landed: some hours more than the longest ClickHouse outage that costs nothing. */
    retentionHours: z.int().min(24).max(8_760),
    compute,
    /** The disk for blocks that Kinesis does not take. */
    spoolMb: z.int().min(64).max(100_000).default(4_096),
    network,
    alarms: z
      .strictObject({
        email: z.email().optional(),
        /** The secret whose whole text is the webhook's address. */
        webhookSecret: secretName.optional(),
      })
      .default({}),
    thresholds: thresholds.prefault({}),
    /** Where alarms point to for what to do. */
    guideUrl: z.string().min(1).default('LOGGING_GUIDE.md'),
    logRetentionDays: z.literal(LOG_RETENTION_DAYS).default(30),
    /** Not WARN or ERROR: metrics and alarms are made from INFO lines. */
    logLevel: z.enum(['DEBUG', 'INFO']).default('INFO'),
    /** An account whose whole Lambda concurrency is 10 can reserve none. */
    reserveConcurrency: z.boolean().default(true),
  })
  .refine(({ channels, markets }) => !channels.includes('orderbook_delta') || markets.length > 0, {
    path: ['markets'],
    error: 'is required for orderbook_delta: the exchange has no firehose of books',
    when: whenRead('channels', 'markets'),
  })
  .refine(({ markets }) => markets.join(',').length <= MARKETS_MAX_BYTES, {
    path: ['markets'],
    error: `more than ${MARKETS_MAX_BYTES} bytes together: a task definition does not hold them`,
    when: whenRead('markets'),
  });

export type StageSettings = z.output<typeof stageSettings>;

/** The named stage's settings. Throws ConfigurationError naming every fault. */
export function stageSettingsOf(context: unknown, stage: string | undefined): StageSettings {
  const stages = z.object({ stages: z.record(z.string(), z.unknown()) }).safeParse(context);
  const names = stages.success ? Object.keys(stages.data.stages) : [];
  const there = `there are: ${names.join(', ') || 'none'}`;
  if (stage === undefined) throw new ConfigurationError('stage', [`choose one with -c stage=NAME; ${there}`]);
  if (!stages.success || !names.includes(stage)) {
    throw new ConfigurationError(`stage ${stage}`, [`it is not in cdk.json; ${there}`]);
  }
  const result = stageSettings.safeParse(stages.data.stages[stage], saysMissing);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.') || '(stage)'}: ${message}`);
  throw new ConfigurationError(`stage ${stage}`, faults);
}
