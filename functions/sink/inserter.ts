import type { TableName } from '../../core/contract/names.ts';
import { BACKOFF_POLICIES } from '../../core/failure/backoff.ts';
import { FAILURE_CLASSES, type FailureClass, obligationOf } from '../../core/failure/classes.ts';
import type { Failure } from '../../core/failure/failure.ts';
import { type Clock, retry, RetryError } from '../../core/failure/retry.ts';
import type { EventLog, FieldsOf } from '../../core/logging/event-log.ts';
import { whatFailed } from '../../core/logging/what-failed.ts';
import type { Reject } from '../../core/tape/rows.ts';
import { TABLE_COLUMNS } from '../../core/tape/tables.ts';
import type { InsertRequest } from './clickhouse.ts';
import { type EncodedRow, formatOf, tokenOf } from './table-rows.ts';

export interface Inserts {
  insert(request: InsertRequest): Promise<{ readonly elapsedMs: number }>;
}

export interface InserterPorts {
  readonly clickhouse: Inserts;
  readonly log: EventLog;
  readonly clock: Clock;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
}

export interface InsertBounds {
  readonly attempts: number;
  /** One attempt, milliseconds. */
  readonly timeoutMs: number;
}

/** Half of max_insert_block_size (1,048,449 rows): up to there an insert is one block, which is in whole or not at all. */
export const INSERT_MAX_ROWS = 500_000;
/** Inserts of one batch that may be refused for what is in them; more is no bad row but a bad table, and the batch is held. */
export const REFUSALS_MAX = 500;
const ALWAYS_NEEDED: readonly TableName[] = ['rejects', 'blocks'];
/** Single rows that are too large while none has passed: then the limit is too small, not the rows too large. */
const TOO_LARGE_ALONE_MAX = 8;
/** What a smaller insert does not run into: what was too large once is not tried at that size again in this batch. */
const TOO_LARGE: readonly FailureClass[] = ['memory_query', 'size'];

/** An insert that was given up in this invocation. */
export class TableFailure extends Error {
  readonly table: TableName;
  readonly failure: Failure;

  constructor(table: TableName, failure: Failure, cause: unknown) {
    super(`rows of ${table} are not known to be inserted: ${failure.class}: ${failure.reason}`, { cause });
    this.name = 'TableFailure';
    this.table = table;
    this.failure = failure;
  }
}

/** How the rows of one table fare. */
interface Outcome {
  passed: boolean;
  /** Of single rows. */
  readonly tooLarge: RetryError[];
}

/** Why an insert is not in. */
interface NotIn {
  readonly error: RetryError;
  /** An attempt before the last may have been done: the bytes may be in all the same, and only the same bytes may follow. */
  readonly mayBeIn: boolean;
}

/** What every line about a batch says of it. */
export interface BatchNamed {
  readonly aws_request_id: string;
  /** Of its first block; undefined: it has none. */
  readonly block_id: string | undefined;
}

/** One batch's inserts: the same bytes under the same token until they are in, smaller only where that is certain to be safe. */
export class Inserter {
  readonly #ports: InserterPorts;
  readonly #bounds: InsertBounds;
  readonly #batch: BatchNamed;
  /** Milliseconds of the clock at which this invocation must have answered. */
  readonly #deadline: number;
  /** The most rows that may pass in one insert, as far as this batch has learned. */
  readonly #fits = new Map<TableName, number>();
  #refusals = 0;
  /** Rows that ClickHouse refused for what they are. */
  readonly rejects: Reject[] = [];
  /** To be told when `rejects` is in: before that, a batch that is given up comes again whole. */
  readonly #dropped: FieldsOf<'insert_dropped'>[] = [];

  constructor(ports: InserterPorts, bounds: InsertBounds, batch: BatchNamed, deadline: number) {
    this.#ports = ports;
    this.#bounds = bounds;
    this.#batch = batch;
    this.#deadline = deadline;
  }

