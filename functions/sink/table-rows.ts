import { createHash } from 'node:crypto';
import { TABLES, type TableName } from '../../core/contract/names.ts';
import { RowBinaryWriter } from '../../core/tape/row-binary.ts';
import type { BlockRows, FrameRow, Reject } from '../../core/tape/rows.ts';
import type { Cell } from '../../core/tape/tables.ts';
import type { Delivery } from './records.ts';

/** Where a row came from: what `rejects` keeps should ClickHouse refuse it. */
export interface Source {
  readonly block_id: string;
  readonly session_id: string;
  readonly frame_no: number;
  readonly recv_ts: number;
  readonly raw: Buffer;
}

/** One row, encoded, for one table. */
export interface EncodedRow {
  readonly source: Source;
  /** In the order of TABLE_COLUMNS; what a binary row holds beside its source, if anything. */
  readonly cells: readonly Cell[] | undefined;
  readonly bytes: Buffer;
}

/** Tables whose rows hold bytes that may be anything go as RowBinary, the others as JSONCompactEachRow. */
export function formatOf(table: TableName): 'RowBinary' | 'JSONCompactEachRow' {
  return table === 'frames' || table === 'rejects' ? 'RowBinary' : 'JSONCompactEachRow';
}

const KIND_CODE = { text: 0, binary: 1 } as const;

export function frameRow(block_id: string, row: FrameRow): EncodedRow {
  const bytes = new RowBinaryWriter(row.raw.length + 128)
    .string(row.session_id)
    .uint64(row.frame_no)
    .uint64(row.recv_ts)
    .uint8(KIND_CODE[row.kind])
    .string(row.type)
    .uint64(row.sid)
    .uint64(row.seq)
    .string(row.raw)
    .finish();
  const { session_id, frame_no, recv_ts, raw } = row;
  return { source: { block_id, session_id, frame_no, recv_ts, raw }, cells: undefined, bytes };
}

export function rejectRow(reject: Reject): EncodedRow {
  const bytes = new RowBinaryWriter(reject.raw.length + 512)
    .string(reject.block_id)
    .string(reject.session_id)
    .uint64(reject.frame_no)
    .uint64(reject.recv_ts)
    .string(reject.table)
    .string(reject.reason)
    .string(reject.detail)
    .string(reject.raw)
    .finish();
  const { block_id, session_id, frame_no, recv_ts, table, reason } = reject;
  return { source: reject, cells: [block_id, session_id, frame_no, recv_ts, table, reason], bytes };
}

/** A Kinesis record that is no block, with its bytes. Its identity is its shard and sequence number. */
export function recordReject(delivery: Delivery, fault: string): Reject {
  return {
    block_id: `record:${delivery.shard_id}:${delivery.sequence_number}`,
    session_id: '',
    frame_no: 0,
    recv_ts: delivery.arrival_ts,
    table: '',
    reason: 'undecodable_record',
    detail: fault,
    raw: delivery.bytes,
  };
}

export function jsonRow(cells: readonly Cell[], source: Source): EncodedRow {
  return { source, cells, bytes: Buffer.from(`${JSON.stringify(cells)}\n`) };
}

/**
 * The row of `blocks`: the commit mark. `rejects`: rows of the block that are in `rejects`. `refused`: those among them
 * that ClickHouse refused, which their own tables therefore have not.
 */
export function blockRow(
  made: BlockRows,
  delivery: Delivery,
  rejects: number,
  refused: readonly Reject[] = [],
): EncodedRow {
  const { block, unknownTypes, drift } = made;
  const { header } = block;
  const cells = [
    header.block_id,
    header.recorder_id,
    header.session_id,
    header.first_frame_no,
    header.last_frame_no,
    header.count,
    header.markers,
    header.first_recv_ts,
    header.last_recv_ts,
    header.raw_bytes,
    delivery.bytes.length,
    header.cut_reason,
    header.cut_ts,
    rejects,
    unknownTypes,
    drift,
    delivery.shard_id,
    delivery.sequence_number,
    delivery.arrival_ts,
    tableRowsOf(made, rejects, refused),
  ];
  const { block_id, session_id, first_recv_ts } = header;
  return jsonRow(cells, { block_id, session_id, frame_no: 0, recv_ts: first_recv_ts, raw: Buffer.alloc(0) });
}

/** In the order of TABLES, so that the same block is the same bytes; without `blocks` and without what is 0. */
function tableRowsOf({ block, frames, rows }: BlockRows, rejects: number, refused: readonly Reject[]) {
  const counts = new Map<string, number>([
    ['frames', frames.length],
    ['rejects', rejects],
  ]);
  const add = (table: string, n: number) => counts.set(table, (counts.get(table) ?? 0) + n);
  for (const { table } of rows) add(table, 1);
  for (const { block_id, table } of refused) if (block_id === block.header.block_id) add(table, -1);
  const named = TABLES.map((table) => [table, counts.get(table) ?? 0] as const);
  return Object.fromEntries(named.filter(([, n]) => n > 0));
}

/** The same rows in the same order give the same token: the server drops what it has already taken. Other bytes never share it. */
export function tokenOf(table: TableName, payload: Buffer): string {
  return `v1:${table}:${createHash('sha256').update(payload).digest('hex')}`;
}
