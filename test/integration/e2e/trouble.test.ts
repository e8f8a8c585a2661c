import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { npmStart } from '../../support/npm-start.ts';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'tape-trouble-'));
});
afterEach(() => rm(data, { recursive: true, force: true }));

describe('npm start', () => {
  test('that never had a connection does not end 0, and says so', async () => {
    const port = await usedPort();
    await port.free();
    const exchange = ['--exchange', `ws://127.0.0.1:${port.number}/trade-api/ws/v2`, '--channels', 'trade'];
    const { code, output } = await npmStart([...exchange, '--for', '2', '--data', data, '--clickhouse-port', '0']);
    expect(code, output).toBe(1);
    expect(output).toContain(
      `Nothing was received: no connection to the exchange was ever open, see ${data}/logs/streamer.ndjson`,
    );
  });

  test('that finds its port taken says whose reason it is', async () => {
    const port = await usedPort();
    const { code, output } = await npmStart(['--for', '2', '--data', data, '--clickhouse-port', String(port.number)]);
    await port.free();
    expect(code, output).toBe(1);
    expect(output).toContain('clickhouse ended before it was ready (1)');
    expect(output).toContain(`port ${port.number} is in use`);
  });

  test('that is given no file to replay says what the system says', async () => {
    const { code, output } = await npmStart(['--replay', join(data, 'none.jsonl'), '--data', data]);
    expect(code, output).toBe(1);
    expect(output).toContain('none.jsonl');
    expect(output).toContain('ENOENT');
  });
});

/** A port of this machine that somebody listens on, until it is freed. */
async function usedPort(): Promise<{ readonly number: number; free(): Promise<void> }> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    number: (server.address() as AddressInfo).port,
    free: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
