import { TABLE_COLUMNS } from '../../core/tape/tables.ts';
import type { TableName } from '../../core/contract/names.ts';
import { FAILURE_CLASSES } from '../../core/failure/classes.ts';
import type { Failure } from '../../core/failure/failure.ts';
import { type Clock, retry, RetryError } from '../../core/failure/retry.ts';
import type { EventLog } from '../../core/logging/event-log.ts';
import { whatFailed } from '../../core/logging/what-failed.ts';
import type { Reject } from '../../core/tape/rows.ts';
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

/** Rows set aside per table and batch; more than this is no bad row but a bad table, and the batch is held. */
const ISOLATE_MAX_ROWS = 100;

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

/** One batch's inserts: the same bytes under the same token until they are in, smaller only where that is certain to be safe. */
export class Inserter {
  readonly #ports: InserterPorts;
  readonly #bounds: InsertBounds;
  readonly #requestId: string;
  /** Milliseconds of the clock at which this invocation must have answered. */
  readonly #deadline: number;
  readonly rejects: Reject[] = [];

  constructor(ports: InserterPorts, bounds: InsertBounds, requestId: string, deadline: number) {
    this.#ports = ports;
    this.#bounds = bounds;
    this.#requestId = requestId;
    this.#deadline = deadline;
  }

  /** Inserts the rows; rows that ClickHouse refuses for what they are go to `rejects`. Throws TableFailure. */
  async insert(table: TableName, rows: readonly EncodedRow[]): Promise<void> {
    if (rows.length === 0) return;
    const failed = await this.#attempt(table, rows);
    if (failed === undefined) return;
    const { failure } = failed;
    const { split, row } = FAILURE_CLASSES[failure.class];
    if (row && failure.row !== undefined && rows[failure.row - 1] !== undefined) {
      this.#setAside(table, rows[failure.row - 1]!, failed);
      return this.insert(
        table,
        rows.filter((_, index) => index !== failure.row! - 1),
      );
    }
    if (rows.length > 1 && (split !== 'no' || row)) return this.#insertHalves(table, rows, failure);
    if (row) return this.#setAside(table, rows[0]!, failed);
    this.#giveUp(table, rows, failed);
  }

  async #attempt(table: TableName, rows: readonly EncodedRow[]): Promise<RetryError | undefined> {
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
    const about = { aws_request_id: this.#requestId, table, rows: rows.length };
    try {
      let made = 1;
      await retry(
        ({ attempt, remainingMs }) => {
          made = attempt;
          return clickhouse.insert({ ...request, timeoutMs: Math.min(this.#bounds.timeoutMs, remainingMs) });
        },
        {
          task: `insert into ${table}`,
          attempts: this.#bounds.attempts,
          budgetMs: this.#deadline - startedAt,
          clock,
          random,
          onRetry: ({ attempt, failure, waitMs }) =>
            log('insert_retry', { ...about, attempt, backoff_ms: waitMs, ...whatFailed(failure) }),
        },
      );
      const duration_ms = Math.round(clock.now() - startedAt);
      log('insert_ok', { ...about, bytes: payload.length, attempt: made, duration_ms });
      return undefined;
    } catch (error) {
      if (error instanceof RetryError) return error;
      throw error;
    }
  }

  async #insertHalves(table: TableName, rows: readonly EncodedRow[], failure: Failure): Promise<void> {
    const what = whatFailed(failure);
    this.#ports.log('insert_split', { aws_request_id: this.#requestId, table, rows: rows.length, ...what });
    const half = Math.ceil(rows.length / 2);
    await this.insert(table, rows.slice(0, half));
    await this.insert(table, rows.slice(half));
  }

  #setAside(table: TableName, row: EncodedRow, failed: RetryError): void {
    if (this.rejects.length >= ISOLATE_MAX_ROWS) this.#giveUp(table, [row], failed);
    const { block_id, session_id, frame_no, recv_ts, raw } = row.source;
    const reason = 'refused_by_clickhouse';
    this.rejects.push({ block_id, session_id, frame_no, recv_ts, raw, table, reason, detail: failed.failure.reason });
    const what = whatFailed(failed.failure);
    this.#ports.log('insert_dropped', { aws_request_id: this.#requestId, table, rows: 1, reason, ...what });
  }

  #giveUp(table: TableName, rows: readonly EncodedRow[], failed: RetryError): never {
    const what = whatFailed(failed.failure);
    const { attempts } = failed;
    this.#ports.log('insert_failed', { aws_request_id: this.#requestId, table, rows: rows.length, attempts, ...what });
    throw new TableFailure(table, failed.failure, failed);
  }
}
