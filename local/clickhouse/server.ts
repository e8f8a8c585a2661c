import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkCredentials } from './credentials.ts';
import { Engine } from './engine.ts';
import { type ClickHouseFault, fault, faultFrom } from './errors.ts';
import { execute, type Executor } from './execute.ts';
import { isForm, readForm } from './form.ts';
import { parseRequest } from './request.ts';
import { sendAnswer, sendFault, sendText } from './respond.ts';
import { NamedSessions } from './sessions.ts';
import { Uploads } from './uploads.ts';

export interface ClickHouseOptions {
  /** One process at a time may have it. */
  readonly dataDir: string;
  /** 0: any free port. */
  readonly port: number;
  /** Of the user `default`; absent or empty: none is asked for. */
  readonly password?: string;
  /** For rows on their way into the engine; a directory of its own, `<dataDir>/http_uploads` if absent. */
  readonly tempDir?: string;
  /** How long close() waits for queries, milliseconds; 10 s if absent. */
  readonly closeWaitMs?: number;
  /** Called for each request that failed. */
  readonly log?: (entry: FailedRequest) => void;
}

interface FailedRequest {
  readonly event: 'request_failed';
  readonly query_id: string;
  readonly status: number;
  readonly code: number;
  readonly type: string;
  readonly message: string;
}

export interface ClickHouseServer {
  readonly port: number;
  /** `http://127.0.0.1:8123` */
  readonly url: string;
  /** Takes no more requests, waits for those that run (bounded), then closes the engine if it can. */
  close(): Promise<CloseOutcome>;
}

interface CloseOutcome {
  /**
   * Queries that still ran when the time was over. The engine cannot cancel one, and neither it nor the process
   * (`process.exit` joins its threads) can end before they do: if there are any, only SIGKILL ends the process in time.
   */
  readonly stillRunning: number;
}

const HOST = '127.0.0.1';
/** Longer than a client keeps an idle socket (2.5 s in @clickhouse/client): the client must be the one to close it. */
const KEEP_ALIVE_MS = 10_000;
/** A whole request with its body. */
const REQUEST_TIMEOUT_MS = 300_000;
const CLOSE_WAIT_MS = 10_000;
const CLOSE_POLL_MS = 20;
/** A statement may travel in the URL. */
const HEADERS_MAX_BYTES = 1_048_576;

/** ClickHouse's HTTP interface over the engine in this process. Throws if the port or the data directory is taken. */
export async function startClickHouse(options: ClickHouseOptions): Promise<ClickHouseServer> {
  const engine = await Engine.open(options.dataDir);
  try {
    const uploads = await Uploads.open(options.tempDir ?? join(options.dataDir, 'http_uploads'));
    const sessions = new NamedSessions(engine);
    const server = createServer({
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: HEADERS_MAX_BYTES,
    });
    server.on('request', (request, response) => void handle({ engine, sessions, uploads }, options, request, response));
    const port = await listen(server, options.port);
    return {
      port,
      url: `http://${HOST}:${port}`,
      close: () => close(server, sessions, engine, options.closeWaitMs ?? CLOSE_WAIT_MS),
    };
  } catch (error) {
    engine.close();
    throw error;
  }
}

async function handle(
  executor: Executor,
  options: ClickHouseOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { engine } = executor;
  const queryId = randomUUID();
  response.setHeader('X-ClickHouse-Server-Display-Name', 'chdb');
  response.setHeader('X-ClickHouse-Timezone', engine.timezone);
  response.setHeader('X-ClickHouse-Query-Id', queryId);
  try {
    await route(executor, options, request, response, queryId);
  } catch (error) {
    const failure = faultFrom(error);
    options.log?.(logEntry(response, failure));
    sendFault(response, failure, engine.version);
  } finally {
    // What was not read of the body is thrown away, so that the connection stays in step.
    request.resume();
  }
}

async function route(
  executor: Executor,
  { password }: ClickHouseOptions,
  request: IncomingMessage,
  response: ServerResponse,
  newQueryId: string,
): Promise<void> {
  const method = request.method ?? '';
  const url = parseUrl(request.url ?? '/');
  const { headers } = request;
  if (method !== 'GET' && method !== 'POST' && method !== 'HEAD') {
    throw fault('UNSUPPORTED_METHOD', `${method} is not offered here: only GET and POST`);
  }
  const asksForQuery = method === 'POST' || url.search !== '';
  if (url.pathname === '/ping' || url.pathname === '/replicas_status' || (url.pathname === '/' && !asksForQuery)) {
    sendText(response, 200, 'Ok.\n');
    return;
  }
  if (url.pathname !== '/') {
    sendText(response, 404, `There is no handle ${url.pathname}\n`);
    return;
  }
  const encoding = headers['content-encoding'];
  const form = method === 'POST' && isForm(headers['content-type']);
  checkCredentials(
    parseRequest(method, url.searchParams, headers, () => newQueryId),
    password,
  );
  const fields = form ? await readForm(request, encoding, headers['content-type']!) : [];
  const query = parseRequest(method, new URLSearchParams([...url.searchParams, ...fields]), headers, () => newQueryId);
  response.setHeader('X-ClickHouse-Query-Id', query.queryId);
  const answer = await execute(executor, query, form ? Readable.from([]) : request, form ? undefined : encoding);
  await sendAnswer(response, query, answer);
}

function parseUrl(text: string): URL {
  try {
    return new URL(`http://${HOST}${text}`);
  } catch (error) {
    throw fault('BAD_ARGUMENTS', 'The URL cannot be read', error);
  }
}

function logEntry(response: ServerResponse, { status, code, type, message }: ClickHouseFault): FailedRequest {
  return {
    event: 'request_failed',
    query_id: String(response.getHeader('X-ClickHouse-Query-Id')),
    status,
    code,
    type,
    message,
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function close(server: Server, sessions: NamedSessions, engine: Engine, waitMs: number): Promise<CloseOutcome> {
  const connections = { ended: false };
  server.close(() => (connections.ended = true));
  const endAt = performance.now() + waitMs;
  // A query may outlive its connection (the client gave up), an idle connection its last query: both are waited for.
  while ((!connections.ended || engine.running > 0) && performance.now() < endAt) {
    server.closeIdleConnections();
    await sleep(CLOSE_POLL_MS);
  }
  server.closeAllConnections();
  const stillRunning = engine.running;
  if (stillRunning === 0) {
    sessions.close();
    engine.close();
  }
  return { stillRunning };
}
