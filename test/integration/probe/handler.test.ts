import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { bundle } from '../../../local/bundle.ts';
import { FunctionProcess } from '../../../local/lambda/function-process.ts';
import { faultsOf, type Line } from '../../support/catalogue.ts';
import { startWarehouse, type TestWarehouse } from '../sink/warehouse.ts';

const BUNDLE_MAX_BYTES = 1_000_000;
const SECRET = 'hush-hush-hush';

let warehouse: TestWarehouse;
let dir: string;
let file: string;
let fn: FunctionProcess | undefined;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tape-probe-'));
  [file, warehouse] = await Promise.all([bundle('functions/probe/handler.ts', dir), startWarehouse()]);
});
afterAll(async () => {
  await warehouse.stop();
  await rm(dir, { recursive: true, force: true });
});
afterEach(() => fn?.stop());

/** The function as it is deployed, in a process of its own, and every line that it prints. */
function started(environment: Readonly<Record<string, string>>) {
  const printed: string[] = [];
  const process = new FunctionProcess({
    functionName: 'probe',
    modulePath: file,
    memoryLimitMb: 256,
    region: 'us-east-1',
    environment,
    timeoutMs: 20_000,
    onLine: (line) => printed.push(line),
  });
  fn = process;
  const lines = async (n: number): Promise<Line[]> => {
    await expect.poll(() => printed.length).toBeGreaterThanOrEqual(n);
    return printed.map((line) => JSON.parse(line) as Line);
  };
  return { invoke: () => process.invoke({ source: 'aws.events' }), printed, lines };
}

const ANSWERED = { kind: 'response', payload: null };

test('the bundle is small', async () => {
  expect((await stat(file)).size).toBeLessThan(BUNDLE_MAX_BYTES);
});

test('the function says how it was started, and one line an invocation, as the catalogue has them', async () => {
  const { invoke, lines } = started({ CLICKHOUSE_URL: warehouse.server.url, GIT_COMMIT: 'abc1234' });
  expect(await invoke()).toEqual(ANSWERED);
  expect(await invoke()).toEqual(ANSWERED);
  const all = await lines(3);
  expect(all.map((line) => line['event'])).toEqual(['probe_started', 'warehouse_heartbeat', 'warehouse_heartbeat']);
  expect(all.flatMap(faultsOf)).toEqual([]);
  expect(all[0]).toMatchObject({ git_commit: 'abc1234', ch_url: warehouse.server.url, ch_database: 'kalshi' });
});

test('what failed is told and not thrown, and no line holds the password', async () => {
  const { invoke, lines, printed } = started({
    CLICKHOUSE_URL: warehouse.server.url,
    CLICKHOUSE_USER: SECRET,
    CLICKHOUSE_PASSWORD: SECRET,
  });
  expect(await invoke()).toEqual(ANSWERED);
  const all = await lines(2);
  expect(all.map((line) => line['event'])).toEqual(['probe_started', 'probe_failed']);
  expect(all.flatMap(faultsOf)).toEqual([]);
  expect(all[1]).toMatchObject({ category: 'auth' });
  // The server repeats the name, which is the password here.
  expect(printed.join('\n')).not.toContain(SECRET);
});

test('a server that hangs costs no more than PROBE_TIMEOUT_MS', async () => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { invoke, lines } = started({ CLICKHOUSE_URL: `http://127.0.0.1:${port}`, PROBE_TIMEOUT_MS: '400' });
  expect(await invoke()).toEqual(ANSWERED);
  const failed = (await lines(2))[1]!;
  expect(failed).toMatchObject({ event: 'probe_failed', category: 'timeout' });
  expect(failed['duration_ms']).toBeLessThan(8_000);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('a configuration that is wrong is refused with every fault, and the invocation fails', async () => {
  const { invoke, lines } = started({ CLICKHOUSE_URL: 'clickhouse:9000', PROBE_TIMEOUT_MS: '1' });
  expect(await invoke()).toMatchObject({ kind: 'function_error' });
  const [refused] = await lines(1);
  expect(faultsOf(refused!)).toEqual([]);
  expect(refused).toMatchObject({ event: 'probe_refused', level: 'CRITICAL' });
  expect(refused!['faults']).toHaveLength(2);
});
