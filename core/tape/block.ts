import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { z } from 'zod';
import { BLOCK_MAX_ENTRIES, BLOCK_MAX_RAW_BYTES } from '../contract/limits.ts';
import { type Marker, marker } from './marker.ts';
import { VARINT_MAX_BYTES, VarintReader } from './varint.ts';

/**
 * The Kinesis record codec, both directions. Layout of a record (integers big endian):
 *
 *   0  4  "KTB" and version byte      12  4  CRC-32 of bytes 0…11 and 16…end
 *   4  4  header length H             16  H  header, JSON
 *   8  4  body length C             16+H  C  zstd of the body
 *
 * Body: the raw bytes of all entries one after the other | per entry varint(length × 4 + kind) | per entry
 * varint(recv_ts − recv_ts before, the first against the header's first_recv_ts).
 */

const MAGIC = Buffer.from('KTB\x01');
const PREFIX_BYTES = 16;
const HEADER_MAX_BYTES = 4_096;
/** Columns behind the raw bytes: two varints an entry. */
export const COLUMN_MAX_BYTES = 2 * VARINT_MAX_BYTES;

/** How an entry is marked in the body. */
const KINDS = ['text', 'binary', 'marker'] as const;
export type EntryKind = (typeof KINDS)[number];
export const KIND_CODE: Readonly<Record<EntryKind, number>> = { text: 0, binary: 1, marker: 2 };

export const CUT_REASONS = ['rows', 'bytes', 'age', 'session_end', 'shutdown'] as const;
export type CutReason = (typeof CUT_REASONS)[number];

const header = z.object({
  block_id: z.string(),
  recorder_id: z.string(),
  session_id: z.string(),
  /** Frames in the block: first … last without a hole; last = first − 1 where it holds markers only. */
  first_frame_no: z.int().positive(),
  last_frame_no: z.int().nonnegative(),
  count: z.int().nonnegative(),
  first_marker_no: z.int().positive(),
  markers: z.int().nonnegative(),
  /** Microseconds since 1970 of the first and last entry. */
  first_recv_ts: z.int().nonnegative(),
  last_recv_ts: z.int().nonnegative(),
  raw_bytes: z.int().min(0).max(BLOCK_MAX_RAW_BYTES),
  body_bytes: z
    .int()
    .min(0)
    .max(BLOCK_MAX_RAW_BYTES + BLOCK_MAX_ENTRIES * COLUMN_MAX_BYTES),
  cut_reason: z.enum(CUT_REASONS),
  cut_ts: z.int().nonnegative(),
});

export type BlockHeader = z.output<typeof header>;

/** A WebSocket message as received. `frame_no` counts 1, 2, 3 … per session; `recv_ts` in microseconds since 1970. */
export interface Frame {
  readonly kind: 'text' | 'binary';
  readonly frame_no: number;
  readonly recv_ts: number;
  readonly raw: Buffer;
}

/** A marker and where it stands: behind frame `after_frame_no`. */
export interface MarkerEntry {
  readonly kind: 'marker';
  readonly marker_no: number;
  readonly after_frame_no: number;
  readonly recv_ts: number;
  readonly marker: Marker;
}

export type Entry = Frame | MarkerEntry;

export interface Block {
  readonly header: BlockHeader;
  readonly entries: readonly Entry[];
}

export interface EncodedBlock {
  readonly header: BlockHeader;
  readonly record: Buffer;
}

export interface BlockIdentity {
  readonly recorder_id: string;
  readonly session_id: string;
  readonly first_frame_no: number;
  readonly first_marker_no: number;
  readonly cut_reason: CutReason;
  readonly cut_ts: number;
}

/** Unique and telling: the session, the frames, and where it holds markers the first of them. */
export function blockId(
  identity: Pick<BlockIdentity, 'session_id' | 'first_frame_no' | 'first_marker_no'>,
  frames: number,
  markers: number,
): string {
  const { session_id, first_frame_no, first_marker_no } = identity;
  const range = `${session_id}:${first_frame_no}-${first_frame_no + frames - 1}`;
  return markers === 0 ? range : `${range}+m${first_marker_no}`;
}

/**
 * What a level means where zstd's own choice is not the best for frames that are alike: level 1 with longer matches and a
 * window of the whole block packs the flood a fiftieth smaller in no more time (docs/decisions/0003-benchmarks.md).
 */
const TUNED: Readonly<Record<number, Readonly<Record<number, number>>>> = {
  1: { [constants.ZSTD_c_windowLog]: 21, [constants.ZSTD_c_hashLog]: 14, [constants.ZSTD_c_minMatch]: 7 },
};

