import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ConfigurationError, parseEnvironment } from '../core/contract/environment.ts';
import { sinkEnv } from '../core/contract/sink-env.ts';
import { MigrationError } from '../sql/migrate/errors.ts';
import { migrate, STATEMENT_TIMEOUT_MS } from '../sql/migrate/migrate.ts';
import { VARIANTS } from '../sql/migrate/render.ts';

/** The database is named as the sink names it, so the two cannot disagree. */
const migrateEnv = sinkEnv
  .pick({ CLICKHOUSE_URL: true, CLICKHOUSE_DATABASE: true, CLICKHOUSE_USER: true, CLICKHOUSE_PASSWORD: true })
  .extend({
    MIGRATE_VARIANT: z.enum(VARIANTS).default('mergetree'),
    MIGRATE_CLUSTER: z
      .string()
      .regex(/^[A-Za-z0-9_.-]+$/)
      .optional(),
  })
  .refine((env) => env.MIGRATE_CLUSTER === undefined || env.MIGRATE_VARIANT === 'replicated', {
    path: ['MIGRATE_CLUSTER'],
    error: 'is only for MIGRATE_VARIANT=replicated',
  });

try {
  await run();
} catch (error) {
  process.stdout.write(`${describe(error)}\n`);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  const env = parseEnvironment('migrate', migrateEnv, process.env);
  const { url, username, password } = withoutCredentials(env.CLICKHOUSE_URL);
  const client = createClient({
    url,
    username: username ?? env.CLICKHOUSE_USER,
    password: password ?? env.CLICKHOUSE_PASSWORD.reveal(),
    request_timeout: STATEMENT_TIMEOUT_MS,
    application: 'kalshi-tape-migrate',
    // Failures come as exceptions and are told once.
    log: { level: ClickHouseLogLevel.OFF },
  });
  try {
    process.stdout.write(`Migrating database ${env.CLICKHOUSE_DATABASE} at ${url} (${env.MIGRATE_VARIANT})\n`);
    const { applied, skipped } = await migrate({
      client,
      directory: fileURLToPath(new URL('../sql', import.meta.url)),
      variant: env.MIGRATE_VARIANT,
      cluster: env.MIGRATE_CLUSTER,
      database: env.CLICKHOUSE_DATABASE,
      log: ({ file, idx }) => process.stdout.write(`  applied ${file}, statement ${idx}\n`),
    });
    process.stdout.write(`Done: ${applied} statement(s) applied, ${skipped} already there\n`);
  } finally {
    await client.close();
  }
}

/** `https://user:secret@host:8443` → an address that may be printed, and what stood in it beside. */
function withoutCredentials(address: string) {
  const { origin, pathname, username, password } = new URL(address);
  return {
    url: `${origin}${pathname === '/' ? '' : pathname}`,
    username: username === '' ? undefined : decodeURIComponent(username),
    password: password === '' ? undefined : decodeURIComponent(password),
  };
}

/** Messages of ours and of the server hold no password; of anything unexpected only the kind is shown. */
function describe(error: unknown): string {
  if (error instanceof MigrationError || error instanceof ConfigurationError) return error.message;
  return `migrate failed: ${error instanceof Error ? error.name : 'unknown error'}; nothing more was run`;
}
