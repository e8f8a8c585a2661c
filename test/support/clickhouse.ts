import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { CLICKHOUSE_THREADPOOL_SIZE } from '../../local/clickhouse/engine.ts';

export interface TestClickHouse {
  readonly url: string;
  readonly client: ClickHouseClient;
  readonly dataDir: string;
  /** Ends the process cleanly, closes the client and removes the data, unless the directory was given. */
  stop(): Promise<void>;
  /** SIGKILL. The data stay: start again with the same `dataDir`, whose removal is then the caller's. */
  kill(): Promise<void>;
}

export interface TestClickHouseOptions {
  readonly dataDir?: string;
  readonly password?: string;
}

/** The real engine in a process of its own on a free port; one per test file is enough. */
export async function startTestClickHouse(options: TestClickHouseOptions = {}): Promise<TestClickHouse> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'tape-clickhouse-')));
  const password = options.password ?? '';
  const child = spawn(process.execPath, [PROGRAM], {
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      PORT: '0',
      CLICKHOUSE_PASSWORD: password,
      UV_THREADPOOL_SIZE: String(CLICKHOUSE_THREADPOOL_SIZE),
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const url = `http://127.0.0.1:${await portOf(child)}`;
  const client = createClient({ url, password, log: QUIET });
  const exited = once(child, 'exit');
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    await client.close();
    child.kill(signal);
    await exited;
  };
  return {
    url,
    client,
    dataDir,
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGTERM');
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** For clients of one's own: what fails is for the test to say. */
export const QUIET = { level: ClickHouseLogLevel.OFF } as const;

const PROGRAM = fileURLToPath(new URL('../../local/clickhouse/program.ts', import.meta.url));

async function portOf(child: ChildProcess): Promise<number> {
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output = `${output}${chunk.toString()}`.slice(-2_000)));
  const [message] = await Promise.race([
    once(child, 'message') as Promise<[{ readonly port: number }]>,
    once(child, 'exit').then(() => Promise.reject(new Error(`clickhouse did not start: ${output}`))),
  ]);
  return message.port;
}
