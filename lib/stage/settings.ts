import { z } from 'zod';
import { ConfigurationError } from '../../core/contract/environment.ts';
import { DEFAULT_DATABASE } from '../../core/contract/names.ts';
import { CHANNELS } from '../../core/contract/streamer-env.ts';

/** What a stage says of itself in cdk.json, context `stages`. Names of secrets, never secrets. Unknown keys are faults. */
const stageSettings = z.strictObject({
  markets: z.array(z.string().min(1)).min(1),
  channels: z.array(z.enum(CHANNELS)).min(1),
  /** The secret that holds the exchange's key id and private key. */
  kalshiKeySecret: z.string().min(1),
  clickhouse: z.strictObject({
    url: z.url({ protocol: /^https?$/ }),
    database: z.string().default(DEFAULT_DATABASE),
    user: z.string().min(1),
    passwordSecret: z.string().min(1),
  }),
  /** Over all markets, at the busiest minute; decides the number of shards. */
  expectedMessagesPerSecond: z.number().positive().max(1_000_000),
  /** How long the stream keeps what is not landed: the longest ClickHouse outage that costs nothing. */
  retentionHours: z.int().min(24).max(8_760),
});

export type StageSettings = z.output<typeof stageSettings>;

/** The named stage's settings. Throws ConfigurationError naming every fault. */
export function stageSettingsOf(context: unknown, stage: string): StageSettings {
  const stages = z.object({ stages: z.record(z.string(), z.unknown()) }).safeParse(context);
  const names = stages.success ? Object.keys(stages.data.stages) : [];
  if (!stages.success || !names.includes(stage)) {
    throw new ConfigurationError(`stage ${stage}`, [`it is not in cdk.json; there are: ${names.join(', ') || 'none'}`]);
  }
  const result = stageSettings.safeParse(stages.data.stages[stage]);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.') || '(stage)'}: ${message}`);
  throw new ConfigurationError(`stage ${stage}`, faults);
}
