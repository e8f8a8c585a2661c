import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MigrationError } from './errors.ts';
import { splitStatements } from './split.ts';

/** A file `NNN_name.sql`, cut into statements that still hold their templates. */
export interface MigrationFile {
  readonly version: number;
  readonly file: string;
  readonly statements: readonly MigrationStatement[];
}

interface MigrationStatement {
  /** As in the file, before rendering. */
  readonly text: string;
  /** sha256 of `text`, hex. */
  readonly checksum: string;
}

/** Every migration of a directory in order. Throws MigrationError if the numbers are not 1, 2, 3 …, each once. */
export async function readMigrations(directory: string): Promise<MigrationFile[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  const files = await Promise.all(
    names.map(async (name) => parseMigration(name, await readFile(join(directory, name), 'utf8'))),
  );
  files.sort((a, b) => a.version - b.version);
  for (const [index, { version, file }] of files.entries()) {
    const twin = files[index - 1];
    if (twin?.version === version)
      throw new MigrationError(`${twin.file} and ${file} have the same number; nothing was run`);
    if (version !== index + 1)
      throw new MigrationError(`${file} is there but the file numbered ${index + 1} is missing; nothing was run`);
  }
  return files;
}

/** One file. Throws MigrationError on a name or a text that cannot be read. */
export function parseMigration(file: string, text: string): MigrationFile {
  const version = /^(\d{3,})_[A-Za-z0-9_-]+\.sql$/.exec(file)?.[1];
  if (version === undefined) throw new MigrationError(`${file} is not named NNN_name.sql; nothing was run`);
  return { version: Number(version), file, statements: statementsOf(file, text) };
}

function statementsOf(file: string, text: string): MigrationStatement[] {
  try {
    return splitStatements(text).map((statement) => ({ text: statement, checksum: sha256(statement) }));
  } catch (error) {
    throw new MigrationError(`${file}: ${error instanceof Error ? error.message : String(error)}; nothing was run`, {
      cause: error,
    });
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
