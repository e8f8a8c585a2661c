import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { randomUUID } from 'node:crypto';
import { addAbortSignal, Readable } from 'node:stream';
import type { SinkEnv } from '../../core/contract/sink-env.ts';
import { FAILURE_CLASSES } from '../../core/failure/classes.ts';
import { classifyResponse, type ClickHouseResponse } from '../../core/failure/classify-response.ts';
import { classify } from '../../core/failure/classify.ts';
import { type Failure, failureOf } from '../../core/failure/failure.ts';

/** Sockets to ClickHouse at a time; more requests wait, and their waiting counts against their timeout. */
const MAX_OPEN_CONNECTIONS = 4;
/** Below the server's keep-alive (3 s before 23.11, 10 s since), or a reused socket is reset under our insert. */
const IDLE_SOCKET_TTL_MS = 2_500;
/** Level 1 sends 160,000 rows a second, the default level 123,000: measured on two cores with JSON rows over loopback. */
const GZIP_LEVEL = 1;
/** The client's own timeout counts silence only, so each request has a deadline of ours; this one never comes first. */
const CLIENT_TIMEOUT_MS = 600_000;
const QUESTION_TIMEOUT_MS = 20_000;
/** The most that is read of an answer: to an insert (which has nothing to say but its failure), and to a query. */
const INSERT_ANSWER_MAX_BYTES = 262_144;
const QUERY_ANSWER_MAX_BYTES = 64 * 1_048_576;

export type ClickHouseOptions = Pick<
  SinkEnv,
  'CLICKHOUSE_URL' | 'CLICKHOUSE_DATABASE' | 'CLICKHOUSE_USER' | 'CLICKHOUSE_PASSWORD'
>;

export interface InsertRequest {
  readonly table: string;
  readonly columns: readonly string[];
  readonly format: 'JSONCompactEachRow' | 'RowBinary';
  readonly payload: Buffer;
  /** Unique per content: the server drops different bytes under the same token without a word. */
  readonly token: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface QueryOptions<T> {
  readonly rowOf?: (row: unknown) => T;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** The insert was not done, or is not known to be done if `failure` is of an ambiguous class. */
export class InsertError extends Error {
  readonly failure: Failure;
  readonly table: string;
  readonly token: string;
  readonly queryId: string;

  constructor(
    insert: { table: string; token: string; payload: Buffer },
    queryId: string,
    failure: Failure,
    cause?: unknown,
  ) {
    const not = FAILURE_CLASSES[failure.class].ambiguous ? 'are not known to be inserted' : 'were not inserted';
    super(`${insert.payload.length} bytes of ${insert.table} ${not}: ${failure.class}: ${failure.reason}`, { cause });
    this.name = 'InsertError';
    this.failure = failure;
    this.table = insert.table;
    this.token = insert.token;
    this.queryId = queryId;
  }
}

/** The query was not answered; nothing was changed by it. */
export class QueryError extends Error {
  readonly failure: Failure;
  readonly queryId: string;

  constructor(queryId: string, failure: Failure, cause?: unknown) {
    super(`query was not answered: ${failure.class}: ${failure.reason}`, { cause });
    this.name = 'QueryError';
    this.failure = failure;
    this.queryId = queryId;
  }
}

/** The sink's port to ClickHouse over HTTP(S). Retries nothing: see core/failure/retry.ts. */
export class ClickHouse {
  readonly #client;
  readonly #questionTimeoutMs: number;

  /** `questionTimeoutMs`: for a query that names no time of its own. */
  constructor(options: ClickHouseOptions, questionTimeoutMs = QUESTION_TIMEOUT_MS) {
    this.#questionTimeoutMs = questionTimeoutMs;
    this.#client = createClient({
      url: options.CLICKHOUSE_URL,
      database: options.CLICKHOUSE_DATABASE,
      username: options.CLICKHOUSE_USER,
      password: options.CLICKHOUSE_PASSWORD.reveal(),
      application: 'kalshi-tape',
      request_timeout: CLIENT_TIMEOUT_MS,
      max_open_connections: MAX_OPEN_CONNECTIONS,
      // A frozen Lambda's timers do not run: sockets that died meanwhile are sorted out by age before each request.
      keep_alive: { enabled: true, idle_socket_ttl: IDLE_SOCKET_TTL_MS, eagerly_destroy_stale_sockets: true },
      // Gzip is also what makes a body that was cut off an error, never half an insert (ClickHouse issues 9666, 34725).
      compression: { request: { codec: 'gzip', level: GZIP_LEVEL }, response: false },
      log: { level: ClickHouseLogLevel.OFF },
    });
  }

