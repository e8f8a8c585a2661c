import { MigrationError } from './errors.ts';
import type { MigrationFile } from './files.ts';
import { isIdempotent } from './idempotent.ts';
import { render, type RenderTarget } from './render.ts';

/** One row of the ledger: a statement that was applied. `idx` counts from 1 within its file. */
export interface LedgerEntry {
  readonly version: number;
  readonly idx: number;
  readonly name: string;
  readonly checksum: string;
}

/** A statement that is still to be run. */
export interface PlannedStatement extends LedgerEntry {
  readonly sql: string;
  /** `003_gaps.sql, statement 2 of 5`. */
  readonly where: string;
}

export interface Plan {
  readonly toRun: readonly PlannedStatement[];
  readonly skipped: number;
}

/**
 * Compares files with the ledger. Pure. Throws MigrationError, before anything is run, on: a changed or removed
 * statement or file that was applied, a file put before an applied one, an unknown template, a statement that is not
 * safe to repeat, a statement without `${DATABASE}` (it would land in the connection's default database).
 */
export function planMigrations(
  files: readonly MigrationFile[],
  ledger: readonly LedgerEntry[],
  target: RenderTarget,
): Plan {
  const applied = new Map(ledger.map((entry) => [keyOf(entry), entry]));
  const lastApplied = Math.max(0, ...ledger.map(({ version }) => version));
  const toRun: PlannedStatement[] = [];
  let skipped = 0;

  for (const { version, file, statements } of files) {
    for (const [index, { text, checksum }] of statements.entries()) {
      const idx = index + 1;
      const where = `${file}, statement ${idx} of ${statements.length}`;
      const entry = applied.get(keyOf({ version, idx }));
      applied.delete(keyOf({ version, idx }));
      if (entry !== undefined) {
        if (entry.checksum !== checksum)
          throw refused(where, 'was changed after it was applied: write a new file instead');
        skipped += 1;
        continue;
      }
      if (version < lastApplied)
        throw refused(
          where,
          `was never applied although files up to number ${lastApplied} were: give it a later number`,
        );
      toRun.push({ version, idx, name: file, checksum, where, sql: renderStatement(text, where, target) });
    }
  }
  for (const entry of applied.values())
    throw refused(`${entry.name}, statement ${entry.idx}`, 'was applied but is missing from the files');
  return { toRun, skipped };
}

function renderStatement(text: string, where: string, target: RenderTarget): string {
  if (!text.includes('${DATABASE}'))
    throw refused(where, 'names no ${DATABASE}: it would land in whatever database the connection has');
  const sql = renderAt(text, where, target);
  if (!isIdempotent(sql))
    throw refused(where, 'is not safe to repeat: write IF [NOT] EXISTS, or CREATE OR REPLACE VIEW');
  return sql;
}

function renderAt(text: string, where: string, target: RenderTarget): string {
  try {
    return render(text, target);
  } catch (error) {
    throw refused(where, error instanceof Error ? error.message : String(error), error);
  }
}

function refused(where: string, why: string, cause?: unknown): MigrationError {
  return new MigrationError(`${where}: ${why}; nothing was run`, { cause });
}

function keyOf({ version, idx }: Pick<LedgerEntry, 'version' | 'idx'>): string {
  return `${version}/${idx}`;
}
