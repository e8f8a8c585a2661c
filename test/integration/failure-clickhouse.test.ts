import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '../../core/logging/secret.ts';
import type { Failure } from '../../core/failure/failure.ts';
import { ClickHouse, InsertError, type InsertRequest, QueryError } from '../../functions/sink/clickhouse.ts';
import { startTestClickHouse, type TestClickHouse } from '../support/clickhouse.ts';

const PASSWORD = 'right';
const ROWS = 50_000;
/** Enough for 1,000 rows of 250 bytes and too little for 10,000 (measured with chdb 3.4.0 by this test's own insert). */
const SMALL_MEMORY = 4_000_000;

let server: TestClickHouse;
let clickhouse: ClickHouse;

const connect = (query = '', password = PASSWORD, database = 'default') =>
  new ClickHouse({
    CLICKHOUSE_URL: `${server.url}/${query}`,
    CLICKHOUSE_DATABASE: database,
    CLICKHOUSE_USER: 'default',
    CLICKHOUSE_PASSWORD: new Secret(password),
  });

const payloadOf = (rows: number, bad?: number) =>
  Buffer.from(
    Array.from({ length: rows }, (_, i) => `["M-${i % 2_000}",${i},"${i + 1 === bad ? 'x' : '0.500000'}"]\n`).join(''),
  );

const insertOf = (more: Partial<InsertRequest> = {}): InsertRequest => ({
  table: 'deltas',
  columns: ['ticker', 'n', 'price'],
  format: 'JSONCompactEachRow',
  payload: payloadOf(1_000),
  token: randomUUID(),
  timeoutMs: 30_000,
  ...more,
});

async function failureOf(port: ClickHouse, more: Partial<InsertRequest>): Promise<Failure> {
  const error: unknown = await port.insert(insertOf(more)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InsertError);
  return (error as InsertError).failure;
}

const rowsIn = async (table: string): Promise<number> => {
  const [row] = await clickhouse.query<{ n: string }>('SELECT count() AS n FROM {table:Identifier}', { table });
  return Number(row?.n);
};

const recreate = async (table: string, columns: string, key: string): Promise<void> => {
  await server.client.command({ query: `DROP TABLE IF EXISTS ${table}` });
  await server.client.command({
    query: `CREATE TABLE ${table} (${columns}) ENGINE = MergeTree ${key} SETTINGS non_replicated_deduplication_window = 100`,
  });
};

beforeAll(async () => {
  server = await startTestClickHouse({ password: PASSWORD });
  clickhouse = connect();
  await recreate('deltas', 'ticker LowCardinality(String), n UInt64, price Decimal(9,6)', 'ORDER BY (ticker, n)');
});

afterAll(async () => {
  await clickhouse.close();
  await server.stop();
});

