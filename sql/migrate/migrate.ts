import type { ClickHouseClient } from '@clickhouse/client';
import { MigrationError } from './errors.ts';
import { readMigrations } from './files.ts';
import { type LedgerEntry, type PlannedStatement, planMigrations } from './plan.ts';
import { render, type RenderTarget } from './render.ts';

export interface MigrateOptions extends RenderTarget {
  /** Its own database must exist (`default` does): the target database is created by the runner. */
  readonly client: Pick<ClickHouseClient, 'command' | 'insert' | 'query'>;
  /** Where the files `NNN_name.sql` are. */
  readonly directory: string;
  /** Called after each statement that was run. */
  readonly log: (step: MigrationStep) => void;
  /** One statement, one ledger row; milliseconds. */
  readonly timeoutMs?: number;
}

export interface MigrationStep {
  readonly file: string;
  readonly idx: number;
}

export interface MigrationOutcome {
  readonly applied: number;
  readonly skipped: number;
}

/** A DDL statement on a cluster waits for every replica: longer than the server's own distributed_ddl_task_timeout (180 s). */
export const STATEMENT_TIMEOUT_MS = 200_000;

/**
 * Brings a database to the state of the files. Each applied statement is one row of `<database>.migrations`, so a run
 * after a failure goes on where the last one stopped. Every check is made before the first statement runs. Two runners
 * at once do the same twice, which harms nothing because only statements that may be repeated are accepted.
 * Throws MigrationError naming file and statement.
 */
export async function migrate(options: MigrateOptions): Promise<MigrationOutcome> {
  const files = await readMigrations(options.directory);
  // Checked against an empty ledger first: files that can never be applied must not even create a database.
  planMigrations(files, [], options);
  await prepareLedger(options);
  const plan = planMigrations(files, await readLedger(options), options);
  for (const [index, statement] of plan.toRun.entries()) {
    await runStatement(options, statement, index);
    options.log({ file: statement.name, idx: statement.idx });
  }
  return { applied: plan.toRun.length, skipped: plan.skipped };
}

const CREATE_DATABASE = 'CREATE DATABASE IF NOT EXISTS ${DATABASE} ${ON_CLUSTER}';
const CREATE_LEDGER = `CREATE TABLE IF NOT EXISTS \${DATABASE}.migrations \${ON_CLUSTER} (
  version UInt32 COMMENT 'The number of the file',
  idx UInt32 COMMENT 'The statement within the file, from 1',
  name String COMMENT 'The file',
  checksum FixedString(64) COMMENT 'sha256 of the statement before rendering, hex',
  applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = \${REPLICATED}ReplacingMergeTree(applied_at) ORDER BY (version, idx)`;

async function prepareLedger(options: MigrateOptions): Promise<void> {
  try {
    for (const sql of [CREATE_DATABASE, CREATE_LEDGER]) await command(options, render(sql, options));
  } catch (error) {
    throw failed(
      `the database ${options.database} and its ledger could not be made ready; no migration was run`,
      error,
    );
  }
}

async function readLedger({ client, database, timeoutMs }: MigrateOptions): Promise<LedgerEntry[]> {
  try {
    const result = await client.query({
      query: `SELECT version, idx, name, checksum FROM ${database}.migrations FINAL ORDER BY version, idx`,
      format: 'JSONEachRow',
      ...bounded(timeoutMs),
    });
    return await result.json<LedgerEntry>();
  } catch (error) {
    throw failed('the ledger could not be read; no migration was run', error);
  }
}

async function runStatement(options: MigrateOptions, statement: PlannedStatement, done: number): Promise<void> {
  const before = `${done} statement(s) before it were run, those after it were not; run again to go on here`;
  try {
    await command(options, statement.sql);
  } catch (error) {
    throw failed(`${statement.where} failed; ${before}`, error);
  }
  try {
    const { version, idx, name, checksum } = statement;
    await options.client.insert({
      table: `${options.database}.migrations`,
      columns: ['version', 'idx', 'name', 'checksum'],
      values: [{ version, idx, name, checksum }],
      format: 'JSONEachRow',
      clickhouse_settings: { async_insert: 0 },
      ...bounded(options.timeoutMs),
    });
  } catch (error) {
    throw failed(
      `${statement.where} was run but could not be written to the ledger (it will be repeated); ${before}`,
      error,
    );
  }
}

async function command({ client, timeoutMs }: MigrateOptions, query: string): Promise<void> {
  await client.command({ query, clickhouse_settings: { wait_end_of_query: 1 }, ...bounded(timeoutMs) });
}

function bounded(timeoutMs: number = STATEMENT_TIMEOUT_MS): { readonly abort_signal: AbortSignal } {
  return { abort_signal: AbortSignal.timeout(timeoutMs) };
}

function failed(what: string, cause: unknown): MigrationError {
  return new MigrationError(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}
