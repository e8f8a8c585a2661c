import { BLOCK_MAX_RECORD_BYTES } from '../../../core/contract/limits.ts';
import { BlockBuilder, type Encoded } from '../../../core/tape/block-builder.ts';
import {
  type Block,
  type BlockIdentity,
  decodeBlock,
  type EncodedBlock,
  type Entry,
  type EntryKind,
} from '../../../core/tape/block.ts';
import type { Marker, MarkerOf } from '../../../core/tape/marker.ts';

/** 2026-11-23T19:02:56Z, microseconds since 1970. */
export const T0 = 1_795_460_576_000_000;
export const SESSION_ID = '20261123T190256000-9f3a1c';

export const IDENTITY: BlockIdentity = {
  recorder_id: 'recorder-1',
  session_id: SESSION_ID,
  first_frame_no: 7,
  first_marker_no: 3,
  cut_reason: 'rows',
  cut_ts: T0 + 5_000_000,
};

/** What goes into a block: an entry without the numbers that the block gives it. */
export interface Input {
  readonly kind: EntryKind;
  readonly raw: Buffer;
  readonly recv_ts: number;
}

export const frame = (raw: string | Buffer, recv_ts = T0): Input => ({
  kind: 'text',
  raw: Buffer.from(raw as string),
  recv_ts,
});
export const markerInput = (marker: Marker, recv_ts = T0): Input => ({
  kind: 'marker',
  raw: Buffer.from(JSON.stringify(marker)),
  recv_ts,
});

export function encodeAll(
  inputs: readonly Input[],
  { identity = IDENTITY, maxRecordBytes = BLOCK_MAX_RECORD_BYTES, level = 1, builder = new BlockBuilder(16, 1) } = {},
): Encoded {
  for (const { kind, raw, recv_ts } of inputs) builder.append(kind, raw, recv_ts);
  return builder.encode(identity, level, maxRecordBytes);
}

export function encodeOne(inputs: readonly Input[], identity = IDENTITY): EncodedBlock {
  const { blocks, oversize } = encodeAll(inputs, { identity });
  if (blocks.length !== 1 || oversize.length > 0) throw new Error('these inputs are not one block');
  return blocks[0]!;
}

export function read(record: Buffer): Block {
  const decoded = decodeBlock(record);
  if (!decoded.ok) throw new Error(`the block is refused: ${decoded.fault}`);
  return decoded.block;
}

export const blockOf = (inputs: readonly Input[], identity = IDENTITY): Block =>
  read(encodeOne(inputs, identity).record);

/** What went in, of what came out. */
export function inputOf(entry: Entry): Input {
  const raw = entry.kind === 'marker' ? Buffer.from(JSON.stringify(entry.marker)) : entry.raw;
  return { kind: entry.kind, raw: Buffer.from(raw), recv_ts: entry.recv_ts };
}

const ABOUT: Omit<MarkerOf<'session_opened'>, 'type'> = {
  opened_ts: T0,
  connection: 2,
  url: 'wss://exchange.test/ws',
  channels: ['orderbook_delta', 'trade'],
  markets_count: 40,
  use_yes_price: false,
  version: '0.1.0',
  previous_run: 'crashed',
};

const HOLE: Omit<MarkerOf<'gap_opened'>, 'type'> = {
  gap_id: `${SESSION_ID}:g1`,
  cause: 'sequence',
  channel: 'orderbook_delta',
  sid: 1,
  markets: ['A', 'B'],
  from_ts: T0 - 10,
  expected_seq: 5,
  got_seq: 8,
  missing: 3,
  first_frame_no: 11,
  last_frame_no: 12,
  previous_session_id: '20261123T180000000-000001',
};

/** One marker of every type. */
export const MARKERS: { readonly [T in Marker['type']]: MarkerOf<T> } = {
  session_opened: { type: 'session_opened', ...ABOUT },
  subscribed: { type: 'subscribed', sid: 1, channel: 'orderbook_delta', markets: ['A', 'B'] },
  gap_opened: { type: 'gap_opened', ...HOLE },
  gap_closed: { type: 'gap_closed', ...HOLE, to_ts: T0 + 900, repair: 'resubscribe' },
  session_closed: { type: 'session_closed', reason: 'shutdown', code: 1000, ...ABOUT },
};

export const ALL_MARKERS: readonly Marker[] = Object.values(MARKERS);
