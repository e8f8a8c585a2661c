import { z } from 'zod';
import type { Question } from './clickhouse.ts';

/** What counts as landed lately, seconds: the `5m` of `rows_ingested_last_5m`. */
export const WINDOW_SEC = 300;

/** 64-bit integers come as text or as numbers, as the server is set. */
const number = z.coerce.number();

export interface Arrivals {
  readonly blocks: number;
  /** By table; tables without a row are left out, and so is `blocks`. */
  readonly table_rows: Readonly<Record<string, number>>;
  readonly newest_row_age_sec: number;
  readonly end_to_end_lag_sec: number;
  readonly gaps_open: number;
}

/**
 * Blocks of the last five minutes, by the index on `landed_at`; one that is there twice counts once. The sum of maps is
 * a map: what `table_rows` says of each block. Time is the warehouse's own, which gave `landed_at` too, so our clock
 * cannot blur it; what landed later than now (its clock was set back) is no news. `laterSec` looks from that much later.
 *
 * Holes that may still be repaired: one ends with its session, and where a recorder died nobody was left to say so.
 * What is open in a session that the same connection has left behind is past, not open.
 */
export function arrivals(laterSec = 0): Question<Arrivals> {
  const at = instant(laterSec);
  return {
    sql: `SELECT count() AS blocks, sumMap(brought) AS table_rows,
  ${seconds('max(landed)', at)} AS newest_row_age_sec, max(lag) AS end_to_end_lag_sec,
  (
    SELECT count() FROM gaps FINAL
    WHERE to_ts IS NULL AND session_id IN (SELECT max(session_id) FROM sessions GROUP BY recorder_id, connection)
  ) AS gaps_open
FROM
(
  SELECT argMax(table_rows, landed_at) AS brought, max(landed_at) AS landed,
    max(${seconds('first_recv_ts', 'landed_at')}) AS lag
  FROM blocks WHERE landed_at > ${at} - toIntervalSecond(${WINDOW_SEC}) AND landed_at <= ${at} GROUP BY block_id
)`,
    row: z.object({
      blocks: number,
      table_rows: z.record(z.string(), number),
      newest_row_age_sec: number,
      end_to_end_lag_sec: number,
      gaps_open: number,
    }),
  };
}

export interface NewestBlock {
  readonly blocks: number;
  readonly newest_row_age_sec: number;
}

/** Of any time. Reads a column from end to end, 8 bytes a block, so it is asked only while nothing lands. */
export function newestBlock(laterSec = 0): Question<NewestBlock> {
  const at = instant(laterSec);
  return {
    sql: `SELECT count() AS blocks, ${seconds('max(landed_at)', at)} AS newest_row_age_sec
FROM blocks WHERE landed_at <= ${at}`,
    row: z.object({ blocks: number, newest_row_age_sec: number }),
  };
}

export interface Parts {
  readonly parts: number;
  readonly parts_per_partition_max: number;
  readonly disk_used_bytes: number;
}

/** Of the server that answers, which on a cluster is one of several. */
export const PARTS: Question<Parts> = {
  sql: `SELECT sum(its_parts) AS parts, max(its_parts) AS parts_per_partition_max, sum(its_bytes) AS disk_used_bytes
FROM
(
  SELECT count() AS its_parts, sum(bytes_on_disk) AS its_bytes FROM system.parts
  WHERE active AND database = currentDatabase() GROUP BY table, partition_id
)`,
  row: z.object({ parts: number, parts_per_partition_max: number, disk_used_bytes: number }),
};

export interface Disks {
  readonly disk_free_bytes: number;
}

/** The fullest of all disks of the server: a full one stops it whether our tables lie there or not. */
export const DISKS: Question<Disks> = {
  sql: 'SELECT min(free_space) AS disk_free_bytes FROM system.disks',
  row: z.object({ disk_free_bytes: number }),
};

function instant(laterSec: number): string {
  const now = "now64(6, 'UTC')";
  return laterSec === 0 ? now : `(${now} + toIntervalSecond(${laterSec}))`;
}

function seconds(from: string, to: string): string {
  return `dateDiff('microsecond', ${from}, ${to}) / 1e6`;
}
