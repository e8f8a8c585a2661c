import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../../../sql/migrate/migrate.ts';
import { startTestClickHouse, type TestClickHouse } from '../../support/clickhouse.ts';

const SQL = fileURLToPath(new URL('../../../sql', import.meta.url));

let server: TestClickHouse;
let before: string;

beforeAll(async () => {
  server = await startTestClickHouse();
  before = await mkdtemp(join(tmpdir(), 'tape-before-'));
  for (const file of ['001_tables.sql', '002_views.sql']) await copyFile(join(SQL, file), join(before, file));
});
afterAll(async () => {
  await server.stop();
  await rm(before, { recursive: true, force: true });
});

const run = (directory: string, database: string) =>
  migrate({ client: server.client, directory, variant: 'mergetree', database, log: () => undefined });
const read = async (query: string): Promise<unknown> =>
  (await server.client.query({ query, format: 'JSONEachRow' })).json();

test('a warehouse made before blocks counted their rows gets the column, keeps its blocks, and is as a new one', async () => {
  await run(before, 'old');
  await server.client.command({ query: "INSERT INTO old.blocks (block_id, session_id) VALUES ('s:1-1', 's')" });
  expect(await run(SQL, 'old')).toMatchObject({ applied: 8 });
  expect(await read('SELECT block_id, table_rows FROM old.blocks')).toEqual([{ block_id: 's:1-1', table_rows: {} }]);
  await run(SQL, 'new');
  const [columns, indexes] = [
    (database: string) =>
      `SELECT name, type, compression_codec FROM system.columns WHERE database = '${database}' AND table = 'blocks' ORDER BY position`,
    (database: string) =>
      `SELECT name, expr, type FROM system.data_skipping_indices WHERE database = '${database}' AND table = 'blocks'`,
  ];
  expect(await read(columns('old'))).toEqual(await read(columns('new')));
  expect(await read(indexes('old'))).toEqual(await read(indexes('new')));
  expect(await read(indexes('new'))).toEqual([{ name: 'landed_at_range', expr: 'landed_at', type: 'minmax' }]);
  expect(await run(SQL, 'old')).toMatchObject({ applied: 0 });
});