  /** Inserts the rows; rows that ClickHouse refuses for what they are go to `rejects`. Throws TableFailure. */
  async insert(table: TableName, rows: readonly EncodedRow[]): Promise<void> {
    const outcome: Outcome = { passed: false, tooLarge: [] };
    await this.#insert(table, rows, outcome);
    const [first] = outcome.tooLarge;
    if (first !== undefined && !outcome.passed) this.#giveUp(table, rows, first);
    if (table === 'rejects') for (const fields of this.#dropped.splice(0)) this.#ports.log('insert_dropped', fields);
  }

  async #insert(table: TableName, rows: readonly EncodedRow[], outcome: Outcome): Promise<void> {
    if (rows.length === 0) return;
    if (rows.length > (this.#fits.get(table) ?? INSERT_MAX_ROWS)) {
      await this.#insertHalves(table, rows, outcome);
      return;
    }
    const notIn = await this.#attempt(table, rows);
    if (notIn === undefined) {
      outcome.passed = true;
      return;
    }
    const { failure } = notIn.error;
    const { split, row } = obligationOf(failure.class);
    // The rows that say what was set aside, and that all is in, cannot be set aside themselves.
    const mayGo = row && !ALWAYS_NEEDED.includes(table);
    const mayBeCut = rows.length > 1 && (split !== 'no' || row);
    if (notIn.mayBeIn || !(mayGo || mayBeCut) || this.#refusals++ >= REFUSALS_MAX)
      this.#giveUp(table, rows, notIn.error);
    const isTooLarge = TOO_LARGE.includes(failure.class);
    if (rows.length === 1) {
      if (isTooLarge) outcome.tooLarge.push(notIn.error);
      if (!outcome.passed && outcome.tooLarge.length >= TOO_LARGE_ALONE_MAX) this.#giveUp(table, rows, notIn.error);
      this.#setAside(table, rows[0]!, failure);
      return;
    }
    const named = row ? rows[(failure.row ?? 0) - 1] : undefined;
    if (named !== undefined) {
      await this.#insertApart(table, rows, named, outcome);
      return;
    }
    if (isTooLarge) this.#fits.set(table, Math.ceil(rows.length / 2));
    const what = whatFailed(failure);
    this.#ports.log('insert_split', { ...this.#batch, table, rows: rows.length, ...what });
    await this.#insertHalves(table, rows, outcome);
  }

  async #attempt(table: TableName, rows: readonly EncodedRow[]): Promise<NotIn | undefined> {
    const { clickhouse, log, clock, random } = this.#ports;
    const payload = Buffer.concat(rows.map(({ bytes }) => bytes));
    const request = {
      table,
      columns: TABLE_COLUMNS[table],
      format: formatOf(table),
      payload,
      token: tokenOf(table, payload),
    };
    const startedAt = clock.now();
    const about = { ...this.#batch, table, rows: rows.length };
    let made = 1;
    let mayBeIn = false;
    try {
      await retry(
        ({ attempt, remainingMs }) => {
          made = attempt;
          return clickhouse.insert({ ...request, timeoutMs: Math.min(this.#bounds.timeoutMs, remainingMs) });
        },
        {
          task: `insert into ${table}`,
          attempts: this.#bounds.attempts,
          budgetMs: this.#deadline - startedAt,
          policyOf: patienceFor,
          clock,
          random,
          onRetry: ({ attempt, failure, waitMs }) => {
            mayBeIn ||= FAILURE_CLASSES[failure.class].ambiguous;
            log('insert_retry', { ...about, attempt, backoff_ms: waitMs, ...whatFailed(failure) });
          },
        },
      );
    } catch (error) {
      if (error instanceof RetryError) return { error, mayBeIn };
      throw error;
    }
    const duration_ms = Math.round(clock.now() - startedAt);
    log('insert_done', { ...about, bytes: payload.length, attempt: made, duration_ms });
    return undefined;
  }

  async #insertHalves(table: TableName, rows: readonly EncodedRow[], outcome: Outcome): Promise<void> {
    const half = Math.ceil(rows.length / 2);
    await this.#insert(table, rows.slice(0, half), outcome);
    await this.#insert(table, rows.slice(half), outcome);
  }

  /** The row that the server named goes alone, so that it is set aside only if it fails by itself. */
  async #insertApart(
    table: TableName,
    rows: readonly EncodedRow[],
    named: EncodedRow,
    outcome: Outcome,
  ): Promise<void> {
    const others = rows.filter((row) => row !== named);
    await this.#insert(table, others, outcome);
    await this.#insert(table, [named], outcome);
  }

  #setAside(table: TableName, row: EncodedRow, failure: Failure): void {
    const { block_id, session_id, frame_no, recv_ts, raw } = row.source;
    const reason = 'refused_by_clickhouse';
    this.rejects.push({ block_id, session_id, frame_no, recv_ts, raw, table, reason, detail: failure.reason });
    const what = whatFailed(failure);
    this.#dropped.push({ ...this.#batch, block_id, table, rows: 1, reason, ...what });
  }

  #giveUp(table: TableName, rows: readonly EncodedRow[], error: RetryError): never {
    const what = whatFailed(error.failure);
    const { attempts } = error;
    this.#ports.log('insert_failed', { ...this.#batch, table, rows: rows.length, attempts, ...what });
    throw new TableFailure(table, error.failure, error);
  }
}

/** What takes a person to repair is not waited for in an invocation: the event source asks again, and the alarm is out. */
function patienceFor({ class: failureClass }: Failure) {
  const { retry: kind } = FAILURE_CLASSES[failureClass];
  return BACKOFF_POLICIES[kind === 'slow' ? 'no' : kind];
}
