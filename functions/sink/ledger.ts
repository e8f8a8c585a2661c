import type { TableName } from '../../core/contract/names.ts';
import type { Block } from '../../core/tape/block.ts';
import { TABLE_COLUMNS } from '../../core/tape/tables.ts';
import type { EncodedRow } from './table-rows.ts';

/** What the ledger asks of ClickHouse. */
export interface Queries {
  query<T>(sql: string, params: Readonly<Record<string, unknown>>): Promise<T[]>;
}

/** How far earlier deliveries of these blocks came. */
export interface Standing {
  /** Committed: their row is in `blocks`, so they are whole in every table. */
  readonly landed: ReadonlySet<string>;
  /** Begun by an attempt that did not end: frames of theirs are there. */
  readonly torn: ReadonlySet<string>;
  /** Torn, or without a frame to tell by (markers only): each table is asked which of their rows it has. */
  readonly doubtful: ReadonlySet<string>;
}

/** One query for a whole batch, over primary keys. */
export async function standingOf(queries: Queries, blocks: readonly Block[]): Promise<Standing> {
  if (blocks.length === 0) return { landed: new Set(), torn: new Set(), doubtful: new Set() };
  const headers = blocks.map(({ header }) => header);
  // Both ends, because an insert across midnight is two parts, of which a crash may leave either.
  const ends = headers.flatMap(({ count, first_frame_no, last_frame_no }) =>
    count === 0 ? [] : [first_frame_no, last_frame_no],
  );
  const rows = await queries.query<{ landed: 0 | 1; id: string }>(
    `SELECT 1 AS landed, block_id AS id FROM blocks
       WHERE session_id IN {sessions:Array(String)} AND first_frame_no IN {firsts:Array(UInt64)} AND block_id IN {ids:Array(String)}
     UNION ALL
     SELECT 0 AS landed, concat(session_id, ':', toString(frame_no)) AS id FROM frames
       WHERE session_id IN {sessions:Array(String)} AND frame_no IN {ends:Array(UInt64)}`,
    {
      sessions: [...new Set(headers.map(({ session_id }) => session_id))],
      firsts: [...new Set(headers.map(({ first_frame_no }) => first_frame_no))],
      ends: [...new Set(ends)],
      ids: headers.map(({ block_id }) => block_id),
    },
  );
  const landed = new Set(rows.filter((row) => row.landed === 1).map(({ id }) => id));
  const there = new Set(rows.filter((row) => row.landed === 0).map(({ id }) => id));
  const open = headers.filter(({ block_id }) => !landed.has(block_id));
  const torn = open.filter(
    ({ session_id, count, first_frame_no, last_frame_no }) =>
      count > 0 && [first_frame_no, last_frame_no].some((frame_no) => there.has(`${session_id}:${frame_no}`)),
  );
  const markersOnly = open.filter(({ count }) => count === 0);
  const idsOf = (some: typeof headers) => new Set(some.map(({ block_id }) => block_id));
  return { landed, torn: idsOf(torn), doubtful: idsOf([...torn, ...markersOnly]) };
}

/** The rows without those of doubtful blocks that the table has already. */
export async function withoutThere(
  queries: Queries,
  table: TableName,
  rows: readonly EncodedRow[],
  doubtful: ReadonlySet<string>,
): Promise<readonly EncodedRow[]> {
  const isDoubtful = ({ source }: EncodedRow): boolean => doubtful.has(source.block_id);
  const there = new Set<string>();
  for (const ofSession of Map.groupBy(rows.filter(isDoubtful), ({ source }) => source.session_id).values()) {
    for (const key of await keysThere(queries, table, ofSession)) there.add(key);
  }
  return there.size === 0 ? rows : rows.filter((row) => !isDoubtful(row) || !there.has(keyOf(table, row)));
}

/** Columns that tell the rows of one session apart, where it is not the frame number. */
const OWN_KEYS: Readonly<Partial<Record<TableName, readonly string[]>>> = {
  sessions: ['row_version'],
  subscriptions: ['sid', 'after_frame_no'],
  gaps: ['gap_id', 'row_version'],
  rejects: ['block_id', 'frame_no', 'recv_ts', 'table', 'reason'],
};
const FRAME_KEY = ['frame_no'];
/** Narrow what is read: a table's primary key starts with one of these or goes on with it. */
const NAMES = ['market_ticker', 'block_id'] as const;
const INSTANTS = ['ts', 'recv_ts'] as const;

/** The keys that the table has of one session's rows; and of some others perhaps, which do no harm. */
async function keysThere(queries: Queries, table: TableName, rows: readonly EncodedRow[]): Promise<readonly string[]> {
  const columns = TABLE_COLUMNS[table] as readonly string[];
  const conditions = ['session_id = {session_id:String}'];
  const params: Record<string, unknown> = { session_id: rows[0]?.source.session_id };
  const among = (
    column: string,
    { least, most }: { least: number; most: number },
    placeholder: (name: string) => string,
  ) => {
    conditions.push(`${column} BETWEEN ${placeholder(`${column}_least`)} AND ${placeholder(`${column}_most`)}`);
    Object.assign(params, { [`${column}_least`]: least, [`${column}_most`]: most });
  };
  for (const name of NAMES.filter((column) => columns.includes(column))) {
    conditions.push(`${name} IN {${name}:Array(String)}`);
    params[name] = [...new Set(rows.map((row) => String(valueOf(table, row, name))))];
  }
  for (const instant of INSTANTS.filter((column) => columns.includes(column))) {
    among(instant, extent(table, rows, instant), (name) => `fromUnixTimestamp64Micro({${name}:Int64}, 'UTC')`);
  }
  if (keyColumns(table) === FRAME_KEY) among('frame_no', extent(table, rows, 'frame_no'), (name) => `{${name}:UInt64}`);

  const found = await queries.query<{ key: readonly string[] }>(
    `SELECT DISTINCT [${keyColumns(table).map(textOf).join(', ')}] AS key FROM ${table} WHERE ${conditions.join(' AND ')}`,
    params,
  );
  return found.map(({ key }) => JSON.stringify([rows[0]?.source.session_id, ...key]));
}

function keyOf(table: TableName, row: EncodedRow): string {
  const values = keyColumns(table).map((column) => String(valueOf(table, row, column)));
  return JSON.stringify([row.source.session_id, ...values]);
}

function keyColumns(table: TableName): readonly string[] {
  return OWN_KEYS[table] ?? FRAME_KEY;
}

/** A column as the text that JavaScript makes of what we insert into it. */
function textOf(column: string): string {
  return `toString(${column === 'recv_ts' ? 'toUnixTimestamp64Micro(recv_ts)' : column})`;
}

function valueOf(table: TableName, { cells, source }: EncodedRow, column: string): unknown {
  const at = (TABLE_COLUMNS[table] as readonly string[]).indexOf(column);
  const cell = at < 0 ? undefined : cells?.[at];
  return cell ?? (source as unknown as Readonly<Record<string, unknown>>)[column];
}

function extent(table: TableName, rows: readonly EncodedRow[], column: string): { least: number; most: number } {
  let least = Infinity;
  let most = -Infinity;
  for (const row of rows) {
    const value = Number(valueOf(table, row, column));
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { least, most };
}
