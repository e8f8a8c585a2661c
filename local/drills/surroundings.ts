import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { DEFAULT_STREAM_NAME } from '../../core/contract/names.ts';
import { CLICKHOUSE_THREADPOOL_SIZE } from '../clickhouse/engine.ts';
import { ensureStream, localKinesis } from '../kinesis/client.ts';
import { parseStartOptions } from '../options.ts';
import { type Child, type ProgramSpec, spawnProgram } from '../process/child.ts';
import { sourceOf } from '../source.ts';
import { prepareWarehouse } from '../warehouse.ts';
import { scaledBuild } from './scaled-build.ts';

export const MARKETS = ['KXA-26-T1', 'KXB-26-T4615.99', 'KXC-26'];
const RATE = 60;
const EXCHANGE_PING_MS = 250;
const STREAM_WITHIN_MS = 20_000;
const STOP_GRACE_MS = 5_000;

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** What our programs stand between: the exchange, Kinesis and ClickHouse, each a process, and the builds of ours. */
export interface Surroundings {
  readonly dir: string;
  readonly wsUrl: string;
  readonly clickhousePort: number;
  readonly kinesisPort: number;
  readonly source: Awaited<ReturnType<typeof sourceOf>>;
  readonly builds: Awaited<ReturnType<typeof builtIn>>;
  readonly client: KinesisClient;
  readonly exchange: Child;
  readonly children: readonly Child[];
}

/** Resolves when all of them answer; if one does not come up, none stays. */
export async function openSurroundings(dir: string): Promise<Surroundings> {
  await mkdir(dir, { recursive: true });
  const builds = await builtIn(dir);
  const options = parseStartOptions(['--rate', String(RATE), '--markets', MARKETS.join(',')]);
  const source = await sourceOf(options, {});
  const own = { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: process.env['TMPDIR'] };
  const spawn = (spec: Omit<ProgramSpec, 'logFile'>): Child =>
    spawnProgram({ ...spec, logFile: join(dir, `${spec.name}.ndjson`) });
  const clickhouse = spawn({
    name: 'clickhouse',
    argv: [at('local/clickhouse/program.ts')],
    env: {
      ...{ ...own, DATA_DIR: join(dir, 'clickhouse'), PORT: '0' },
      UV_THREADPOOL_SIZE: String(CLICKHOUSE_THREADPOOL_SIZE),
    },
  });
  const kinesis = spawn({
    name: 'kinesis',
    argv: [at('local/kinesis/program.ts'), '--path', join(dir, 'kinesis'), '--port', '0'],
    env: own,
  });
  const exchange = spawn({
    name: 'exchange',
    argv: [at('local/exchange/program.ts')],
    env: { ...own, EXCHANGE_OPTIONS: JSON.stringify({ ...source.simulator, pingMs: EXCHANGE_PING_MS }) },
  });
  const children = [exchange, kinesis, clickhouse];
  try {
    const [heard, stream, warehouse] = await Promise.all([exchange.ready, kinesis.ready, clickhouse.ready]);
    const [kinesisPort, clickhousePort] = [Number(stream['port']), Number(warehouse['port'])];
    const client = localKinesis(`http://127.0.0.1:${kinesisPort}`);
    await ensureStream(client, DEFAULT_STREAM_NAME, 1, AbortSignal.timeout(STREAM_WITHIN_MS));
    await prepareWarehouse(`http://127.0.0.1:${clickhousePort}`);
    const wsUrl = String(heard['wsUrl']);
    return { dir, wsUrl, clickhousePort, kinesisPort, source, builds, client, exchange, children };
  } catch (error) {
    for (const child of children) child.kill('SIGKILL');
    throw error;
  }
}

export async function closeSurroundings({ client, children }: Surroundings): Promise<void> {
  client.destroy();
  await Promise.all(children.map(ended));
}

async function builtIn(dir: string) {
  const [streamer, sink, probe, notify] = await Promise.all([
    scaledBuild('ecs/main.ts', join(dir, 'build')),
    scaledBuild('functions/sink/handler.ts', join(dir, 'build')),
    scaledBuild('functions/probe/handler.ts', join(dir, 'build')),
    scaledBuild('functions/notify/handler.ts', join(dir, 'build')),
  ]);
  return { streamer, sink, probe, notify };
}

async function ended(child: Child): Promise<void> {
  child.kill('SIGTERM');
  const overdue = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
  await child.exit;
  clearTimeout(overdue);
}
