import { isUtf8 } from 'node:buffer';
import type { TableName } from '../contract/names.ts';
import { decode } from '../kalshi/decode.ts';
import { emptyHeader, scanHeader } from '../kalshi/header.ts';
import type { Block, Frame } from './block.ts';
import { marketRow, type TableRow, tableOf } from './market-rows.ts';
import { recorderRow } from './recorder-rows.ts';
import { type Position, type RejectReason, Unfit } from './row.ts';

/** A row of `frames`: binary, so that bytes which are no UTF-8 stay what they are. */
export interface FrameRow extends Position {
  readonly kind: 'text' | 'binary';
  readonly type: string;
  readonly raw: Buffer;
}

/** What could not become a row of its table. The frame is in `frames` all the same. */
export interface Reject {
  readonly block_id: string;
  readonly session_id: string;
  readonly frame_no: number;
  readonly recv_ts: number;
  /** The table that the frame has no row in; '' where nobody can know. */
  readonly table: TableName | '';
  readonly reason: RejectReason;
  readonly detail: string;
  readonly raw: Buffer;
}

/** A table row and where it came from (frame_no 0: a marker). */
interface SourcedRow extends TableRow {
  readonly frame_no: number;
  readonly recv_ts: number;
  readonly raw: Buffer;
}

export interface BlockRows {
  readonly block: Block;
  readonly frames: readonly FrameRow[];
  readonly rows: readonly SourcedRow[];
  readonly rejects: readonly Reject[];
  /** Frames of a type we do not know. */
  readonly unknownTypes: number;
  /** What the exchange added since this was written, each once: `type:x`, `field:msg.y`, `event_type:z`. */
  readonly drift: readonly string[];
}

const MAX_DETAIL_CHARS = 300;
/** Different drift entries kept of one block. */
const MAX_DRIFT = 32;

/** Frame → rows, for one block. Never throws: a frame that cannot be a row becomes a reject. Deterministic. */
export function rowsOf(block: Block): BlockRows {
  const frames: FrameRow[] = [];
  const rows: SourcedRow[] = [];
  const rejects: Reject[] = [];
  const drift = new Set<string>();
  const header = emptyHeader();
  const { block_id, session_id } = block.header;
  const named = { block_id, session_id };
  let unknownTypes = 0;

  for (const entry of block.entries) {
    if (entry.kind === 'marker') {
      const raw = Buffer.from(JSON.stringify(entry.marker));
      rows.push({ ...recorderRow(entry, block.header), frame_no: 0, recv_ts: entry.recv_ts, raw });
      continue;
    }
    scanHeader(entry.raw, header);
    const at = position(block, entry, header);
    frames.push({ ...at, kind: entry.kind, type: header.type, raw: entry.raw });
    const read = readFrame(entry, at);
    for (const change of read.drift) if (drift.size < MAX_DRIFT) drift.add(change);
    if (read.unknown) unknownTypes++;
    if (read.row !== undefined) rows.push({ ...read.row, ...sourceOf(entry) });
    if (read.reject !== undefined) rejects.push({ ...named, ...sourceOf(entry), ...read.reject });
  }
  return { block, frames, rows, rejects, unknownTypes, drift: [...drift] };
}

interface Reading {
  readonly row?: TableRow | undefined;
  readonly reject?: { readonly table: TableName | ''; readonly reason: RejectReason; readonly detail: string };
  readonly drift: readonly string[];
  readonly unknown: boolean;
}

function readFrame(frame: Frame, at: Position): Reading {
  if (!isUtf8(frame.raw)) return rejected('', 'not_json', 'the frame is not UTF-8');
  const decoded = decode(frame.raw.toString('utf8'));
  switch (decoded.kind) {
    case 'unknown_type':
      return { drift: decoded.drift, unknown: true };
    case 'not_json':
      return rejected('', 'not_json', decoded.reason);
    case 'invalid':
      return rejected(decoded.type, 'invalid_message', decoded.reason);
    case 'message':
      try {
        return { row: marketRow(decoded.message, at), drift: decoded.drift, unknown: false };
      } catch (error) {
        const reason = error instanceof Unfit ? error.reason : 'row_error';
        return { ...rejected(decoded.message.type, reason, String(error)), drift: decoded.drift };
      }
  }
}

function rejected(type: string, reason: RejectReason, detail: string): Reading {
  return {
    reject: { table: tableOf(type), reason, detail: detail.slice(0, MAX_DETAIL_CHARS) },
    drift: [],
    unknown: false,
  };
}

function position(block: Block, frame: Frame, header: { readonly sid: number; readonly seq: number }): Position {
  return {
    session_id: block.header.session_id,
    frame_no: frame.frame_no,
    recv_ts: frame.recv_ts,
    sid: header.sid,
    seq: header.seq,
  };
}

function sourceOf({ frame_no, recv_ts, raw }: Frame): Pick<SourcedRow, 'frame_no' | 'recv_ts' | 'raw'> {
  return { frame_no, recv_ts, raw };
}
