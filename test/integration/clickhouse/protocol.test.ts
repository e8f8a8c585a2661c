import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { createClient } from '@clickhouse/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { QUIET, startTestClickHouse, type TestClickHouse } from '../../support/clickhouse.ts';

const PASSWORD = "p'w\\:1";
let server: TestClickHouse;

beforeAll(async () => {
  server = await startTestClickHouse({ password: PASSWORD });
});
afterAll(() => server.stop());
beforeEach(() =>
  server.client.command({ query: 'CREATE OR REPLACE TABLE t (a UInt32, b String) ENGINE = MergeTree ORDER BY a' }),
);

const HEADERS = { 'x-clickhouse-user': 'default', 'x-clickhouse-key': PASSWORD };

async function ask(
  query: Record<string, string>,
  init: {
    readonly method?: string;
    readonly body?: string | Uint8Array<ArrayBuffer>;
    readonly headers?: Record<string, string>;
  } = {},
) {
  const response = await fetch(`${server.url}/?${new URLSearchParams(query).toString()}`, {
    method: 'POST',
    ...init,
    headers: { ...HEADERS, ...init.headers },
  });
  return {
    status: response.status,
    code: response.headers.get('x-clickhouse-exception-code'),
    headers: response.headers,
    text: await response.text(),
  };
}
const countOf = async (): Promise<string> => (await ask({ query: 'SELECT count() FROM t' })).text.trim();

describe('the answers', () => {
  it('carry the headers of a server', async () => {
    const { headers, text } = await ask({ query: 'SELECT 1 AS x FORMAT JSONCompact', query_id: 'mine' });
    expect(JSON.parse(text)).toMatchObject({ data: [[1]] });
    expect(headers.get('x-clickhouse-query-id')).toBe('mine');
    expect(headers.get('x-clickhouse-format')).toBe('JSONCompact');
    expect(headers.get('x-clickhouse-timezone')).not.toBe('');
    expect(headers.get('content-type')).toContain('application/json');
    expect(JSON.parse(headers.get('x-clickhouse-summary') ?? '')).toMatchObject({ read_rows: '1' });
  });

  it('are tab separated unless another default is asked for', async () => {
    expect((await ask({ query: "SELECT 1, 'a'" })).text).toBe('1\ta\n');
    expect((await ask({ query: "SELECT 1, 'a'", default_format: 'CSV' })).text).toBe('1,"a"\n');
  });

  it('are compressed only on request', async () => {
    const headers = { 'accept-encoding': 'gzip' };
    const raw = (enable: string): Promise<Buffer> =>
      new Promise((resolve, reject) => {
        const chunks: Buffer[] = [];
        const { port } = new URL(server.url);
        const socket = connect(Number(port), '127.0.0.1', () =>
          socket.write(
            `GET /?query=SELECT+1&user=default&password=${encodeURIComponent(PASSWORD)}&enable_http_compression=${enable} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ${headers['accept-encoding']}\r\nConnection: close\r\n\r\n`,
          ),
        );
        socket.on('data', (chunk) => chunks.push(chunk));
        socket.once('error', reject).once('close', () => resolve(Buffer.concat(chunks)));
      });
    const bodyOf = (answer: Buffer): Buffer => answer.subarray(answer.indexOf('\r\n\r\n') + 4);
    const packed = await raw('1');
    expect(packed.toString('latin1')).toContain('Content-Encoding: gzip');
    expect(gunzipSync(bodyOf(packed)).toString()).toBe('1\n');
    expect(bodyOf(await raw('0')).toString()).toBe('1\n');
  });
});

describe('access', () => {
  it('is refused with 516 for a wrong password, by whatever way it comes', async () => {
    const wrong = createClient({ url: server.url, password: 'wrong', log: QUIET });
    await expect(wrong.command({ query: 'SELECT 1' })).rejects.toMatchObject({
      code: '516',
      type: 'AUTHENTICATION_FAILED',
    });
    await wrong.close();
    const url = `${server.url}/?query=SELECT+1`;
    expect((await fetch(url)).status).toBe(403);
    expect((await fetch(url, { headers: { authorization: `Basic ${btoa('default:no')}` } })).status).toBe(403);
    expect((await fetch(url, { headers: { authorization: `Basic ${btoa(`default:${PASSWORD}`)}` } })).status).toBe(200);
    expect((await fetch(`${url}&user=default&password=${encodeURIComponent(PASSWORD)}`)).status).toBe(200);
    expect((await fetch(`${url}&user=default&password=no`)).status).toBe(403);
  });

  it('is not needed to see that the server is alive', async () => {
    expect(await (await fetch(`${server.url}/ping`)).text()).toBe('Ok.\n');
    expect(await (await fetch(`${server.url}/`)).text()).toBe('Ok.\n');
    expect((await fetch(`${server.url}/play`)).status).toBe(404);
  });
});

