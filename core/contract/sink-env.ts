import { z } from 'zod';
import { Secret } from '../logging/secret.ts';
import { integerFrom } from './environment.ts';
import { DEFAULT_DATABASE } from './names.ts';

/** The sink's environment. Spans in milliseconds. */
export const sinkEnv = z.object({
  CLICKHOUSE_URL: z.url({ protocol: /^https?$/ }),
  CLICKHOUSE_DATABASE: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
    .default(DEFAULT_DATABASE),
  CLICKHOUSE_USER: z.string().default('default'),
  CLICKHOUSE_PASSWORD: z
    .string()
    .default('')
    .transform((password) => new Secret(password)),
  /** One attempt of one insert, and the question before it. The server is told to give up a little earlier, so that its answer still arrives. */
  INSERT_TIMEOUT_MS: integerFrom(100, 300_000).default(20_000),
  /** Attempts of one insert within one invocation; then the event source retries the batch. */
  INSERT_ATTEMPTS: integerFrom(1, 20).default(4),
  LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
  /** The commit that was built. */
  GIT_COMMIT: z.string().default(''),
});

export type SinkEnv = z.output<typeof sinkEnv>;
