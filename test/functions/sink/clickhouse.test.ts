import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { ClickHouse, InsertError, type InsertRequest, QueryError } from '../../../functions/sink/clickhouse.ts';
import { MESSAGES } from '../../core/failure/facts.ts';
import { type Loopback, optionsFor, type SeenRequest, startLoopback } from './loopback.ts';

const PAYLOAD = Buffer.from('["A",1]\n'.repeat(2_000));
const insertOf = (more: Partial<InsertRequest> = {}): InsertRequest => ({
  table: 'frames',
  columns: ['session_id', 'frame_no'],
  format: 'JSONCompactEachRow',
  payload: PAYLOAD,
  token: 'v1:frames:abc',
  timeoutMs: 5_000,
  ...more,
});

async function withServer(
  answer: (response: ServerResponse, seen: SeenRequest) => void,
  use: (clickhouse: ClickHouse, loopback: Loopback) => Promise<void>,
): Promise<void> {
  await using loopback = await startLoopback(answer);
  const clickhouse = new ClickHouse(optionsFor(`http://127.0.0.1:${loopback.port}`));
  await use(clickhouse, loopback).finally(() => clickhouse.close());
}

const insertErrorOf = (work: Promise<unknown>): Promise<InsertError> =>
  work.then(
    () => expect.fail('the insert was said to have worked'),
    (thrown: unknown) => {
      expect(thrown).toBeInstanceOf(InsertError);
      return thrown as InsertError;
    },
  );

