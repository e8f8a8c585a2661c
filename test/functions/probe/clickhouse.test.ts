import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Failure } from '../../../core/failure/failure.ts';
import { Secret } from '../../../core/logging/secret.ts';
import { ClickHouse, UnansweredError } from '../../../functions/probe/clickhouse.ts';
import { startLoopback, startTcp } from '../sink/loopback.ts';

const QUESTION = { sql: 'SELECT 1 AS n', row: z.object({ n: z.coerce.number() }) };
const TIMEOUT_MS = 5_000;
/** What a loaded machine may add to a deadline. */
const SLACK_MS = 4_000;

let port: ClickHouse | undefined;
afterEach(() => port?.close());

const portTo = (to: number): ClickHouse =>
  (port = new ClickHouse({
    CLICKHOUSE_URL: `http://127.0.0.1:${to}`,
    CLICKHOUSE_DATABASE: 'kalshi',
    CLICKHOUSE_USER: 'probe',
    CLICKHOUSE_PASSWORD: new Secret('a-password'),
  }));
const ask = (to: number, timeoutMs = TIMEOUT_MS) =>
  portTo(to).ask(QUESTION, { leftMs: timeoutMs, signal: AbortSignal.timeout(timeoutMs) });

async function failureOfAsking(to: number, timeoutMs?: number): Promise<Failure> {
  const error = await ask(to, timeoutMs).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(UnansweredError);
  return (error as UnansweredError).failure;
}

describe('a question', () => {
  test('goes to its database, as its user, with a time that ends before ours, and brings one row', async () => {
    await using server = await startLoopback((response) => response.end('{"n":"7"}\n'));
    expect(await ask(server.port)).toEqual({ n: 7 });
    const [seen] = server.seen;
    expect(seen?.params).toMatchObject({ database: 'kalshi', max_execution_time: '4.5', wait_end_of_query: '1' });
    expect(seen?.headers.authorization).toBe(`Basic ${Buffer.from('probe:a-password').toString('base64')}`);
    expect(seen?.body).toContain(QUESTION.sql);
  });

  test('fails as connection_refused where nobody listens', async () => {
    const server = await startTcp(() => undefined);
    await server[Symbol.asyncDispose]();
    expect(await failureOfAsking(server.port)).toMatchObject({ class: 'connection_refused' });
  });

  test.each([
    ['never answers', () => undefined],
    ['answers half', (socket: { write: (text: string) => unknown }) => socket.write('HTTP/1.1 200 OK\r\n\r\n{"n":')],
  ])('ends with its time as a timeout where the server %s', async (_, onSocket) => {
    await using server = await startTcp(onSocket);
    const startedAt = performance.now();
    expect(await failureOfAsking(server.port, 300)).toMatchObject({ class: 'timeout', category: 'timeout' });
    expect(performance.now() - startedAt).toBeLessThan(300 + SLACK_MS);
  });

  test('is not asked where the time is up', async () => {
    await using server = await startLoopback((response) => response.end('{"n":1}'));
    const asked = portTo(server.port).ask(QUESTION, { leftMs: 0, signal: AbortSignal.abort() });
    await expect(asked).rejects.toBeInstanceOf(UnansweredError);
    expect(server.seen).toEqual([]);
  });

  test.each([
    ['a wrong password', 403, '516', 'Code: 516. DB::Exception: nobody. (AUTHENTICATION_FAILED)', 'auth'],
    ['a missing table', 404, '60', 'Code: 60. DB::Exception: Unknown table. (UNKNOWN_TABLE)', 'schema'],
    ['an error behind a 200', 200, undefined, '{"n":1}\nCode: 159. DB::Exception: late. (TIMEOUT_EXCEEDED)', 'timeout'],
    ['a proxy without a backend', 502, undefined, '<html>Bad Gateway</html>', 'network'],
    ['a row of another shape', 200, undefined, '{"m":1}', 'schema'],
    ['no row', 200, undefined, '', 'schema'],
    ['an answer that is too long', 200, undefined, `{"n":"${'1'.repeat(100_000)}"}`, 'schema'],
  ])('fails by what the server says: %s', async (_, status, code, body, category) => {
    await using server = await startLoopback((response) => {
      response.writeHead(status, code === undefined ? {} : { 'X-ClickHouse-Exception-Code': code }).end(body);
    });
    expect(await failureOfAsking(server.port)).toMatchObject({ category });
  });
});