  /** One insert, one attempt. Rejects with InsertError; the same bytes and token may then be offered again. */
  async insert(request: InsertRequest): Promise<{ readonly elapsedMs: number; readonly queryId: string }> {
    const { table, columns, format, payload, token, timeoutMs, signal } = request;
    const queryId = randomUUID();
    const startedAt = performance.now();
    const exchange: Exchange = {
      query: `INSERT INTO ${quoted(table)} (${columns.map(quoted).join(', ')}) FORMAT ${format}`,
      values: Readable.from([payload]),
      queryId,
      settings: {
        async_insert: 0,
        insert_deduplication_token: token,
        deduplicate_blocks_in_dependent_materialized_views: 1,
        date_time_input_format: 'best_effort',
        input_format_skip_unknown_fields: 0,
      },
      timeoutMs,
      signal,
      answerMaxBytes: INSERT_ANSWER_MAX_BYTES,
    };
    const answer = await this.#exchange(exchange).catch((cause: unknown) => {
      throw new InsertError(request, queryId, classify(cause), cause);
    });
    const failure = classifyResponse(answer) ?? strangerIn(answer);
    if (failure !== undefined) throw new InsertError(request, queryId, failure);
    return { elapsedMs: performance.now() - startedAt, queryId };
  }

  /**
   * The rows of a SELECT, all of them in memory; parameters are `{name: Type}` in the SQL. 64-bit integers come as text.
   * Without `rowOf` the rows are taken to be what the caller says. Rejects with QueryError.
   */
  async query<T>(
    sql: string,
    params: Readonly<Record<string, unknown>> = {},
    options: QueryOptions<T> = {},
  ): Promise<T[]> {
    const { rowOf = (row: unknown) => row as T, timeoutMs = this.#questionTimeoutMs, signal } = options;
    const queryId = randomUUID();
    const settings = { output_format_json_quote_64bit_integers: 1 } as const;
    const query = `${sql}\nFORMAT JSONEachRow`;
    const exchange = { query, params, queryId, settings, timeoutMs, signal, answerMaxBytes: QUERY_ANSWER_MAX_BYTES };
    const answer = await this.#exchange(exchange).catch((cause: unknown) => {
      throw new QueryError(queryId, classify(cause), cause);
    });
    const failure = classifyResponse(answer) ?? (answer.cut ? failureOf('size', 'the answer is too long') : undefined);
    if (failure !== undefined) throw new QueryError(queryId, failure);
    try {
      return answer.body.split('\n').flatMap((line) => (line === '' ? [] : [rowOf(JSON.parse(line))]));
    } catch (cause) {
      throw new QueryError(queryId, failureOf('schema', `a row is not what was expected: ${String(cause)}`), cause);
    }
  }

  /** Asks the server for 1, so that credentials are checked too (`/ping` does not). Rejects with QueryError. */
  async ping(timeoutMs = this.#questionTimeoutMs): Promise<void> {
    await this.query('SELECT 1', {}, { timeoutMs });
  }

  /** Closes every socket; requests under way fail. */
  async close(): Promise<void> {
    await this.#client.close();
  }

  /** One request with its answer read to the end. Status and headers are kept, which `client.insert` would drop. */
  async #exchange({
    query,
    values,
    params,
    queryId,
    settings,
    timeoutMs,
    signal,
    answerMaxBytes,
  }: Exchange): Promise<Answer> {
    const deadline = deadlineOf(timeoutMs, signal);
    try {
      deadline.signal.throwIfAborted();
      const { stream, http_status_code, response_headers } = await this.#client.exec({
        query,
        ...(values === undefined ? {} : { values }),
        ...(params === undefined ? {} : { query_params: { ...params } }),
        query_id: queryId,
        clickhouse_settings: { ...settings, wait_end_of_query: 1, max_execution_time: serverSeconds(timeoutMs) },
        abort_signal: deadline.signal,
        ignore_error_response: true,
        decompress_response_stream: false,
      });
      const { body, cut } = await readBody(stream, deadline.signal, answerMaxBytes);
      return { status: http_status_code ?? 0, headers: response_headers, body, cut };
    } catch (error) {
      // The client says `The user aborted a request.` for both; only the deadline knows which it was.
      throw deadline.signal.aborted ? deadline.signal.reason : error;
    } finally {
      deadline.release();
    }
  }
}

interface Exchange {
  readonly query: string;
  readonly values?: Readable;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly queryId: string;
  readonly settings: Readonly<Record<string, string | 0 | 1>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly answerMaxBytes: number;
}

interface Answer extends ClickHouseResponse {
  /** The body was longer than allowed and is not complete. */
  readonly cut: boolean;
}

function quoted(identifier: string): string {
  return `\`${identifier.replace(/[\\`]/g, '\\$&')}\``;
}

/** The server gives up a tenth, at most 2 s, before us: its answer 159 is worth more than our silence. */
function serverSeconds(timeoutMs: number): number {
  return Math.max(1, Math.round(timeoutMs - Math.min(timeoutMs / 10, 2_000))) / 1_000;
}

/** ClickHouse has nothing to say to a good insert; whoever says something with a 200 is a proxy and stored nothing. */
function strangerIn({ status, body }: Answer): Failure | undefined {
  if (body.trim() === '') return undefined;
  return failureOf('unavailable', `unexpected answer to an insert: ${body}`, { httpStatus: status });
}

/** A signal that aborts with a TimeoutError after the time, or with an AbortError when the caller's signal does. */
function deadlineOf(timeoutMs: number, signal: AbortSignal | undefined) {
  const controller = new AbortController();
  const stop = (name: 'TimeoutError' | 'AbortError', message: string) => {
    controller.abort(Object.assign(new Error(message, { cause: signal?.reason }), { name }));
  };
  const onAbort = () => stop('AbortError', 'the request was aborted by its caller');
  const timer = setTimeout(() => stop('TimeoutError', `no complete answer within ${timeoutMs} ms`), timeoutMs);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  const release = () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  };
  return { signal: controller.signal, release };
}

/** Reads to the end, so that the socket is free again; a body beyond the limit is dropped together with its socket. */
async function readBody(
  stream: Readable,
  signal: AbortSignal,
  maxBytes: number,
): Promise<{ body: string; cut: boolean }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of addAbortSignal(signal, stream) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) break;
    chunks.push(chunk);
  }
  return { body: Buffer.concat(chunks).toString(), cut: bytes > maxBytes };
}