describe('the real engine', () => {
  test('takes an insert whole', async () => {
    await recreate('whole', 'ticker String, n UInt64, price Decimal(9,6)', 'ORDER BY n');
    await clickhouse.insert(insertOf({ table: 'whole', payload: payloadOf(ROWS) }));
    expect(await rowsIn('whole')).toBe(ROWS);
  });

  test('takes RowBinary', async () => {
    await recreate('binary', 'a UInt8, b String', 'ORDER BY a');
    const payload = Buffer.from([1, 3, 0x61, 0x0a, 0x0a, 2, 0]);
    await clickhouse.insert(insertOf({ table: 'binary', columns: ['a', 'b'], format: 'RowBinary', payload }));
    expect(await clickhouse.query('SELECT a, b FROM binary ORDER BY a')).toEqual([
      { a: 1, b: 'a\n\n' },
      { a: 2, b: '' },
    ]);
  });

  test('refuses a large insert for its memory, and takes it in halves', async () => {
    await recreate('halves', 'n UInt64, raw String', 'ORDER BY n');
    const small = connect(`?ch_max_memory_usage=${SMALL_MEMORY}`);
    const failures: Failure[] = [];
    const insertInHalves = async (from: number, to: number): Promise<void> => {
      const rows = Array.from({ length: to - from }, (_, i) => `[${from + i},"${'x'.repeat(250)}"]\n`);
      const more = { table: 'halves', columns: ['n', 'raw'], payload: Buffer.from(rows.join('')) };
      const error: unknown = await small.insert(insertOf(more)).catch((thrown: unknown) => thrown);
      if (!(error instanceof InsertError)) return;
      failures.push(error.failure);
      expect(to - from, 'a single row is refused too').toBeGreaterThan(1);
      const middle = Math.floor((from + to) / 2);
      await insertInHalves(from, middle);
      await insertInHalves(middle, to);
    };
    await insertInHalves(0, ROWS);
    await small.close();
    expect(failures.length).toBeGreaterThan(0);
    expect(failures[0]).toMatchObject({ category: 'memory_limit', clickhouseCode: 241, memoryScope: 'query' });
    expect(new Set(failures.map((failure) => failure.class))).toEqual(new Set(['memory_query']));
    expect(await rowsIn('halves')).toBe(ROWS);
  });

  test('refuses a wrong password', async () => {
    const stranger = connect('', 'wrong');
    expect(await failureOf(stranger, {})).toMatchObject({ class: 'auth', clickhouseCode: 516, httpStatus: 403 });
    await expect(stranger.ping()).rejects.toMatchObject({ failure: { class: 'auth' } });
    await stranger.close();
    await clickhouse.ping();
  });

  test.each([
    [60, 'a table', { table: 'nowhere' }],
    [16, 'a column', { columns: ['ticker', 'n', 'cost'] }],
  ])('misses (%i) %s', async (clickhouseCode, _, more) => {
    expect(await failureOf(clickhouse, more)).toMatchObject({ class: 'schema', category: 'schema', clickhouseCode });
  });

  test('misses a database', async () => {
    const lost = connect('', PASSWORD, 'nowhere');
    expect(await failureOf(lost, {})).toMatchObject({ class: 'schema', clickhouseCode: 81, httpStatus: 404 });
    await lost.close();
  });

  test.each([1, 777, ROWS])('names bad row %i and stores none', async (bad) => {
    await recreate('strict', 'ticker String, n UInt64, price Decimal(9,6)', 'ORDER BY n');
    const failure = await failureOf(clickhouse, { table: 'strict', payload: payloadOf(ROWS, bad) });
    expect(failure).toMatchObject({ class: 'data', category: 'data', row: bad });
    expect(await rowsIn('strict')).toBe(0);
  });

  test('names no row for a violated constraint', async () => {
    await recreate(
      'bounded',
      'ticker String, n UInt64, price Decimal(9,6), CONSTRAINT small CHECK n < 100',
      'ORDER BY n',
    );
    const failure = await failureOf(clickhouse, { table: 'bounded' });
    expect(failure).toMatchObject({ class: 'data', clickhouseCode: 469 });
    expect(failure).not.toHaveProperty('row');
  });

  test('refuses too many partitions, which is not too many parts', async () => {
    await recreate('scattered', 'ticker String, n UInt64, price Decimal(9,6)', 'ORDER BY n PARTITION BY n');
    expect(await failureOf(clickhouse, { table: 'scattered' })).toMatchObject({
      class: 'too_many_partitions',
      clickhouseCode: 252,
    });
  });

  test('refuses more parts than it may have', async () => {
    await server.client.command({
      query: `CREATE TABLE crowded (ticker String, n UInt64, price Decimal(9,6)) ENGINE = MergeTree ORDER BY n
        SETTINGS parts_to_throw_insert = 2, parts_to_delay_insert = 1000, max_parts_to_merge_at_once = 0`,
    });
    await server.client.command({ query: 'SYSTEM STOP MERGES crowded' });
    for (let part = 0; part < 2; part += 1)
      await clickhouse.insert(insertOf({ table: 'crowded', payload: payloadOf(10) }));
    expect(await failureOf(clickhouse, { table: 'crowded' })).toMatchObject({
      class: 'too_many_parts',
      category: 'too_many_parts',
      clickhouseCode: 252,
    });
  });

  test('drops the same bytes under the same token, and takes them under another', async () => {
    await recreate('once', 'ticker String, n UInt64, price Decimal(9,6)', 'ORDER BY n');
    const token = randomUUID();
    for (let i = 0; i < 3; i += 1) await clickhouse.insert(insertOf({ table: 'once', token }));
    expect(await rowsIn('once')).toBe(1_000);
    await clickhouse.insert(insertOf({ table: 'once' }));
    expect(await rowsIn('once')).toBe(2_000);
  });

  test('gives up by itself before we do', async () => {
    const error: unknown = await clickhouse
      .query('SELECT sleepEachRow(0.1) FROM numbers(80) SETTINGS max_block_size = 1', {}, { timeoutMs: 6_000 })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ failure: { class: 'timeout', clickhouseCode: 159 } });
  });
});

test('a server that is killed under a query is an ambiguous failure, then a refused connection', async () => {
  const victim = await startTestClickHouse();
  const port = new ClickHouse({
    CLICKHOUSE_URL: victim.url,
    CLICKHOUSE_DATABASE: 'default',
    CLICKHOUSE_USER: 'default',
    CLICKHOUSE_PASSWORD: new Secret(''),
  });
  const slow = port
    .query('SELECT sleepEachRow(0.1) FROM numbers(100) SETTINGS max_block_size = 1')
    .catch((thrown: unknown) => thrown);
  setTimeout(() => void victim.kill(), 300);
  expect(await slow).toMatchObject({ failure: { class: 'connection_lost' } });
  await expect(port.ping()).rejects.toMatchObject({ failure: { class: 'connection_refused' } });
  await port.close();
  await rm(victim.dataDir, { recursive: true, force: true });
});
