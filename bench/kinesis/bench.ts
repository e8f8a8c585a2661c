import { randomFillSync } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { BATCH_MAX_RECORDS } from '../../core/contract/limits.ts';
import { Random } from '../../local/exchange/random.ts';
import { ensureStream, localKinesis } from '../../local/kinesis/client.ts';
import { spawnProgram } from '../../local/process/child.ts';
import type { Outcome, Say } from '../support/outcome.ts';
import { quantile } from '../support/stats.ts';
import { numberText, tableText } from '../support/table.ts';

export interface KinesisOptions {
  /** Records put altogether; a day of one session, two blocks a second, is 172,800. */
  readonly records: number;
}

const PROGRAM = fileURLToPath(new URL('../../local/kinesis/program.ts', import.meta.url));
const STREAM = 'bench';
const STEPS = 8;
/** Requests timed at each step, and records of the requests that only fill. */
const SAMPLES = 200;
const FILL_RECORDS = 100;
const BLOCK_MIN_BYTES = 2_000;
const BLOCK_MAX_BYTES = 20_000;

interface Step {
  readonly records: number;
  readonly put_ms: Quantiles;
  readonly get_ms: Quantiles;
  readonly rss_mb: number | undefined;
}

interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

/** Whether the emulator stays as fast and as small with a day's records in one shard as it is with none. */
export async function benchKinesis({ records }: KinesisOptions, say: Say): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'tape-bench-kinesis-'));
  const child = spawnProgram({
    name: 'kinesis',
    argv: [PROGRAM, '--path', join(folder, 'store')],
    env: {},
    logFile: join(folder, 'kinesis.log'),
  });
  const { port } = await child.ready;
  const client = localKinesis(`http://127.0.0.1:${String(port)}`);
  try {
    await ensureStream(client, STREAM, 1, AbortSignal.timeout(10_000));
    const steps: Step[] = [];
    let stored = 0;
    for (let step = 0; step <= STEPS; step++) {
      const goal = Math.floor((records * step) / STEPS);
      for (; stored < goal; stored += FILL_RECORDS) await put(client, FILL_RECORDS);
      steps.push({ records: stored, ...(await sample(client)), rss_mb: await rssOf(child.pid) });
      stored += SAMPLES;
      say(`kinesis: ${stored} of ${records} records`);
    }
    return outcomeOf(steps);
  } finally {
    client.destroy();
    child.kill('SIGTERM');
    await child.exit;
    await rm(folder, { recursive: true, force: true });
  }
}

/** As the streamer puts, one block a request, and as the event source reads: what is new, a batch at most. */
async function sample(client: KinesisClient): Promise<{ readonly put_ms: Quantiles; readonly get_ms: Quantiles }> {
  const puts: number[] = [];
  const gets: number[] = [];
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({ StreamName: STREAM, ShardId: 'shardId-000000000000', ShardIteratorType: 'LATEST' }),
  );
  let iterator = ShardIterator;
  for (let i = 0; i < SAMPLES; i++) {
    puts.push(await timed(() => put(client, 1)));
    gets.push(
      await timed(async () => {
        const page = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: BATCH_MAX_RECORDS }));
        iterator = page.NextShardIterator;
        if (page.Records?.length !== 1) throw new Error(`read ${page.Records?.length ?? 0} records where one was put`);
      }),
    );
  }
  return { put_ms: quantilesOf(puts), get_ms: quantilesOf(gets) };
}

const random = new Random(9);

async function put(client: KinesisClient, count: number): Promise<void> {
  const Records = Array.from({ length: count }, () => ({
    Data: randomFillSync(Buffer.allocUnsafe(random.between(BLOCK_MIN_BYTES, BLOCK_MAX_BYTES))),
    PartitionKey: 'session',
  }));
  const answer = await client.send(new PutRecordsCommand({ StreamName: STREAM, Records }));
  if ((answer.FailedRecordCount ?? 0) > 0) throw new Error('the emulator refused records');
}

async function timed(work: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

function quantilesOf(values: readonly number[]): Quantiles {
  return { p50: quantile(values, 0.5), p99: quantile(values, 0.99) };
}

/** Megabytes; undefined where the system has no /proc. */
async function rssOf(pid: number | undefined): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid ?? 0}/status`, 'utf8').catch(() => '');
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : (Number(kilobytes) * 1_024) / 1e6;
}

function outcomeOf(steps: readonly Step[]): Outcome {
  const rows = steps.map(({ records, put_ms, get_ms, rss_mb }) => [
    numberText(records, 0),
    ...[put_ms.p50, put_ms.p99, get_ms.p50, get_ms.p99].map((ms) => ms.toFixed(2)),
    rss_mb?.toFixed(0) ?? '-',
  ]);
  const text = [
    `kinesis: kinesalite over LevelDB, one shard, blocks of ${BLOCK_MIN_BYTES}-${BLOCK_MAX_BYTES} bytes, ${SAMPLES} requests a step\n`,
    tableText(['records stored', 'put p50 ms', 'put p99', 'get p50 ms', 'get p99', 'RSS MB'], rows),
  ].join('');
  return { text, numbers: { steps }, bars: [] };
}