describe('errors', () => {
  it.each([
    ['an unknown table', { query: 'SELECT * FROM nosuch' }, '60', 404],
    ['an insert into an unknown table', { query: 'INSERT INTO nosuch FORMAT JSONEachRow' }, '60', 404],
    ['an unknown database', { query: 'SELECT 1', database: 'nosuch' }, '81', 404],
    ['an unknown setting', { query: 'SELECT 1', nosuch: '1' }, '115', 404],
    ['a setting that is SQL', { query: 'SELECT 1', 'max_threads = 1; DROP TABLE t; SET x': '1' }, '115', 404],
    ['a syntax error', { query: 'SELEC 1' }, '62', 400],
    ['two statements', { query: 'SELECT 1; DROP TABLE t' }, '62', 400],
    ['no statement', { query: ' ' }, '62', 400],
    [
      'a query over its time',
      { query: 'SELECT sleep(1)', max_execution_time: '0.1', function_sleep_max_microseconds_per_block: '5000000' },
      '159',
      408,
    ],
    [
      'a query over its memory',
      { query: 'SELECT groupArray(number) FROM numbers(1000000)', max_memory_usage: '1000000' },
      '241',
      500,
    ],
    ['native compression', { query: 'SELECT 1', compress: '1' }, '48', 501],
  ])('name %s by code, status and type', async (_, query, code, status) => {
    const answer = await ask(query);
    expect(answer).toMatchObject({ code, status });
    expect(answer.text).toMatch(
      new RegExp(`^Code: ${code}\\. DB::Exception: [^]+ \\([A-Z_]+\\) \\(version [\\d.]+\\)\n$`),
    );
  });

  it('reach the client as code and type: a batch over its memory is 241 and leaves no row', async () => {
    const values = Array.from({ length: 50_000 }, (_, a) => ({ a, b: 'x'.repeat(100) }));
    const insert = server.client.insert({
      table: 't',
      values,
      format: 'JSONEachRow',
      clickhouse_settings: { max_memory_usage: '1000000' },
    });
    await expect(insert).rejects.toMatchObject({ code: '241', type: 'MEMORY_LIMIT_EXCEEDED' });
    expect(await countOf()).toBe('0');
  });

  it('name the bad row but not the file the rows were in, and no row of the batch is there', async () => {
    const { status, code, text } = await ask(
      { query: 'INSERT INTO t FORMAT JSONEachRow' },
      { body: '{"a":1}\n{"a":"no"}\n' },
    );
    expect({ status, code }).toEqual({ status: 400, code: '27' });
    expect(text).toContain('(at row 2)');
    expect(text).not.toContain('rows-');
    expect(text).not.toContain(server.dataDir);
    expect(await countOf()).toBe('0');
  });

  it('meet every GET that would change something', async () => {
    const answer = await fetch(`${server.url}/?query=DROP+TABLE+t`, { headers: HEADERS });
    expect(answer.headers.get('x-clickhouse-exception-code')).toBe('164');
    const insert = await fetch(
      `${server.url}/?query=${encodeURIComponent("INSERT INTO t VALUES (1, '')")}&readonly=0`,
      { headers: HEADERS },
    );
    expect(insert.headers.get('x-clickhouse-exception-code')).toBe('164');
    expect(await countOf()).toBe('0');
  });
});

describe('the rows of an insert', () => {
  const ROWS = Buffer.from('{"a":1,"b":"x"}\n\n\n{"a":2,"b":"; DROP TABLE t;"}\n');

  it('survive empty lines, in the body alone or behind the statement', async () => {
    await ask({ query: 'INSERT INTO t FORMAT JSONEachRow' }, { body: ROWS });
    await ask({}, { body: Buffer.concat([Buffer.from('INSERT INTO t FORMAT JSONEachRow\n'), ROWS]) });
    await ask({ query: 'INSERT INTO t SETTINGS async_insert = 0 FORMAT JSONEachRow {"a":3}' }, { body: ROWS });
    expect((await ask({ query: 'SELECT a, count() FROM t GROUP BY a ORDER BY a' })).text).toBe('1\t3\n2\t3\n3\t1\n');
  });

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)('are all there with %s, and none if it is cut short', async (encoding, compress) => {
    const packed = compress(ROWS);
    const query = { query: 'INSERT INTO t FORMAT JSONEachRow' };
    const cut = await ask(query, {
      body: Buffer.from(packed.subarray(0, -3)),
      headers: { 'content-encoding': encoding },
    });
    expect(cut).toMatchObject({ code: '354', status: 500 });
    expect(await countOf()).toBe('0');
    expect((await ask(query, { body: Buffer.from(packed), headers: { 'content-encoding': encoding } })).status).toBe(
      200,
    );
    expect(await countOf()).toBe('2');
  });

  it('are not there if the client went away in the middle, and neither is a file', async () => {
    const { port } = new URL(server.url);
    const path = `/?query=${encodeURIComponent('INSERT INTO t FORMAT JSONEachRow')}&user=default&password=${encodeURIComponent(PASSWORD)}`;
    const row = '{"a":1}\n';
    for (const head of ['Transfer-Encoding: chunked\r\n\r\n8\r\n', 'Content-Length: 1000\r\n\r\n']) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), '127.0.0.1', () => {
          socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\n${head}${row}`, () => socket.end());
        });
        socket.once('close', () => resolve()).resume();
      });
    }
    await vi.waitFor(async () => expect(await readdir(join(server.dataDir, 'http_uploads'))).toEqual([]), {
      timeout: 10_000,
    });
    expect(await countOf()).toBe('0');
  });

  it('leave the connection usable when they are refused unread', async () => {
    const large = Buffer.alloc(5_000_000, '{"a":1}\n');
    expect((await ask({ query: 'INSERT INTO t FORMAT JSONEachRow', compress: '1' }, { body: large })).code).toBe('48');
    expect((await ask({ query: 'SELECT 1' })).text).toBe('1\n');
  });
});
