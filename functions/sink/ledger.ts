import type { TableName } from '../../core/contract/names.ts';
import type { Block } from '../../core/tape/block.ts';
import { TABLE_COLUMNS } from '../../core/tape/tables.ts';
import type { EncodedRow } from './table-rows.ts';

/** What the ledger asks of ClickHouse. */
export interface Queries {
  query<T>(sql: string, params: Readonly<Record<string, unknown>>): Promise<T[]>;
}

/** Which of the blocks are landed (their row is in `blocks`), and which were torn: begun by an attempt that did not end. */
export interface Standing {
  readonly landed: ReadonlySet<string>;
  readonly torn: ReadonlySet<string>;
}

/** One query for a whole batch, over primary keys. */
export async function standingOf(queries: Queries, blocks: readonly Block[]): Promise<Standing> {
  if (blocks.length === 0) return { landed: new Set(), torn: new Set() };
  const headers = blocks.map(({ header }) => header);
  const rows = await queries.query<{ landed: number; id: string }>(
    `SELECT 1 AS landed, block_id AS id FROM blocks
       WHERE session_id IN {sessions:Array(String)} AND first_frame_no IN {firsts:Array(UInt64)} AND block_id IN {ids:Array(String)}
     UNION ALL
     SELECT 0 AS landed, concat(session_id, ':', toString(frame_no)) AS id FROM frames
       WHERE session_id IN {sessions:Array(String)} AND frame_no IN {firsts:Array(UInt64)}`,
    {
      sessions: [...new Set(headers.map(({ session_id }) => session_id))],
      firsts: [...new Set(headers.map(({ first_frame_no }) => first_frame_no))],
      ids: headers.map(({ block_id }) => block_id),
    },
  );
  const landed = new Set(rows.filter((row) => Number(row.landed) === 1).map(({ id }) => id));
  const begun = new Set(rows.filter((row) => Number(row.landed) === 0).map(({ id }) => id));
  const torn = headers
    .filter(({ block_id }) => !landed.has(block_id))
    // A block of markers only has no frame to tell by: its rows are few and always looked up.
    .filter(({ session_id, first_frame_no, count }) => count === 0 || begun.has(`${session_id}:${first_frame_no}`))
    .map(({ block_id }) => block_id);
  return { landed, torn: new Set(torn) };
}

/** The rows of torn blocks that the table does not have yet; rows of other blocks pass as they are. */
export async function withoutThere(
  queries: Queries,
  table: TableName,
  rows: readonly EncodedRow[],
  torn: ReadonlySet<string>,
): Promise<readonly EncodedRow[]> {
  const doubtful = rows.filter(({ source }) => torn.has(source.block_id));
  if (doubtful.length === 0) return rows;
  const there = new Set<string>();
  for (const [session_id, ofSession] of Map.groupBy(doubtful, ({ source }) => source.session_id)) {
    for (const key of await keysThere(queries, table, session_id, ofSession)) there.add(key);
  }
  return rows.filter((row) => !torn.has(row.source.block_id) || !there.has(keyOf(table, row)));
}

/** Columns that tell the rows of one session apart, where it is not the frame number. */
const OWN_KEYS: Readonly<Partial<Record<TableName, readonly string[]>>> = {
  sessions: ['row_version'],
  subscriptions: ['sid', 'after_frame_no'],
  gaps: ['gap_id', 'row_version'],
};

async function keysThere(
  queries: Queries,
  table: TableName,
  session_id: string,
  rows: readonly EncodedRow[],
): Promise<readonly string[]> {
  const key = OWN_KEYS[table] ?? ['frame_no'];
  const frames = rows.map(({ source }) => source.frame_no);
  const tickerAt = (TABLE_COLUMNS[table] as readonly string[]).indexOf('market_ticker');
  const conditions = [
    'session_id = {session_id:String}',
    ...(OWN_KEYS[table] === undefined ? ['frame_no BETWEEN {first:UInt64} AND {last:UInt64}'] : []),
    ...(tickerAt < 0 ? [] : ['market_ticker IN {tickers:Array(String)}']),
  ];
  const found = await queries.query<{ key: string }>(
    `SELECT DISTINCT ${key.map((column) => `toString(${column})`).join(` || ':' || `)} AS key FROM ${table}
       WHERE ${conditions.join(' AND ')}`,
    {
      session_id,
      first: Math.min(...frames),
      last: Math.max(...frames),
      ...(tickerAt < 0 ? {} : { tickers: [...new Set(rows.map(({ cells }) => String(cells?.[tickerAt])))] }),
    },
  );
  return found.map((row) => `${session_id}|${row.key}`);
}

function keyOf(table: TableName, { cells, source }: EncodedRow): string {
  const own = OWN_KEYS[table];
  const columns = TABLE_COLUMNS[table] as readonly string[];
  const key = own === undefined ? [source.frame_no] : own.map((column) => String(cells?.[columns.indexOf(column)]));
  return `${source.session_id}|${key.join(':')}`;
}
