import { createServer as createTlsServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Failure } from '../../core/failure/failure.ts';
import { retry } from '../../core/failure/retry.ts';
import { ClickHouse, InsertError, type InsertRequest } from '../../functions/sink/clickhouse.ts';
import { optionsFor, startLoopback, startTcp } from '../functions/sink/loopback.ts';

const insertOf = (more: Partial<InsertRequest> = {}): InsertRequest => ({
  table: 'frames',
  columns: ['raw'],
  format: 'JSONCompactEachRow',
  payload: Buffer.from('["{}"]\n'.repeat(1_000)),
  token: 't1',
  timeoutMs: 5_000,
  ...more,
});

async function failureAt(url: string, more: Partial<InsertRequest> = {}): Promise<Failure> {
  const clickhouse = new ClickHouse(optionsFor(url));
  try {
    await clickhouse.insert(insertOf(more));
  } catch (error) {
    if (error instanceof InsertError) return error.failure;
    throw error;
  } finally {
    await clickhouse.close();
  }
  return expect.fail('the insert was said to have worked');
}

async function closedPort(): Promise<number> {
  await using server = await startTcp(() => undefined);
  return server.port;
}

describe('no server', () => {
  test('a closed port is connection_refused', async () => {
    const failure = await failureAt(`http://127.0.0.1:${await closedPort()}`);
    expect(failure).toMatchObject({
      class: 'connection_refused',
      category: 'connection_refused',
      nodeCode: 'ECONNREFUSED',
    });
  });

  test('a closed port on both address families is connection_refused', async () => {
    const failure = await failureAt(`http://localhost:${await closedPort()}`);
    expect(failure).toMatchObject({ class: 'connection_refused' });
  });

  test('a name that cannot be resolved is dns_resolution', async () => {
    const failure = await failureAt('http://clickhouse.invalid:8123');
    expect(failure).toMatchObject({ class: 'dns', category: 'dns_resolution' });
  });
});

describe('a server that does not answer', () => {
  test('to anything is a timeout, in time', async () => {
    await using server = await startTcp(() => undefined);
    const startedAt = performance.now();
    const failure = await failureAt(`http://127.0.0.1:${server.port}`, { timeoutMs: 300 });
    expect(failure).toMatchObject({ class: 'timeout', category: 'timeout' });
    expect(performance.now() - startedAt).toBeLessThan(4_500);
  });

  test('beyond its headers is a timeout', async () => {
    await using server = await startLoopback((response) => response.writeHead(200).flushHeaders());
    expect(await failureAt(`http://127.0.0.1:${server.port}`, { timeoutMs: 300 })).toMatchObject({ class: 'timeout' });
  });

  test('but drips is a timeout: silence is not what counts', async () => {
    await using server = await startLoopback((response) => {
      const drip = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(drip));
    });
    expect(await failureAt(`http://127.0.0.1:${server.port}`, { timeoutMs: 400 })).toMatchObject({ class: 'timeout' });
  });

  test('until its caller aborts is aborted, and the socket is closed', async () => {
    const socketClosed = Promise.withResolvers<undefined>();
    await using server = await startTcp((socket) => socket.on('close', () => socketClosed.resolve(undefined)).resume());
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('shutdown')), 100);
    const failure = await failureAt(`http://127.0.0.1:${server.port}`, { signal: stop.signal });
    expect(failure).toMatchObject({ class: 'aborted' });
    await socketClosed.promise;
  });
});

describe('a broken answer', () => {
  test('a reset before the answer is connection_lost', async () => {
    await using server = await startTcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await failureAt(`http://127.0.0.1:${server.port}`)).toMatchObject({
      class: 'connection_lost',
      category: 'network',
    });
  });

  test('a reset in the midst of a 200 is connection_lost, not a success', async () => {
    await using server = await startTcp((socket) =>
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf', () =>
          setImmediate(() => socket.resetAndDestroy()),
        );
      }),
    );
    expect(await failureAt(`http://127.0.0.1:${server.port}`)).toMatchObject({ class: 'connection_lost' });
  });

  test('a close in the midst of a chunked 200 is connection_lost, not a success', async () => {
    await using server = await startTcp((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')),
    );
    expect(await failureAt(`http://127.0.0.1:${server.port}`)).toMatchObject({ class: 'connection_lost' });
  });

  test('something that is not HTTP is connection_lost', async () => {
    await using server = await startTcp((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.2\r\n')));
    expect(await failureAt(`http://127.0.0.1:${server.port}`)).toMatchObject({ class: 'connection_lost' });
  });

  test('a refusal before the body was read is told by its status', async () => {
    await using server = await startTcp((socket) =>
      socket.once('data', () =>
        socket.end('HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'),
      ),
    );
    const payload = Buffer.alloc(8 * 1_048_576, '["abc"]\n');
    const failure = await failureAt(`http://127.0.0.1:${server.port}`, { payload });
    // The peer may also reset the upload before its answer is read; both are true, and neither loses anything.
    expect(['size', 'connection_lost']).toContain(failure.class);
  });
});

describe('an answer that is none of ClickHouse’s', () => {
  test.each([502, 503, 504, 500])('%i without a body is unavailable', async (status) => {
    await using server = await startLoopback((response) => response.writeHead(status).end());
    const failure = await failureAt(`http://127.0.0.1:${server.port}`);
    expect(failure).toMatchObject({ class: 'unavailable', httpStatus: status });
  });

  test('a raw 500 with ClickHouse’s code and no body is of its code', async () => {
    await using server = await startLoopback((response) =>
      response.writeHead(500, { 'X-ClickHouse-Exception-Code': '252', 'Retry-After': '2' }).end(),
    );
    const failure = await failureAt(`http://127.0.0.1:${server.port}`);
    expect(failure).toMatchObject({
      class: 'too_many_parts',
      clickhouseCode: 252,
      httpStatus: 500,
      retryAfterMs: 2_000,
    });
  });
});

describe('TLS', () => {
  test('https spoken to an http port is a matter of configuration', async () => {
    await using server = await startLoopback((response) => response.end());
    expect(await failureAt(`https://127.0.0.1:${server.port}`)).toMatchObject({ class: 'node_config' });
  });

  test('http spoken to an https port fails as a lost connection', async () => {
    const server = createTlsServer();
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const failure = await failureAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.close();
    expect(failure).toMatchObject({ class: 'connection_lost' });
  });
});

test('a server that comes back gets the same bytes and the same token again', async () => {
  let requests = 0;
  await using server = await startLoopback((response) => {
    requests += 1;
    response.writeHead(requests < 3 ? 503 : 200).end();
  });
  const clickhouse = new ClickHouse(optionsFor(`http://127.0.0.1:${server.port}`));
  const classes: string[] = [];
  await retry(({ remainingMs, signal }) => clickhouse.insert(insertOf({ timeoutMs: remainingMs, signal })), {
    task: 'insert of frames',
    attempts: 4,
    budgetMs: 10_000,
    clock: { now: () => performance.now(), sleep: (ms, signal) => sleep(ms, undefined, { ...(signal && { signal }) }) },
    random: () => 0.1,
    onRetry: ({ failure }) => classes.push(failure.class),
  });
  await clickhouse.close();
  expect(classes).toEqual(['unavailable', 'unavailable']);
  expect(new Set(server.seen.map(({ body }) => body)).size).toBe(1);
  expect(server.seen.map(({ params }) => params['insert_deduplication_token'])).toEqual(['t1', 't1', 't1']);
  expect(new Set(server.seen.map(({ params }) => params['query_id'])).size).toBe(3);
});