/** `body` is laid out as above; see BlockBuilder, which lays it out. */
export function encodeRecord(full: BlockHeader, body: Buffer, level: number): Buffer {
  const head = Buffer.from(JSON.stringify(full));
  const packed = zstdCompressSync(body, { params: { [constants.ZSTD_c_compressionLevel]: level, ...TUNED[level] } });
  const record = Buffer.allocUnsafeSlow(PREFIX_BYTES + head.length + packed.length);
  MAGIC.copy(record, 0);
  record.writeUInt32BE(head.length, 4);
  record.writeUInt32BE(packed.length, 8);
  head.copy(record, PREFIX_BYTES);
  packed.copy(record, PREFIX_BYTES + head.length);
  record.writeUInt32BE(checksum(record), 12);
  return record;
}

/** What makes a record not a block. */
export type BlockFault =
  | 'not_a_block'
  | 'unknown_version'
  | 'truncated'
  | 'checksum'
  | 'bad_header'
  | 'size_mismatch'
  | 'bad_body'
  | 'bad_marker';

export type DecodedBlock =
  { readonly ok: true; readonly block: Block } | { readonly ok: false; readonly fault: BlockFault };

/** Never throws. Decompression stops at the size that the header declares, and a header may not declare more than the bounds. */
export function decodeBlock(record: Buffer): DecodedBlock {
  if (record.length < PREFIX_BYTES || !record.subarray(0, 3).equals(MAGIC.subarray(0, 3))) return refuse('not_a_block');
  if (record[3] !== MAGIC[3]) return refuse('unknown_version');
  const headerBytes = record.readUInt32BE(4);
  if (headerBytes > HEADER_MAX_BYTES) return refuse('bad_header');
  if (record.length !== PREFIX_BYTES + headerBytes + record.readUInt32BE(8)) return refuse('truncated');
  if (record.readUInt32BE(12) !== checksum(record)) return refuse('checksum');

  const head = parseHeader(record.subarray(PREFIX_BYTES, PREFIX_BYTES + headerBytes));
  if (head === undefined) return refuse('bad_header');
  const body = decompress(record.subarray(PREFIX_BYTES + headerBytes), head.body_bytes);
  if (body?.length !== head.body_bytes) return refuse('size_mismatch');
  return readEntries(head, body);
}

function checksum(record: Buffer): number {
  return crc32(record.subarray(PREFIX_BYTES), crc32(record.subarray(0, 12)));
}

function refuse(fault: BlockFault): DecodedBlock {
  return { ok: false, fault };
}

function parseHeader(bytes: Buffer): BlockHeader | undefined {
  try {
    const result = header.safeParse(JSON.parse(bytes.toString('utf8')));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

function decompress(packed: Buffer, size: number): Buffer | undefined {
  try {
    return zstdDecompressSync(packed, { maxOutputLength: Math.max(size, 1) });
  } catch {
    return undefined;
  }
}

function readEntries(head: BlockHeader, body: Buffer): DecodedBlock {
  const total = head.count + head.markers;
  const numbered = head.last_frame_no === head.first_frame_no + head.count - 1;
  const named = head.block_id === blockId(head, head.count, head.markers);
  if (total > BLOCK_MAX_ENTRIES || !numbered || !named) return refuse('bad_header');
  const reader = new VarintReader(body, head.raw_bytes);
  const lengths = Array.from({ length: total }, () => reader.next());
  const deltas = Array.from({ length: total }, () => reader.next());
  if (!reader.ok || reader.at !== body.length) return refuse('bad_body');

  const entries: Entry[] = [];
  let at = 0;
  let recv_ts = head.first_recv_ts;
  let frame_no = head.first_frame_no;
  let marker_no = head.first_marker_no;
  for (let i = 0; i < total; i++) {
    const length = Math.floor(lengths[i]! / 4);
    const kind = KINDS[lengths[i]! % 4];
    recv_ts += deltas[i]!;
    if (kind === undefined || at + length > head.raw_bytes) return refuse('bad_body');
    const raw = body.subarray(at, at + length);
    at += length;
    if (kind !== 'marker') {
      entries.push({ kind, frame_no: frame_no++, recv_ts, raw });
      continue;
    }
    const read = parseMarker(raw);
    if (read === undefined) return refuse('bad_marker');
    entries.push({ kind, marker_no: marker_no++, after_frame_no: frame_no - 1, recv_ts, marker: read });
  }
  const whole = at === head.raw_bytes && frame_no - 1 === head.last_frame_no && recv_ts === head.last_recv_ts;
  return whole ? { ok: true, block: { header: head, entries } } : refuse('bad_body');
}

function parseMarker(raw: Buffer): Marker | undefined {
  try {
    const result = marker.safeParse(JSON.parse(raw.toString('utf8')));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
