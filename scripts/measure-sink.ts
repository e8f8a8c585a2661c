import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BATCH_MAX_RECORDS } from '../core/contract/limits.ts';
import { DEFAULT_DATABASE } from '../core/contract/names.ts';
import { bundleProgram } from '../lib/bundle/program.ts';
import { SINK_MEMORY_MB, SINK_TIMEOUT_SEC } from '../lib/sink/sink-function.ts';
import { FunctionProcess } from '../local/lambda/function-process.ts';
import { migrate } from '../sql/migrate/migrate.ts';
import { TestTape } from '../test/support/blocks.ts';
import { deltaText } from '../test/support/blocks-frames.ts';
import { startTestClickHouse } from '../test/support/clickhouse.ts';
import { eventOf, kinesisRecords } from '../test/support/kinesis-event.ts';

/**
 * `node scripts/measure-sink.ts`: what a batch of the largest size costs the deployed sink, against the real engine on this
 * machine: time, and resident memory at its most. One line of JSON for each batch. Linux only.
 */
const MARKETS = 97;
const ROWS_OF_BLOCK = [10, 1_000, 5_000, 5_000, 5_000];

const directory = mkdtempSync(join(tmpdir(), 'measure-sink-'));
const server = await startTestClickHouse();
const sql = fileURLToPath(new URL('../sql', import.meta.url));
const target = { database: DEFAULT_DATABASE, variant: 'mergetree', log: () => undefined } as const;
await migrate({ client: server.client, directory: sql, ...target });
const sink = new FunctionProcess({
  functionName: 'sink',
  memoryLimitMb: SINK_MEMORY_MB,
  region: 'us-east-1',
  modulePath: bundleProgram('functions/sink/handler.ts', directory, 'index'),
  environment: { CLICKHOUSE_URL: server.url },
  timeoutMs: SINK_TIMEOUT_SEC * 1_000,
  onLine: () => undefined,
});
for (const [batch, rows] of ROWS_OF_BLOCK.entries()) {
  const event = eventOf(kinesisRecords(blocksOf(batch, rows)));
  const startedAt = performance.now();
  const { kind } = await sink.invoke(event);
  const took_ms = Math.round(performance.now() - startedAt);
  const line = { rows: rows * BATCH_MAX_RECORDS, outcome: kind, took_ms, resident_max_mb: residentMaxMb(sink.pid) };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
await sink.stop();
await server.stop();
rmSync(directory, { recursive: true, force: true });

function blocksOf(batch: number, rows: number): Buffer[] {
  const tape = new TestTape({ session_id: `20261123T100000000-${String(batch).padStart(6, '0')}` });
  return Array.from({ length: BATCH_MAX_RECORDS }, (_, block) => {
    for (let row = 0; row < rows; row++) {
      const seq = block * rows + row + 1;
      const price = (0.01 + (seq % 98) / 100).toFixed(4);
      tape.frame(deltaText(`KXMARKET-${seq % MARKETS}`, 1, seq, { price, delta: `${(seq * 7) % 1_000}.00` }));
    }
    return tape.cut().record;
  });
}

function residentMaxMb(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  const [, kib] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kib) / 1_024);
}
