import { z } from 'zod';
import { Secret } from '../logging/secret.ts';
import { integerFrom } from './environment.ts';
import { sinkEnv } from './sink-env.ts';

/** The probe's environment. The warehouse is named as the sink names it, so the two cannot disagree. */
export const probeEnv = sinkEnv
  .pick({ CLICKHOUSE_URL: true, CLICKHOUSE_DATABASE: true, CLICKHOUSE_USER: true })
  .extend({
    CLICKHOUSE_PASSWORD: z
      .string()
      .default('')
      .transform((password) => new Secret(password)),
    /** One whole probe, milliseconds. The server is told to give up a little earlier, so that its answer still arrives. */
    PROBE_TIMEOUT_MS: integerFrom(100, 50_000).default(10_000),
    LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
    /** The commit that was built. */
    GIT_COMMIT: z.string().default(''),
  });

export type ProbeEnv = z.output<typeof probeEnv>;
