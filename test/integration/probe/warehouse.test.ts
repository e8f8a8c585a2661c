import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { TABLES } from '../../../core/contract/names.ts';
import { eventLog } from '../../../core/logging/event-log.ts';
import { Secret } from '../../../core/logging/secret.ts';
import { ClickHouse } from '../../../functions/probe/clickhouse.ts';
import { probe } from '../../../functions/probe/probe.ts';
import { arrivals, WINDOW_SEC } from '../../../functions/probe/questions.ts';
import { migrate } from '../../../sql/migrate/migrate.ts';
import { faultsOf, type Line } from '../../support/catalogue.ts';
import { gapClosed, gapMarker, openedMarker, TestTape } from '../../support/blocks.ts';
import { startTestClickHouse, type TestClickHouse } from '../../support/clickhouse.ts';
import { kinesisRecord } from '../../support/kinesis-event.ts';
import { story, WHOLE } from '../sink/story.ts';
import { ALL_WELL, sinkOver, startWarehouse, type TestWarehouse } from '../sink/warehouse.ts';

const TIMEOUT_MS = 10_000;
/** With it still less than TIMEOUT_MS: a bound that is not kept shows. */
const SLACK_MS = 7_000;

let warehouse: TestWarehouse;
const ports: ClickHouse[] = [];

beforeAll(async () => {
  warehouse = await startWarehouse();
});
afterAll(() => warehouse.stop());
afterEach(async () => {
  await Promise.all(ports.splice(0).map((port) => port.close()));
});

interface Look {
  readonly url?: string;
  readonly database?: string;
  readonly password?: string;
  readonly laterSec?: number;
  readonly timeoutMs?: number;
}

/** One probe of the real engine, and its one line, which is as the catalogue has it. */
async function look(from: Look = {}): Promise<Line> {
  const clickhouse = new ClickHouse({
    CLICKHOUSE_URL: from.url ?? warehouse.server.url,
    CLICKHOUSE_DATABASE: from.database ?? 'kalshi',
    CLICKHOUSE_USER: 'default',
    CLICKHOUSE_PASSWORD: new Secret(from.password ?? ''),
  });
  ports.push(clickhouse);
  const lines: Line[] = [];
  const log = eventLog((level, message, fields) =>
    lines.push(JSON.parse(JSON.stringify({ level, message, ...fields })) as Line),
  );
  const now = () => performance.now();
  await probe({ clickhouse, log, now, laterSec: from.laterSec ?? 0 }, from.timeoutMs ?? TIMEOUT_MS);
  expect(lines).toHaveLength(1);
  expect(faultsOf(lines[0]!)).toEqual([]);
  return lines[0]!;
}

const rowsOf = (line: Line) => line['rows_ingested_last_5m'] as Readonly<Record<string, number>>;
const nothing = Object.fromEntries(TABLES.map((table) => [table, 0]));

