import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startTestClickHouse, type TestClickHouse } from '../../support/clickhouse.ts';

const PROGRAM = fileURLToPath(new URL('../../../local/clickhouse/program.ts', import.meta.url));
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tape-clickhouse-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const insert = async ({ client }: TestClickHouse): Promise<void> => {
  await client.command({ query: 'CREATE DATABASE IF NOT EXISTS tape' });
  await client.command({ query: 'CREATE TABLE IF NOT EXISTS tape.t (a UInt32) ENGINE = MergeTree ORDER BY a' });
  await client.insert({
    table: 'tape.t',
    values: Array.from({ length: 1_000 }, (_, a) => ({ a })),
    format: 'JSONEachRow',
  });
};
const countIn = async ({ client }: TestClickHouse): Promise<unknown> =>
  (await client.query({ query: 'SELECT toUInt32(count()) AS n FROM tape.t', format: 'JSONEachRow' })).json();

/** Until a query runs in session `s`: 372 before there is one, 373 while it is in use. */
async function untilInUse(url: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const answer = await fetch(`${url}/?session_id=s&session_check=1&query=SELECT+1`);
      expect(answer.headers.get('x-clickhouse-exception-code')).toBe('373');
    },
    { interval: 10, timeout: 10_000 },
  );
}

async function run(env: Record<string, string>): Promise<{ readonly code: unknown; readonly output: string }> {
  const child = spawn(process.execPath, [PROGRAM], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = await once(child, 'close');
  return { code, output };
}

describe('the clickhouse process', () => {
  it('keeps the rows over a clean stop', async () => {
    const first = await startTestClickHouse({ dataDir });
    await insert(first);
    await first.stop();
    const second = await startTestClickHouse({ dataDir });
    expect(await countIn(second)).toEqual([{ n: 1_000 }]);
    await second.stop();
  });

  it('keeps the rows when it is killed right after an insert, and removes files a killed insert left', async () => {
    const first = await startTestClickHouse({ dataDir });
    await insert(first);
    await first.kill();
    const left = join(dataDir, 'http_uploads', 'rows-00000000-0000-4000-8000-000000000000.bin');
    await writeFile(left, 'x');
    const second = await startTestClickHouse({ dataDir });
    expect(await countIn(second)).toEqual([{ n: 1_000 }]);
    await expect(writeFile(left, 'x', { flag: 'wx' })).resolves.toBeUndefined();
    await second.stop();
  });

  it('answers the queries that run before it stops', async () => {
    const server = await startTestClickHouse({ dataDir });
    const slow = fetch(`${server.url}/?session_id=s&query=SELECT+sleep(3)`).then((answer) => answer.text());
    await untilInUse(server.url);
    await server.stop();
    expect(await slow).toBe('0\n');
  });

  it('says in one line that its port is in use, and that its directory is', async () => {
    const server = await startTestClickHouse({ dataDir });
    const { port } = new URL(server.url);
    const otherDir = join(dataDir, 'other');
    expect(await run({ DATA_DIR: otherDir, PORT: port })).toEqual({
      code: 1,
      output: expect.stringMatching(new RegExp(`^[^\n]*port ${port}[^\n]*\n$`)),
    });
    expect(await run({ DATA_DIR: dataDir, PORT: '0' })).toEqual({
      code: 1,
      output: expect.stringMatching(/^[^\n]*in use by another process[^\n]*\n$/),
    });
    expect(await run({ PORT: 'x' })).toEqual({
      code: 1,
      output: expect.stringMatching(/DATA_DIR[^]*PORT|PORT[^]*DATA_DIR/),
    });
    await server.stop();
  });

  it('does not wait for a query longer than it was told', async () => {
    const env = { ...process.env, DATA_DIR: dataDir, PORT: '0', CLOSE_WAIT_MS: '100' };
    const child = spawn(process.execPath, [PROGRAM], { env, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const [{ port }] = (await once(child, 'message')) as [{ readonly port: number }];
    const url = `http://127.0.0.1:${port}`;
    const cut = fetch(
      `${url}/?session_id=s&query=SELECT+sleepEachRow(1)+FROM+numbers(60)+SETTINGS+max_block_size=1,function_sleep_max_microseconds_per_block=60000000`,
    );
    const outcome = cut.then(
      () => 'answered',
      () => 'cut',
    );
    await untilInUse(url);
    const exited = once(child, 'exit');
    const start = performance.now();
    child.kill('SIGTERM');
    await exited;
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(await outcome).toBe('cut');
  });

  it('ends when its parent is gone', async () => {
    const child = spawn(process.execPath, [PROGRAM], {
      env: { ...process.env, DATA_DIR: dataDir, PORT: '0' },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const [ready] = await once(child, 'message');
    expect(ready).toEqual({ ready: true, port: expect.any(Number) });
    const exited = once(child, 'exit');
    child.disconnect();
    expect(await exited).toEqual([0, null]);
  });
});
