import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { addAbortSignal, type Readable } from 'node:stream';
import type { z } from 'zod';
import type { ProbeEnv } from '../../core/contract/probe-env.ts';
import { classifyResponse } from '../../core/failure/classify-response.ts';
import { classify } from '../../core/failure/classify.ts';
import { type Failure, failureOf } from '../../core/failure/failure.ts';

/** The questions of one probe go out together. */
const MAX_OPEN_CONNECTIONS = 3;
/** The client's own timeout counts silence only, so each question has a deadline; this one never comes first. */
const CLIENT_TIMEOUT_MS = 600_000;
/** The most that is read of an answer: one row. */
const ANSWER_MAX_BYTES = 65_536;
/** The server gives up a tenth before the deadline: its answer 159 is worth more than our silence. */
const SERVER_SHARE = 0.9;

export type ClickHouseOptions = Pick<
  ProbeEnv,
  'CLICKHOUSE_URL' | 'CLICKHOUSE_DATABASE' | 'CLICKHOUSE_USER' | 'CLICKHOUSE_PASSWORD'
>;

/** A SELECT of one row, and how the row is read. */
export interface Question<T> {
  readonly sql: string;
  readonly row: z.ZodType<T>;
}

/** Until when an answer is of use: the signal aborts then, `leftMs` from now. */
export interface Deadline {
  readonly leftMs: number;
  readonly signal: AbortSignal;
}

/** The question was not answered; nothing was changed by it. */
export class UnansweredError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, cause?: unknown) {
    super(`the question was not answered: ${failure.class}: ${failure.reason}`, { cause });
    this.name = 'UnansweredError';
    this.failure = failure;
  }
}

/** The probe's port to ClickHouse over HTTP(S). It only reads, and retries nothing: a minute later it is asked again. */
export class ClickHouse {
  readonly #client;

  constructor(options: ClickHouseOptions) {
    this.#client = createClient({
      url: options.CLICKHOUSE_URL,
      database: options.CLICKHOUSE_DATABASE,
      username: options.CLICKHOUSE_USER,
      password: options.CLICKHOUSE_PASSWORD.reveal(),
      application: 'kalshi-tape-probe',
      request_timeout: CLIENT_TIMEOUT_MS,
      max_open_connections: MAX_OPEN_CONNECTIONS,
      // No server keeps a socket for the minute until it is used again.
      keep_alive: { enabled: false },
      log: { level: ClickHouseLogLevel.OFF },
    });
  }

  /** The one row of the answer. Rejects with UnansweredError, at the deadline at the latest. */
  async ask<T>({ sql, row }: Question<T>, deadline: Deadline): Promise<T> {
    const body = await this.#answerTo(sql, deadline);
    try {
      return row.parse(JSON.parse(body));
    } catch (cause) {
      throw new UnansweredError(failureOf('schema', `the row is not what was expected: ${String(cause)}`), cause);
    }
  }

  /** Closes every socket; questions under way fail. */
  async close(): Promise<void> {
    await this.#client.close();
  }

  async #answerTo(sql: string, { leftMs, signal }: Deadline): Promise<string> {
    try {
      signal.throwIfAborted();
      const { stream, http_status_code, response_headers } = await this.#client.exec({
        query: `${sql}\nFORMAT JSONEachRow`,
        clickhouse_settings: {
          max_execution_time: Math.max(1, Math.round(leftMs * SERVER_SHARE)) / 1_000,
          // Until the end nobody knows whether the status is to be 200.
          wait_end_of_query: 1,
        },
        abort_signal: signal,
        ignore_error_response: true,
        decompress_response_stream: false,
      });
      const body = await readBody(stream, signal);
      const failure = classifyResponse({ status: http_status_code ?? 0, headers: response_headers, body });
      if (failure !== undefined) throw new UnansweredError(failure);
      return body;
    } catch (error) {
      if (error instanceof UnansweredError) throw error;
      // The client says `The user aborted a request.`; the signal knows that it was the deadline.
      const cause: unknown = signal.aborted ? signal.reason : error;
      throw new UnansweredError(classify(cause), cause);
    }
  }
}

/** To the end, so that the socket is free again. What is too long is cut, and then is no JSON. */
async function readBody(stream: Readable, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of addAbortSignal(signal, stream) as AsyncIterable<Buffer>) {
    chunks.push(chunk.subarray(0, ANSWER_MAX_BYTES - bytes));
    bytes += chunk.length;
    if (bytes >= ANSWER_MAX_BYTES) break;
  }
  return Buffer.concat(chunks).toString();
}
