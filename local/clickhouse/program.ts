import { mkdir } from 'node:fs/promises';
import { z } from 'zod';
import { integerFrom, parseEnvironment } from '../../core/contract/environment.ts';
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
    log: printLine,
  });
  const ready = { ready: true, port: server.port };
  printLine(ready);
  process.send?.(ready);
  await stopped.promise;
  await server.close();
  process.exit(0);
} catch (error) {
  process.stdout.write(`clickhouse was not started: ${reason(error)}\n`);
  process.exit(1);
}

function printLine(entry: object): void {
  process.stdout.write(`${JSON.stringify(entry)}\n`);
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return `port ${process.env['PORT'] ?? 8_123} is in use`;
  if (code === 'CHDB_CONNECTION') return `${process.env['DATA_DIR']} is in use by another process or cannot be read`;
  return error.message;
}
