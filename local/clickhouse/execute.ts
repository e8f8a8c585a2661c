import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { receiveBody, receiveBuffer, ROWS_MAX_BYTES } from './body.ts';
import { type Engine, type EngineJob, type EngineResult, quoteString } from './engine.ts';
import { fault, faultFrom } from './errors.ts';
import type { QueryRequest } from './request.ts';
import type { NamedSessions } from './sessions.ts';
import { recognise, type Statement } from './statement.ts';
import { Uploads } from './uploads.ts';

export interface Executor {
  readonly engine: Engine;
  readonly sessions: NamedSessions;
  readonly uploads: Uploads;
}

export interface Answer {
  readonly result: EngineResult;
  /** Of the bytes; undefined where there are none. */
  readonly format: string | undefined;
  readonly kind: Statement['kind'];
}

/** The longest statement that may stand before its rows in one body: the server's max_query_size. */
const STATEMENT_HEAD_BYTES = 262_144;

type InsertData = Extract<Statement, { kind: 'insert_data' }>;

/**
 * Runs what URL and body say together. Rows of an INSERT never travel inside the SQL text: the engine ends inline data
 * at an empty line and would run the rest as SQL. They go through a file, byte for byte. Throws ClickHouseFault.
 */
export async function execute(
  executor: Executor,
  request: QueryRequest,
  body: Readable,
  encoding: string | undefined,
): Promise<Answer> {
  if (request.sql.trim() !== '') {
    const statement = recognise(request.sql);
    if (statement.kind === 'insert_data') {
      const inUrl = request.sql.slice(statement.dataAt);
      const prefix = Buffer.from(inUrl.trim() === '' ? '' : `${inUrl}\n`);
      return insertRows(executor, request, statement, (path) =>
        receiveBody(body, encoding, ROWS_MAX_BYTES, () => Uploads.writeTo(path, prefix)),
      );
    }
  }
  const received = await receiveBuffer(body, encoding);
  const whole = request.sql.trim() === '' ? received : Buffer.concat([Buffer.from(`${request.sql}\n`), received]);
  const head = new TextDecoder().decode(whole.subarray(0, STATEMENT_HEAD_BYTES), { stream: true });
  const statement = recognise(head);
  if (statement.kind === 'insert_data') {
    const rows = whole.subarray(byteOffset(whole, head, statement.dataAt));
    return insertRows(executor, request, statement, (path) => write(path, rows));
  }
  const sql = whole.toString();
  return runStatement(executor, request, sql, whole.length > STATEMENT_HEAD_BYTES ? recognise(sql) : statement);
}

async function insertRows(
  executor: Executor,
  request: QueryRequest,
  { head, settings, format }: InsertData,
  receive: (path: string) => Promise<void>,
): Promise<Answer> {
  return executor.uploads.withFile(async (path) => {
    await receive(path);
    const sql = `${head} FROM INFILE ${quoteString(path)} COMPRESSION 'none' ${settings} FORMAT ${format}`;
    try {
      return { result: await run(executor, request, sql), format: undefined, kind: 'insert_data' };
    } catch (error) {
      throw faultFrom(error, path);
    }
  });
}

async function runStatement(
  executor: Executor,
  request: QueryRequest,
  sql: string,
  statement: Statement,
): Promise<Answer> {
  try {
    const result = await run(executor, request, sql);
    const outputFormat = statement.kind === 'other' ? statement.outputFormat : undefined;
    return {
      result,
      format: result.bytes.length === 0 ? undefined : (outputFormat ?? request.defaultFormat),
      kind: 'other',
    };
  } catch (error) {
    throw faultFrom(error);
  }
}

async function run({ engine, sessions }: Executor, request: QueryRequest, sql: string): Promise<EngineResult> {
  const { defaultFormat: format, database, parameters, settings, readOnly } = request;
  const job: EngineJob = { sql, format, database, parameters, settings, readOnly };
  if (request.session === undefined) return engine.run(job);
  return sessions.use(request.session, (session) => engine.runInSession(session, job));
}

async function write(path: string, rows: Uint8Array): Promise<void> {
  await pipeline([rows], await Uploads.writeTo(path, Buffer.alloc(0)));
}

/** Characters before `at` as bytes; only true if they were valid UTF-8, which is checked. */
function byteOffset(whole: Buffer, text: string, at: number): number {
  const bytes = Buffer.from(text.slice(0, at));
  if (!bytes.equals(whole.subarray(0, bytes.length))) throw fault('SYNTAX_ERROR', 'The statement is not valid UTF-8');
  return bytes.length;
}
