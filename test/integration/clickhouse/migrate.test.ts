import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MigrationError } from '../../../sql/migrate/errors.ts';
import { migrate, type MigrationOutcome, type MigrationStep } from '../../../sql/migrate/migrate.ts';
import { startTestClickHouse, type TestClickHouse } from '../../support/clickhouse.ts';

let server: TestClickHouse;
let directory: string;
let steps: MigrationStep[];

beforeAll(async () => {
  server = await startTestClickHouse();
});
afterAll(() => server.stop());
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tape-migrate-'));
  steps = [];
  await server.client.command({ query: 'DROP DATABASE IF EXISTS tape' });
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const put = (name: string, ...statements: string[]): Promise<void> =>
  writeFile(join(directory, name), statements.map((text) => `${text};\n`).join('\n'));
const run = (): Promise<MigrationOutcome> =>
  migrate({
    client: server.client,
    directory,
    variant: 'mergetree',
    database: 'tape',
    log: (step) => steps.push(step),
  });
const read = async (query: string): Promise<unknown> =>
  (await server.client.query({ query, format: 'JSONEachRow' })).json();

const TABLE =
  "CREATE TABLE IF NOT EXISTS ${DATABASE}.a (x UInt8, s String DEFAULT 'a;b' /* ; */) ENGINE = ${REPLICATED}MergeTree ORDER BY x SETTINGS ${DEDUPLICATION}";
const VIEW = 'CREATE OR REPLACE VIEW ${DATABASE}.v AS SELECT x FROM ${DATABASE}.a';
const COLUMN = 'ALTER TABLE ${DATABASE}.a ADD COLUMN IF NOT EXISTS y UInt8';

describe('migrate', () => {
  it('makes the database, applies every statement once, and nothing on the second run', async () => {
    await put('001_table.sql', TABLE, VIEW);
    await put('002_column.sql', COLUMN);
    expect(await run()).toEqual({ applied: 3, skipped: 0 });
    expect(steps).toEqual([
      { file: '001_table.sql', idx: 1 },
      { file: '001_table.sql', idx: 2 },
      { file: '002_column.sql', idx: 1 },
    ]);
    expect(
      await read(
        "SELECT name, default_expression AS d FROM system.columns WHERE database = 'tape' AND table = 'a' ORDER BY position",
      ),
    ).toEqual([
      { name: 'x', d: '' },
      { name: 's', d: "'a;b'" },
      { name: 'y', d: '' },
    ]);
    const ledger =
      'SELECT version, idx, name, toUInt8(length(checksum)) AS hex, applied_at FROM tape.migrations ORDER BY version, idx';
    const rows = await read(ledger);
    expect(rows).toMatchObject([
      { version: 1, idx: 1, name: '001_table.sql', hex: 64 },
      { version: 1, idx: 2 },
      { version: 2, idx: 1 },
    ]);
    expect(await run()).toEqual({ applied: 0, skipped: 3 });
    expect(await read(ledger)).toEqual(rows);
  });

  it('goes on behind the last good statement after a failure in the middle', async () => {
    await put(
      '001_table.sql',
      TABLE,
      'CREATE OR REPLACE VIEW ${DATABASE}.v AS SELECT nosuch FROM ${DATABASE}.a',
      COLUMN,
    );
    const failure: unknown = await run().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(MigrationError);
    expect(failure).toMatchObject({
      message: expect.stringMatching(/001_table\.sql, statement 2 of 3/),
      cause: { code: '47' },
    });
    expect(await read('SELECT idx FROM tape.migrations')).toEqual([{ idx: 1 }]);
    await put('001_table.sql', TABLE, VIEW, COLUMN);
    expect(await run()).toEqual({ applied: 2, skipped: 1 });
  });

  it('refuses a changed statement and runs nothing, not even what is new', async () => {
    await put('001_table.sql', TABLE);
    await run();
    await put('001_table.sql', TABLE.replace('UInt8', 'UInt16'));
    await put('002_view.sql', VIEW);
    await expect(run()).rejects.toThrow(/001_table\.sql, statement 1/);
    expect(await read("SELECT name FROM system.tables WHERE database = 'tape' AND name = 'v'")).toEqual([]);
  });

  it('refuses a missing earlier file', async () => {
    await put('001_table.sql', TABLE);
    await put('003_view.sql', VIEW);
    await expect(run()).rejects.toThrow(/003_view\.sql/);
    expect(await read("SELECT name FROM system.databases WHERE name = 'tape'")).toEqual([]);
  });

  it('makes not even a database for files that can never be applied', async () => {
    await put('001_table.sql', TABLE, 'DROP TABLE ${DATABASE}.a');
    await expect(run()).rejects.toThrow(/001_table\.sql, statement 2 of 2/);
    expect(await read("SELECT name FROM system.databases WHERE name = 'tape'")).toEqual([]);
  });

  it('is harmless when two run at once', async () => {
    await put('001_table.sql', TABLE, VIEW, COLUMN);
    const outcomes = await Promise.all([run(), run()]);
    expect(outcomes.map(({ applied, skipped }) => applied + skipped)).toEqual([3, 3]);
    expect(await run()).toEqual({ applied: 0, skipped: 3 });
  });
});

describe('npm run migrate', () => {
  const SCRIPT = fileURLToPath(new URL('../../../scripts/migrate.ts', import.meta.url));
  const script = async (env: Record<string, string>): Promise<{ readonly code: unknown; readonly output: string }> => {
    const child = spawn(process.execPath, [SCRIPT], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = await once(child, 'close');
    return { code, output };
  };

  it('fails with one message that holds no password, not even one from the URL', async () => {
    const { host } = new URL(server.url);
    const failed = await script({ CLICKHOUSE_URL: `http://nobody:hunter2@${host}`, CLICKHOUSE_PASSWORD: 'hunter3' });
    expect(failed.code).toBe(1);
    expect(failed.output).not.toMatch(/hunter[23]/);
    const refused = await script({ CLICKHOUSE_URL: 'http://u:hunter2@127.0.0.1:1', CLICKHOUSE_PASSWORD: 'hunter3' });
    expect(refused.code).toBe(1);
    expect(refused.output).not.toMatch(/hunter[23]/);
    const misconfigured = await script({
      CLICKHOUSE_URL: server.url,
      MIGRATE_VARIANT: 'cloud',
      MIGRATE_CLUSTER: 'main',
    });
    expect(misconfigured).toEqual({ code: 1, output: expect.stringContaining('MIGRATE_CLUSTER') });
  });
});