describe('the heartbeat of the warehouse', () => {
  test('of one in which nothing has ever landed says so', async () => {
    expect(await look()).toMatchObject({
      event: 'warehouse_heartbeat',
      rows_ingested_last_5m: nothing,
      newest_row_age_sec: -1,
      end_to_end_lag_sec: 0,
      gaps_open: 0,
    });
  });

  test('counts exactly the rows that landed, table by table, however often they were delivered', async () => {
    const { records } = story(1);
    const { deliver } = sinkOver(warehouse.port);
    expect(await deliver(records)).toEqual(ALL_WELL);
    expect(await deliver(records)).toEqual(ALL_WELL);
    const line = await look();
    // Both versions of the session and of the hole came; the record that is no block has no block to count it.
    expect(rowsOf(line)).toEqual({ ...WHOLE, sessions: 2, gaps: 2 });
    const there = await warehouse.counts();
    for (const table of ['frames', 'orderbook_deltas', 'orderbook_snapshots', 'trades', 'blocks'] as const)
      expect(rowsOf(line)[table]).toBe(there[table]);
    expect(line['newest_row_age_sec']).toBeLessThan(60);
    // Merges are stopped: every table has a part of its own, and a part for each day where two were landed.
    expect(line['parts']).toBeGreaterThan(TABLES.length);
    expect(line['parts_per_partition_max']).toBeGreaterThan(0);
    expect(line['disk_used_mb']).toBeGreaterThan(0);
    expect(line['disk_free_mb']).toBeGreaterThan(0);
  });

  test('says zero after five minutes, and how long ago the newest block landed', async () => {
    expect(WINDOW_SEC).toBe(300);
    const before = await look({ laterSec: WINDOW_SEC - 60 });
    expect(rowsOf(before)['frames']).toBe(WHOLE.frames);
    const after = await look({ laterSec: WINDOW_SEC + 1 });
    expect(rowsOf(after)).toEqual(nothing);
    expect(after['end_to_end_lag_sec']).toBe(0);
    expect(after['newest_row_age_sec']).toBeGreaterThanOrEqual(WINDOW_SEC + 1);
    expect(after['newest_row_age_sec']).toBeLessThan(WINDOW_SEC + 61);
  });

  test('has the lag of the slowest block, from the socket to the table', async () => {
    const insert = (id: string, lag_sec: number) =>
      warehouse.server.client.command({
        query: `INSERT INTO kalshi.blocks (block_id, session_id, first_recv_ts, landed_at)
                SELECT '${id}', 'lag', t - toIntervalMillisecond(${lag_sec * 1_000}), t FROM (SELECT now64(6, 'UTC') + 3600 AS t)`,
      });
    // An hour ahead: what landed before is out of its window, and it is out of ours.
    await insert('lag:1-1', 1.25);
    await insert('lag:2-2', 42.5);
    await insert('lag:3-3', 0.75);
    expect((await look())['end_to_end_lag_sec']).not.toBe(42.5);
    expect(await look({ laterSec: 3_600 })).toMatchObject({
      end_to_end_lag_sec: 42.5,
      rows_ingested_last_5m: { ...nothing, blocks: 3 },
    });
  });

  test('counts a block that is there twice once', async () => {
    const twice = `INSERT INTO kalshi.blocks (block_id, session_id, first_recv_ts, landed_at, table_rows)
                   SELECT 'twice:1-1', 'twice', t, t, map('frames', 5) FROM (SELECT now64(6, 'UTC') + 7200 AS t)`;
    await warehouse.server.client.command({ query: twice });
    await warehouse.server.client.command({ query: twice });
    const [{ n } = { n: '' }] = await warehouse.rows<{ n: string }>(
      "SELECT count() AS n FROM blocks WHERE session_id = 'twice'",
    );
    expect(n).toBe('2');
    expect(rowsOf(await look({ laterSec: 7_200 }))).toEqual({ ...nothing, frames: 5, blocks: 1 });
  });

  test('counts holes that are open, until they are closed or the connection is made anew', async () => {
    const recorder_id = 'recorder-holes';
    const dying = new TestTape({ session_id: '20261123T110000000-holes1', recorder_id });
    const { deliver } = sinkOver(warehouse.port);
    const land = async (tape: TestTape, n: number) =>
      expect(await deliver([kinesisRecord(5_000 + n, tape.cut().record)])).toEqual(ALL_WELL);
    const [a, b] = [gapMarker('holes:g1'), gapMarker('holes:g2')];
    dying.marker(openedMarker());
    dying.marker(a);
    dying.marker(b);
    await land(dying, 0);
    expect((await look())['gaps_open']).toBe(2);
    dying.marker(gapClosed(a, a.from_ts + 1));
    await land(dying, 1);
    expect((await look())['gaps_open']).toBe(1);
    const next = new TestTape({ session_id: '20261123T120000000-holes2', recorder_id });
    next.marker(openedMarker());
    await land(next, 2);
    expect((await look())['gaps_open']).toBe(0);
  });

  test('reads a few granules of a warehouse that is full of older blocks', async () => {
    await warehouse.server.client.command({
      query: `INSERT INTO kalshi.blocks (block_id, session_id, first_frame_no, landed_at)
              SELECT toString(number), 'old', number, now64(6, 'UTC') - toIntervalSecond(2000000 - number) - 86400 FROM numbers(1000000)`,
    });
    const plan = await warehouse.rows<{ explain: string }>(`EXPLAIN indexes = 1 ${arrivals().sql}`);
    const text = plan.map(({ explain }) => explain).join('\n');
    const skip = text.slice(text.indexOf('landed_at_range'));
    const [, read, all] = /Granules: (\d+)\/(\d+)/.exec(skip) ?? [];
    expect(Number(all)).toBeGreaterThan(900);
    expect(Number(read)).toBeLessThan(20);
    expect((await look())['event']).toBe('warehouse_heartbeat');
  });
});

