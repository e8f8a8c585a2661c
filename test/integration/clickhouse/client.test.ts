import { Readable } from 'node:stream';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { QUIET, startTestClickHouse, type TestClickHouse } from '../../support/clickhouse.ts';

let server: TestClickHouse;
let client: ClickHouseClient;

beforeAll(async () => {
  server = await startTestClickHouse();
  client = server.client;
});
afterAll(() => server.stop());
beforeEach(async () => {
  await client.command({
    query:
      'CREATE OR REPLACE TABLE t (a UInt32, b String) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100',
  });
});

const rowsOf = async (query: string, of = client): Promise<unknown[]> =>
  (await of.query({ query, format: 'JSONEachRow' })).json();
const countOf = async (): Promise<number> =>
  Number(((await rowsOf('SELECT count() AS n FROM t')) as { n: string }[])[0]!.n);

describe('the unmodified client', () => {
  it('pings, with and without a query', async () => {
    expect(await client.ping()).toEqual({ success: true });
    expect(await client.ping({ select: true })).toEqual({ success: true });
  });

  it.each([
    ['plain', {}],
    ['gzip both ways', { compression: { request: true, response: true } }],
  ])('inserts and reads rows, %s', async (_, options) => {
    const other = createClient({ url: server.url, log: QUIET, ...options });
    await other.insert({ table: 't', values: [{ a: 1, b: "x'\n\n\\;é" }], format: 'JSONEachRow' });
    await other.insert({ table: 't', columns: ['b', 'a'], values: [['y', 2]], format: 'JSONCompactEachRow' });
    expect(await rowsOf('SELECT * FROM t ORDER BY a', other)).toEqual([
      { a: 1, b: "x'\n\n\\;é" },
      { a: 2, b: 'y' },
    ]);
    await other.close();
  });

  it('streams RowBinary whose bytes hold empty lines and SQL', async () => {
    const text = '\n\n; DROP TABLE t; \n\nSELECT';
    const row = Buffer.concat([Buffer.from([0x0a, 0x0a, 0, 0, text.length]), Buffer.from(text)]);
    const answer = await client.exec({
      query: 'INSERT INTO t FORMAT RowBinary',
      values: Readable.from([row, row.subarray(0, 7), row.subarray(7)]),
    });
    answer.stream.resume();
    expect(answer.summary?.written_rows).toBe('2');
    expect(await rowsOf('SELECT * FROM t')).toEqual([
      { a: 0x0a0a, b: text },
      { a: 0x0a0a, b: text },
    ]);
  });

  it.each([false, true])(
    'binds parameters exactly as they are, in the URL or as a form (%s)',
    async (use_multipart_params) => {
      const result = await client.query({
        query:
          'SELECT {s:String} AS s, {a:Array(String)} AS a, {n:Nullable(UInt8)} AS n, (SELECT count() FROM {t:Identifier}) AS c',
        query_params: { s: "it's \\ \t\n'; DROP", a: ["it's", 'a\\b\tc', '', '\n'], n: null, t: 't' },
        format: 'JSONEachRow',
        use_multipart_params,
      });
      expect(await result.json()).toMatchObject([
        { s: "it's \\ \t\n'; DROP", a: ["it's", 'a\\b\tc', '', '\n'], n: null },
      ]);
    },
  );

  it('may write INSERT … SELECT and INSERT … VALUES inline, with empty lines', async () => {
    await client.command({ query: "INSERT INTO t VALUES (1, 'a'),\n\n(2, {p:String});", query_params: { p: 'b' } });
    await client.command({ query: "INSERT INTO t SELECT number, 'c' FROM numbers(3, 2)" });
    expect(await rowsOf('SELECT a FROM t ORDER BY a')).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }]);
  });

  it('keeps a temporary table in a session and nowhere else', async () => {
    const session = createClient({ url: server.url, session_id: 'one', log: QUIET });
    await session.command({ query: 'CREATE TEMPORARY TABLE mine (a UInt8)' });
    await session.insert({
      table: 'mine',
      values: [{ a: 1 }],
      format: 'JSONEachRow',
      clickhouse_settings: { max_threads: 3 },
    });
    expect(await rowsOf("SELECT a, getSetting('max_threads') != 3 AS reset FROM mine", session)).toEqual([
      { a: 1, reset: 1 },
    ]);
    await expect(rowsOf('SELECT * FROM mine')).rejects.toMatchObject({ code: '60' });

    // One request at a time: of two at once, one is refused.
    const both = await Promise.allSettled([1, 2].map(() => rowsOf('SELECT sleep(0.3)', session)));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: '373' } });
    await session.close();
  });
});

describe('settings', () => {
  it('hold for one request only', async () => {
    const clickhouse_settings = { max_threads: 3, insert_deduplication_token: 'x' };
    const read = "SELECT getSetting('max_threads') AS threads, getSetting('insert_deduplication_token') AS token";
    const set = await client.query({ query: read, clickhouse_settings, format: 'JSONEachRow' });
    expect(await set.json()).toEqual([{ threads: 3, token: 'x' }]);
    expect(await rowsOf(`${read}, 1 AS later`)).not.toEqual([expect.objectContaining({ threads: 3 })]);
    expect(await rowsOf(read)).toEqual([expect.objectContaining({ token: '' })]);
  });

  it('deduplicate by token, and a token swallows nothing that comes after it', async () => {
    const insert = (a: number, insert_deduplication_token?: string) =>
      client.insert({
        table: 't',
        values: [{ a, b: '' }],
        format: 'JSONEachRow',
        clickhouse_settings: insert_deduplication_token === undefined ? {} : { insert_deduplication_token },
      });
    await insert(1, 'token-1');
    await insert(1, 'token-1');
    expect(await countOf()).toBe(1);
    await insert(2);
    await insert(3, 'token-2');
    expect(await countOf()).toBe(3);
  });
});

describe('parallel requests', () => {
  it('run at the same time: eight sleeps of a second take far less than eight', async () => {
    const start = performance.now();
    await Promise.all(Array.from({ length: 8 }, () => rowsOf('SELECT sleep(1)')));
    expect(performance.now() - start).toBeLessThan(6_000);
  });

  it('insert and read side by side without loss', async () => {
    const inserts = Array.from({ length: 20 }, (_, batch) =>
      client.insert({
        table: 't',
        values: Array.from({ length: 500 }, (__, row) => ({ a: batch * 500 + row, b: 'x' })),
        format: 'JSONEachRow',
      }),
    );
    await Promise.all([...inserts, ...Array.from({ length: 10 }, countOf)]);
    expect(await rowsOf('SELECT count() = 10000 AND uniqExact(a) = 10000 AS whole FROM t')).toEqual([{ whole: 1 }]);
  });
});
