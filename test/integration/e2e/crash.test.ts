import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { parseStartOptions } from '../../../local/options.ts';
import { sourceOf } from '../../../local/source.ts';
import { Stack } from '../../../local/stack.ts';
import { bookAt, type Book } from '../../support/books.ts';
import { QUIET } from '../../support/clickhouse.ts';

const RATE = 1_000;
const WITHIN_MS = 20_000;

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tape-crash-'));
});

afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

test('killing the sink and the streamer, and delivering everything again, leaves counts and books exact and the hole named', async () => {
  let stack = await start();
  let client = clientOf(stack);
  try {
    // The sink dies at any moment of its work, several times over.
    for (let kill = 0; kill < 5; kill++) {
      await sleep(600 + 130 * kill);
      killNow(stack.sink.pid);
    }
    await eventually(async () =>
      expect((await stack.warehouse.landed(stack.watch.sessions)).frames).toBeGreaterThan(2_000),
    );

    // The streamer dies with frames in its hands; the supervisor starts it again, as ECS does.
    killNow(stack.streamer.pid);
    await eventually(async () => expect(await holes(client, 'recorder_crashed')).toHaveLength(1));
    await eventually(async () => expect((await holes(client, 'recorder_crashed'))[0]?.open).toBe(false));
    await sleep(1_000);
    stack.simulator?.tell({ feed: 'pause' });
    await sleep(1_500);
    await stack.drain(WITHIN_MS);

    const [hole] = await holes(client, 'recorder_crashed');
    expect(hole?.markets).toBe(stack.markets.length);
    expect(Number(hole?.from_us)).toBeLessThan(Number(hole?.to_us));
    // What is durable of the dead session reaches up to the hole: nothing between is claimed as whole.
    expect(Number(hole?.from_us)).toBeLessThanOrEqual(await lastReceived(client, hole!.previous_session_id));
    await expectExact(client);
    await expectTruth(stack, client);
  } finally {
    await client.close();
    await stack.stop();
  }

  // A day later the whole stream is delivered once more: the checkpoints are gone.
  await rm(join(dir, 'checkpoints'), { recursive: true });
  stack = await start();
  client = clientOf(stack);
  try {
    const before = await counts(client, stack.watch.sessions);
    stack.simulator?.tell({ feed: 'pause' });
    await stack.drain(WITHIN_MS);
    await expectExact(client);
    expect(stack.duplicatesSkipped).toBeGreaterThan(0);
    expect(await counts(client, stack.watch.sessions)).toEqual(before);
  } finally {
    await client.close();
    await stack.stop();
  }
});

async function start(): Promise<Stack> {
  const options = parseStartOptions(['--rate', String(RATE), '--markets', 'KXA-26-T1,KXB-26-T4615.99,KXC-26']);
  return Stack.start({
    dataDir: dir,
    clickhousePort: 0,
    source: await sourceOf(options, {}),
    onTrouble: () => undefined,
  });
}

function clientOf(stack: Stack): ClickHouseClient {
  return createClient({ url: stack.clickhouseUrl, database: 'kalshi', log: QUIET });
}

function killNow(pid: number | undefined): void {
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
}

interface HoleRow {
  readonly open: boolean;
  readonly markets: number;
  readonly from_us: string;
  readonly to_us: string;
  readonly previous_session_id: string;
}

async function holes(client: ClickHouseClient, cause: string): Promise<readonly HoleRow[]> {
  return rows<HoleRow>(
    client,
    `SELECT isNull(to_ts) = 1 AS open, toUInt32(length(markets)) AS markets, previous_session_id,
            toString(toUnixTimestamp64Micro(from_ts)) AS from_us, toString(toUnixTimestamp64Micro(ifNull(to_ts, from_ts))) AS to_us
       FROM gaps FINAL WHERE cause = '${cause}'`,
  ).then((found) =>
    found.map((hole) => ({ ...hole, open: String(hole.open) === 'true' || String(hole.open) === '1' })),
  );
}

async function lastReceived(client: ClickHouseClient, session: string): Promise<number> {
  const [row] = await rows<{ last: string }>(
    client,
    `SELECT toString(toUnixTimestamp64Micro(max(last_recv_ts))) AS last FROM blocks WHERE session_id = '${session}'`,
  );
  return Number(row?.last);
}

/** Every frame once and none missing between a session's first and last; every row of every table once, without FINAL. */
async function expectExact(client: ClickHouseClient): Promise<void> {
  const sessions = await rows<{ frames: string; distinct: string; last: string }>(
    client,
    `SELECT toString(count()) AS frames, toString(uniqExact(frame_no)) AS distinct, toString(max(frame_no)) AS last
       FROM frames GROUP BY session_id`,
  );
  expect(sessions.length).toBeGreaterThan(0);
  for (const { frames, distinct, last } of sessions) expect([distinct, last]).toEqual([frames, frames]);
  for (const [table, key] of ROW_KEYS) {
    const [row] = await rows<{ all: string; distinct: string }>(
      client,
      `SELECT toString(count()) AS all, toString(uniqExact(${key})) AS distinct FROM ${table}`,
    );
    expect(row?.distinct, table).toBe(row?.all);
  }
}

const ROW_KEYS = [
  ['orderbook_deltas', 'session_id, frame_no'],
  ['orderbook_snapshots', 'session_id, frame_no'],
  ['trades', 'session_id, frame_no'],
  ['tickers', 'session_id, frame_no'],
  ['lifecycle', 'session_id, frame_no'],
  ['sessions', 'session_id, row_version'],
  ['gaps', 'gap_id, row_version'],
  ['blocks', 'block_id'],
] as const;

/** The book in the warehouse is the simulator's own. */
async function expectTruth(stack: Stack, client: ClickHouseClient): Promise<void> {
  for (const market of stack.markets) {
    const truth = await stack.simulator?.truth(market);
    const book: Book = new Map([
      ...(truth?.yes ?? []).map(([price, count]) => [`yes ${price}`, count] as const),
      ...(truth?.no ?? []).map(([price, count]) => [`no ${price}`, count] as const),
    ]);
    expect(book.size).toBeGreaterThan(0);
    expect(await bookAt(client, market, '2099-01-01 00:00:00')).toEqual(book);
  }
}

/** Rows of every table, of all sessions but the given. */
async function counts(client: ClickHouseClient, except: readonly string[]): Promise<readonly string[]> {
  const tables = ROW_KEYS.map(([table]) => table).concat();
  const others = except.map((session) => `'${session}'`).join(',') || `''`;
  return Promise.all(
    [...tables, 'frames'].map(async (table) => {
      const [row] = await rows<{ n: string }>(
        client,
        `SELECT toString(count()) AS n FROM ${table} WHERE session_id NOT IN (${others})`,
      );
      return `${table} ${row?.n}`;
    }),
  );
}

async function rows<T>(client: ClickHouseClient, query: string): Promise<T[]> {
  return (await client.query({ query, format: 'JSONEachRow' })).json<T>();
}

async function eventually(check: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(200);
    }
  }
}
