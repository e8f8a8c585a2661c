import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClickHouseClient } from '@clickhouse/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BookFold, bookAt } from '../../support/books.ts';
import { startTestClickHouse } from '../../support/clickhouse.ts';
import { writeRecordedSession } from '../../support/recorded-session.ts';

const START = fileURLToPath(new URL('../../../local/start.ts', import.meta.url));
const RECORDED = fileURLToPath(new URL('../../../../shared/kalshi/replay', import.meta.url));
const RANDOM_TIMES = 20;

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tape-replay-'));
});

afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

describe('a replayed session', () => {
  test('is in ClickHouse frame for frame and book for book, and the run ends 0', async () => {
    const file = join(dir, 'session.jsonl');
    const raws = await writeRecordedSession(file, { seed: 7, markets: 3, deltas: 3_000 });
    await expectWhole(file, raws, 6);
  });

  const recorded = existsSync(RECORDED) ? globSync('*.jsonl', { cwd: RECORDED }) : [];
  if (recorded.length === 0) test.skip('recorded sessions are not here: ../shared/kalshi/replay', () => undefined);
  test.each(recorded)('recorded by others is recorded by us: %s', async (name) => {
    const file = join(RECORDED, name);
    const raws = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { raw: string }).raw);
    await expectWhole(file, raws, 6);
  });
});

async function expectWhole(file: string, raws: readonly string[], seconds: number): Promise<void> {
  const data = join(dir, basename(file, '.jsonl'));
  const { code, output } = await run([
    '--replay',
    file,
    '--for',
    String(seconds),
    '--data',
    data,
    '--clickhouse-port',
    '0',
  ]);
  expect(code, output).toBe(0);
  expect(output).toContain('exactly once');

  const clickhouse = await startTestClickHouse({ dataDir: join(data, 'clickhouse') });
  try {
    const frames = await framesOf(clickhouse.client);
    expect(frames.map(({ raw }) => raw)).toEqual(raws);
    expect(frames.map(({ frame_no }) => Number(frame_no))).toEqual(raws.map((_, index) => index + 1));
    for (const market of marketsOf(raws)) await expectBooks(clickhouse.client, market, frames);
  } finally {
    await clickhouse.stop();
  }
}

/** The book at the end and after random frames: book_at against a fold of the file. */
async function expectBooks(client: ClickHouseClient, market: string, frames: readonly StoredFrame[]): Promise<void> {
  const at = new Set([frames.length - 1]);
  for (let i = 0; i < RANDOM_TIMES; i++) at.add(Math.floor((i + 0.5) * (frames.length / RANDOM_TIMES)));
  const fold = new BookFold(market);
  for (const [index, { raw, recv_ts }] of frames.entries()) {
    fold.take(raw);
    if (at.has(index)) expect(await bookAt(client, market, recv_ts), `${market} at ${recv_ts}`).toEqual(fold.book());
  }
}

interface StoredFrame {
  readonly raw: string;
  readonly frame_no: string;
  readonly recv_ts: string;
}

async function framesOf(client: ClickHouseClient): Promise<readonly StoredFrame[]> {
  const query = 'SELECT raw, frame_no, toString(recv_ts) AS recv_ts FROM kalshi.frames ORDER BY session_id, frame_no';
  return (await client.query({ query, format: 'JSONEachRow' })).json<StoredFrame>();
}

function marketsOf(raws: readonly string[]): readonly string[] {
  return [...new Set(raws.flatMap((raw) => /"market_ticker":"([^"]+)"/.exec(raw)?.[1] ?? []))];
}

async function run(args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [START, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}
