import { mkdir } from 'node:fs/promises';
import { z } from 'zod';
import { ConfigurationError, integerFrom, parseEnvironment } from '../../core/contract/environment.ts';
import { startClickHouse } from './server.ts';

/**
 * The process that is ClickHouse on this machine. Its parent must set UV_THREADPOOL_SIZE to CLICKHOUSE_THREADPOOL_SIZE
 * (engine.ts): Node reads it before any of our code runs, and with the default of 4 a fifth query, or a file, waits.
 * Tells its parent `{ ready: true, port }` by IPC and the same on stdout; failed requests are JSON lines on stdout as well.
 */
const programEnv = z.object({
  DATA_DIR: z.string().min(1),
  PORT: integerFrom(0, 65_535).default(8_123),
  CLICKHOUSE_PASSWORD: z.string().default(''),
  /** How long a stop waits for the queries that run. */
  CLOSE_WAIT_MS: integerFrom(0, 600_000).default(10_000),
});

const stopped = Promise.withResolvers<undefined>();
process.on('SIGTERM', () => stopped.resolve(undefined));
process.on('SIGINT', () => stopped.resolve(undefined));
// The parent is gone: nobody will ever stop us.
process.on('disconnect', () => stopped.resolve(undefined));

try {
  const env = parseEnvironment('clickhouse', programEnv, process.env);
  await mkdir(env.DATA_DIR, { recursive: true });
  const server = await startClickHouse({
    dataDir: env.DATA_DIR,
    port: env.PORT,
    password: env.CLICKHOUSE_PASSWORD,
    closeWaitMs: env.CLOSE_WAIT_MS,
    log: printLine,
  });
  const ready = { ready: true, port: server.port };
  printLine(ready);
  process.send?.(ready);
  await stopped.promise;
  const { stillRunning } = await server.close();
  // process.exit would wait for them. Rows that were acknowledged survive a SIGKILL; nobody counts on the others.
  if (stillRunning > 0) process.kill(process.pid, 'SIGKILL');
  process.exit(0);
} catch (error) {
  process.stdout.write(`${reason(error)}\n`);
  process.exit(1);
}

function printLine(entry: object): void {
  process.stdout.write(`${JSON.stringify(entry)}\n`);
}

function reason(error: unknown): string {
  if (error instanceof ConfigurationError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return `clickhouse was not started: port ${process.env['PORT'] ?? 8_123} is in use`;
  if (code === 'CHDB_CONNECTION') {
    return `clickhouse was not started: ${process.env['DATA_DIR']} is in use by another process or cannot be read`;
  }
  return `clickhouse was not started: ${error instanceof Error ? error.message : String(error)}`;
}
