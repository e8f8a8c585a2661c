import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FunctionProcess } from '../../../local/lambda/function-process.ts';
import { eventOf } from '../../support/kinesis-event.ts';
import { story } from './story.ts';
import { ALL_WELL, DATABASE, startWarehouse, type TestWarehouse } from './warehouse.ts';

let warehouse: TestWarehouse;

beforeAll(async () => {
  warehouse = await startWarehouse();
});
afterAll(() => warehouse.stop());

interface Line {
  readonly [field: string]: unknown;
  readonly event?: string;
}

/** The real handler in a process of its own, and every line that it writes: each is JSON. */
function functionWith(environment: Readonly<Record<string, string>>) {
  const lines: Line[] = [];
  const sink = new FunctionProcess({
    functionName: 'sink',
    memoryLimitMb: 512,
    region: 'us-east-1',
    modulePath: fileURLToPath(new URL('../../../functions/sink/handler.ts', import.meta.url)),
    environment: { CLICKHOUSE_DATABASE: DATABASE, ...environment },
    timeoutMs: 30_000,
    onLine: (line) => lines.push(JSON.parse(line) as Line),
  });
  return { sink, lines, of: (event: string) => lines.filter((line) => line.event === event) };
}

const sumOf = (lines: readonly Line[], field: string): number =>
  lines.reduce((all, line) => all + Number(line[field] ?? 0), 0);

test('an environment tells its first batch at once and all others when it ends: lines and metrics add up', async () => {
  const { records } = story(1);
  const { sink, lines, of } = functionWith({ CLICKHOUSE_URL: warehouse.server.url, GIT_COMMIT: 'abc1234' });
  for (let times = 0; times < 4; times++) {
    expect(await sink.invoke(eventOf(records))).toEqual({ kind: 'response', payload: ALL_WELL });
  }
  await sink.stop();
  expect(of('sink_started')).toMatchObject([{ git_commit: 'abc1234', log_level: 'INFO' }]);
  expect(of('insert_ok').map(({ batches }) => batches)).toEqual([1, 3]);
  const metrics = lines.filter((line) => '_aws' in line);
  expect(metrics).toHaveLength(2);
  expect([sumOf(of('insert_ok'), 'duplicates'), sumOf(metrics, 'DuplicateBlocks')]).toEqual([18, 18]);
  expect([sumOf(of('insert_ok'), 'frames'), sumOf(metrics, 'FramesLanded')]).toEqual([20, 20]);
  // One record is no block: told at its first delivery, and once more for the three after it.
  expect(of('record_rejected').map(({ repeats }) => repeats)).toEqual([undefined, 2]);
});

test('ClickHouse away is told once, and what was kept back when the environment ends', async () => {
  const password = 'hunter2-hunter2';
  const { sink, lines, of } = functionWith({ CLICKHOUSE_URL: 'http://127.0.0.1:1', CLICKHOUSE_PASSWORD: password });
  const { records } = story(2);
  for (let times = 0; times < 3; times++)
    expect(await sink.invoke(eventOf(records))).not.toMatchObject({ payload: ALL_WELL });
  await sink.stop();
  expect(of('sink_batch_failed')).toMatchObject([
    { level: 'WARN', category: 'connection_refused' },
    { level: 'WARN', category: 'connection_refused', repeats: 1 },
  ]);
  expect(lines.map(({ event }) => event)).toEqual(['sink_started', 'sink_batch_failed', 'sink_batch_failed']);
  expect(JSON.stringify(lines)).not.toContain(password);
});

test('a configuration that is wrong is told as CRITICAL with every fault, and nothing is begun', async () => {
  const { sink, lines } = functionWith({ CLICKHOUSE_URL: 'tcp://nobody', INSERT_ATTEMPTS: '0' });
  expect(await sink.invoke(eventOf([]))).toMatchObject({ kind: 'function_error' });
  await sink.stop();
  expect(lines).toMatchObject([
    { level: 'CRITICAL', event: 'sink_refused', faults: [expect.any(String), expect.any(String)] },
    // Lambda's own word for it.
    { type: 'platform.initReport', record: { status: 'error' } },
  ]);
});
