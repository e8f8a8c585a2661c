import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClickHouseClient } from '@clickhouse/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BookFold, bookAt } from '../../support/books.ts';
import { startTestClickHouse } from '../../support/clickhouse.ts';
import { npmStart } from '../../support/npm-start.ts';
import { writeRecordedSession } from '../../support/recorded-session.ts';

const RECORDED = fileURLToPath(new URL('../../../../shared/kalshi/replay', import.meta.url));
const RANDOM_TIMES = 20;
/** Three quarters of it are longer than the streamer waits for an answer where it does not know that none comes. */
const ODD_RUN_SECONDS = 17;

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

  test('of more tickers than a variable holds, with odd ones and a seq left out, is one session to its end', async () => {
    const file = join(dir, 'odd.jsonl');
    const raws = oddSession();
    await writeFile(file, `\ufeff${raws.map((raw) => JSON.stringify({ recv_ts: 0, raw })).join('\r\n')}`);
    await expectWhole(file, raws, ODD_RUN_SECONDS);
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
  const { code, output } = await npmStart([
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
    expect(await sessionsOf(clickhouse.client)).toMatchObject([{ close_reason: 'shutdown' }]);
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

async function sessionsOf(client: ClickHouseClient): Promise<readonly { readonly close_reason: string }[]> {
  const query = 'SELECT close_reason FROM kalshi.sessions FINAL';
  return (await client.query({ query, format: 'JSONEachRow' })).json();
}

/** Made up here. No recorder's list would hold these tickers; the seq left out is never repaired, as on a damaged tape. */
function oddSession(): readonly string[] {
  const tickers = ['KXA,B', 'KXNUL\0', 'KXE\u2028F', 'KXPLAIN'];
  const frame = (type: string, sid: number, seq: number, msg: object): string =>
    JSON.stringify({ type, sid, seq, msg: { ...msg, ts_ms: 1_764_522_154_000 + seq } });
  const delta = (market_ticker: string, seq: number): string =>
    frame('orderbook_delta', 1, seq, {
      market_ticker,
      market_id: '',
      price_dollars: '0.5000',
      delta_fp: '1.00',
      side: 'yes',
    });
  const trade = (seq: number): string =>
    frame('trade', 2, seq, {
      trade_id: `00000000-0000-4000-8000-${String(seq).padStart(12, '0')}`,
      market_ticker: `KXMVECROSSCATEGORY-S2026-${String(seq).padStart(30, '0')}`,
      yes_price_dollars: '0.4000',
      no_price_dollars: '0.6000',
      count_fp: '1.00',
      taker_side: 'yes',
    });
  return [
    ...tickers.map((market_ticker, index) =>
      frame('orderbook_snapshot', 1, index + 1, { market_ticker, market_id: '' }),
    ),
    ...tickers.map((ticker, index) => delta(ticker, index + 6)),
    ...Array.from({ length: 4_000 }, (_, index) => trade(index + 1)),
    ...tickers.map((ticker, index) => delta(ticker, index + 10)),
  ];
}

function marketsOf(raws: readonly string[]): readonly string[] {
  const books = raws.filter((raw) => raw.includes('"type":"orderbook_'));
  const names = books.map((raw) => (JSON.parse(raw) as { msg: { market_ticker: string } }).msg.market_ticker);
  return [...new Set(names)];
}