describe('an insert', () => {
  test('arrives as gzip, byte for byte, with its SQL in the URL', () =>
    withServer(
      (response) => response.end(),
      async (clickhouse, { seen }) => {
        const { elapsedMs, queryId } = await clickhouse.insert(insertOf({ columns: ['a`b', 'c'] }));
        expect(elapsedMs).toBeGreaterThan(0);
        const [request] = seen;
        expect(request?.headers['content-encoding']).toBe('gzip');
        expect(request?.raw.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
        expect(request?.raw.length).toBeLessThan(PAYLOAD.length / 10);
        expect(request?.body).toBe(PAYLOAD.toString());
        expect(request?.params['query']).toBe('INSERT INTO `frames` (`a\\`b`, `c`) FORMAT JSONCompactEachRow');
        expect(request?.params['query_id']).toBe(queryId);
        expect(request?.headers.authorization).toBe(`Basic ${Buffer.from('sink:secret').toString('base64')}`);
      },
    ));

  test('says every setting that its safety hangs on, and no other', () =>
    withServer(
      (response) => response.end(),
      async (clickhouse, { seen }) => {
        await clickhouse.insert(insertOf({ timeoutMs: 20_000 }));
        expect({ ...seen[0]?.params, query: '', query_id: '' }).toEqual({
          query: '',
          query_id: '',
          database: 'kalshi',
          async_insert: '0',
          insert_deduplication_token: 'v1:frames:abc',
          deduplicate_blocks_in_dependent_materialized_views: '1',
          date_time_input_format: 'best_effort',
          input_format_skip_unknown_fields: '0',
          wait_end_of_query: '1',
          max_execution_time: '18',
        });
      },
    ));

  test('leaves nothing of one insert’s settings to the next', () =>
    withServer(
      (response) => response.end(),
      async (clickhouse, { seen }) => {
        await clickhouse.insert(insertOf({ token: 'one', timeoutMs: 100_000 }));
        await clickhouse.insert(insertOf({ token: 'two', timeoutMs: 1_000 }));
        expect(seen.map(({ params }) => [params['insert_deduplication_token'], params['max_execution_time']])).toEqual([
          ['one', '98'],
          ['two', '0.9'],
        ]);
      },
    ));

  test('that is refused rejects with class, code and status, and names what was not inserted', () =>
    withServer(
      (response) => response.writeHead(500, { 'X-ClickHouse-Exception-Code': '241' }).end(MESSAGES.memoryQuery),
      async (clickhouse) => {
        const error = await insertErrorOf(clickhouse.insert(insertOf()));
        expect(error.failure).toMatchObject({ class: 'memory_query', clickhouseCode: 241, httpStatus: 500 });
        expect(error).toMatchObject({ table: 'frames', token: 'v1:frames:abc', name: 'InsertError' });
        expect(error.message).toMatch(/^16000 bytes of frames were not inserted: memory_query: /);
      },
    ));

  test.each<readonly [string, string, object]>([
    ['an exception in the body', MESSAGES.badDate, { class: 'data', row: 2, httpStatus: 200 }],
    ['a late exception', `\r\n__exception__\r\ntag\r\n${MESSAGES.memoryTotal}`, { class: 'memory_server' }],
    ['the page of a proxy', '<html>Please log in</html>', { class: 'unavailable', httpStatus: 200 }],
  ])('answered with 200 and %s is a failure', (_, body, expected) =>
    withServer(
      (response) => response.end(body),
      async (clickhouse) => {
        expect((await insertErrorOf(clickhouse.insert(insertOf()))).failure).toMatchObject(expected);
      },
    ),
  );

  test('that was aborted before it began sends nothing', () =>
    withServer(
      (response) => response.end(),
      async (clickhouse, { seen }) => {
        const error = await insertErrorOf(clickhouse.insert(insertOf({ signal: AbortSignal.abort() })));
        expect(error.failure.class).toBe('aborted');
        expect(seen).toEqual([]);
      },
    ));

  test('frees its socket whatever the answer was', () => {
    const bodies = ['', MESSAGES.badDate, 'x'.repeat(100_000)];
    let n = 0;
    return withServer(
      (response) => response.writeHead(n % 3 === 0 ? 200 : 500).end(bodies[n++ % 3]),
      async (clickhouse, { seen, connections }) => {
        for (let i = 0; i < 30; i += 1) await clickhouse.insert(insertOf()).catch(() => undefined);
        expect(seen.length).toBe(30);
        expect(connections().total).toBe(1);
      },
    );
  });

  test('whose answer never ends is cut off, and its socket is not used again', () =>
    withServer(
      (response) => {
        response.writeHead(500);
        const pour = () => {
          while (!response.destroyed && response.write('y'.repeat(65_536)));
        };
        response.on('drain', pour);
        pour();
      },
      async (clickhouse, { connections }) => {
        expect((await insertErrorOf(clickhouse.insert(insertOf()))).failure.class).toBe('unavailable');
        expect((await insertErrorOf(clickhouse.insert(insertOf()))).failure.class).toBe('unavailable');
        expect(connections().total).toBe(2);
      },
    ));

  test('waits for one of four sockets', () =>
    withServer(
      (response) => setImmediate(() => response.end()),
      async (clickhouse, { seen, connections }) => {
        await Promise.all(Array.from({ length: 12 }, () => clickhouse.insert(insertOf())));
        expect(seen.length).toBe(12);
        expect(connections().most).toBe(4);
      },
    ));
});

describe('a query', () => {
  const rows = '{"block_id":"b1","n":"18446744073709551615"}\n{"block_id":"b2","n":"2"}\n';

  test('gives its rows, with 64-bit integers as text, and sends its parameters apart from its SQL', () =>
    withServer(
      (response) => response.end(rows),
      async (clickhouse, { seen }) => {
        const found = await clickhouse.query<{ n: string }>('SELECT … WHERE x IN {ids:Array(String)}', {
          ids: ['b1', "b'2"],
        });
        expect(found.map(({ n }) => n)).toEqual(['18446744073709551615', '2']);
        expect(seen[0]?.body).toBe('SELECT … WHERE x IN {ids:Array(String)}\nFORMAT JSONEachRow');
        expect(seen[0]?.params).toMatchObject({
          param_ids: "['b1','b\\'2']",
          output_format_json_quote_64bit_integers: '1',
          wait_end_of_query: '1',
          database: 'kalshi',
        });
      },
    ));

  test('that fails in its midst gives no rows', () =>
    withServer(
      (response) => response.end(`${rows}${MESSAGES.memoryTotal}`),
      async (clickhouse) => {
        await expect(clickhouse.query('SELECT 1')).rejects.toMatchObject({ failure: { class: 'memory_server' } });
      },
    ));

  test('whose rows are not what was expected is a matter of the schema', () =>
    withServer(
      (response) => response.end(rows),
      async (clickhouse) => {
        const rowOf = (): never => {
          throw new TypeError('no such column');
        };
        const error: unknown = await clickhouse.query('SELECT 1', {}, { rowOf }).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(QueryError);
        expect(error).toMatchObject({ failure: { class: 'schema' } });
      },
    ));

  test('ping asks with credentials', () =>
    withServer(
      (response, { headers }) => response.writeHead(headers.authorization === undefined ? 401 : 200).end('{"1":1}\n'),
      async (clickhouse) => {
        await clickhouse.ping();
      },
    ));
});