describe('a probe that fails', () => {
  test('because nobody listens says connection_refused', async () => {
    const server = await listening(createServer());
    const { port } = server.address() as AddressInfo;
    await closed(server);
    expect(await look({ url: `http://127.0.0.1:${port}` })).toMatchObject({
      event: 'probe_failed',
      category: 'connection_refused',
    });
  });

  test('because the server hangs says timeout, within its time', async () => {
    const server = await listening(createServer(() => undefined));
    const startedAt = performance.now();
    const line = await look({ url: urlOf(server), timeoutMs: 500 });
    expect(line).toMatchObject({ event: 'probe_failed', category: 'timeout' });
    expect(performance.now() - startedAt).toBeLessThan(500 + SLACK_MS);
    await closed(server);
  });

  test('because there is no such database, no such table or no such column says schema', async () => {
    expect(await look({ database: 'nowhere' })).toMatchObject({ event: 'probe_failed', category: 'schema' });
    const { client } = warehouse.server;
    await client.command({ query: 'CREATE DATABASE IF NOT EXISTS empty_one' });
    expect(await look({ database: 'empty_one' })).toMatchObject({ category: 'schema', clickhouse_code: 60 });
  });

  test('because the password is wrong says auth, and not the password', async () => {
    const locked: TestClickHouse = await startTestClickHouse({ password: 'the right one' });
    try {
      const line = await look({ url: locked.url, password: 'a wrong one' });
      expect(line).toMatchObject({ event: 'probe_failed', category: 'auth', clickhouse_code: 516 });
      expect(JSON.stringify(line)).not.toContain('wrong one');
      const directory = fileURLToPath(new URL('../../../sql', import.meta.url));
      const target = { variant: 'mergetree', database: 'kalshi' } as const;
      await migrate({ client: locked.client, directory, log: () => undefined, ...target });
      expect(await look({ url: locked.url, password: 'the right one' })).toMatchObject({
        event: 'warehouse_heartbeat',
      });
    } finally {
      await locked.stop();
    }
  });
});

describe('a user who may not read the system tables', () => {
  /** The local engine knows one user only: what such a user is refused is refused on the way. */
  const refusing = (word: string) =>
    listening(
      createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const body = Buffer.concat(chunks);
          if (body.toString().includes(word)) {
            response.writeHead(403, { 'X-ClickHouse-Exception-Code': '497' });
            response.end('Code: 497. DB::Exception: probe: Not enough privileges. (ACCESS_DENIED)');
            return;
          }
          void fetch(`${warehouse.server.url}${request.url ?? ''}`, { method: 'POST', body })
            .then(async (answer) => response.writeHead(answer.status).end(await answer.text()))
            .catch(() => response.destroy());
        });
      }),
    );

  test('is told -1 for them, and the rest all the same', async () => {
    const server = await refusing('system.');
    const line = await look({ url: urlOf(server) });
    expect(line).toMatchObject({
      event: 'warehouse_heartbeat',
      ...{ parts: -1, parts_per_partition_max: -1, disk_used_mb: -1, disk_free_mb: -1 },
    });
    expect(rowsOf(line)['frames']).toBeGreaterThan(0);
    await closed(server);
  });

  test('is told of the parts where only the disks are hidden', async () => {
    const server = await refusing('system.disks');
    const line = await look({ url: urlOf(server) });
    expect(line['disk_free_mb']).toBe(-1);
    expect(line['parts']).toBeGreaterThan(0);
    await closed(server);
  });
});

async function listening(server: Server): Promise<Server> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
