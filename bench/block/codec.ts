import { streamerEnv } from '../../core/contract/streamer-env.ts';
import { BLOCK_MAX_RECORD_BYTES } from '../../core/contract/limits.ts';
import { BlockBuilder } from '../../core/tape/block-builder.ts';
import { decodeBlock, type EncodedBlock } from '../../core/tape/block.ts';
import { Cutter } from '../../ecs/publish/cutter.ts';
import type { Arrival } from './tapes.ts';

const IDENTITY = { recorder_id: 'bench', session_id: '20261123T190000000-0a1b2c' };

/** What the streamer cuts by default, read from its own schema. */
const env = streamerEnv.parse({
  KALSHI_API_KEY_ID: 'bench',
  KALSHI_PRIVATE_KEY: 'none',
  CHANNELS: 'trade',
});
const BOUNDS = {
  rows: env.FLUSH_ROWS_THRESHOLD,
  rawBytes: env.FLUSH_BYTES_THRESHOLD,
  age_us: env.FLUSH_SECS_THRESHOLD * 1e6,
};

/** The tape through the real Cutter, its clock being the tape's. */
export function cutTape(tape: readonly Arrival[]): readonly EncodedBlock[] {
  const blocks: EncodedBlock[] = [];
  let now = 0;
  const cutter = new Cutter(IDENTITY, BOUNDS, {
    now: () => now,
    onBlock: (block) => blocks.push(block),
    onOversize: () => undefined,
  });
  for (const { raw, recv_ts } of tape) {
    now = recv_ts;
    cutter.tick();
    cutter.frame('text', raw);
  }
  cutter.cut('session_end');
  return blocks;
}

/** The same blocks at a level of our choice. */
export function encodeAt(level: number, blocks: readonly (readonly Arrival[])[]): readonly EncodedBlock[] {
  const builder = new BlockBuilder();
  const encoded: EncodedBlock[] = [];
  let first_frame_no = 1;
  for (const block of blocks) {
    for (const { raw, recv_ts } of block) builder.append('text', raw, recv_ts);
    const cut_ts = block.at(-1)?.recv_ts ?? 0;
    const identity = { ...IDENTITY, first_frame_no, first_marker_no: 1, cut_reason: 'rows', cut_ts } as const;
    encoded.push(...builder.encode(identity, level, BLOCK_MAX_RECORD_BYTES).blocks);
    first_frame_no += block.length;
  }
  return encoded;
}

/** Which frames stand in which block. */
export function framesOf(tape: readonly Arrival[], blocks: readonly EncodedBlock[]): readonly (readonly Arrival[])[] {
  return blocks.map(({ header }) => tape.slice(header.first_frame_no - 1, header.last_frame_no));
}

/** Throws where a block is not the tape, byte for byte and instant for instant. */
export function checkBlocks(tape: readonly Arrival[], blocks: readonly EncodedBlock[]): void {
  let at = 0;
  for (const { record, header } of blocks) {
    const decoded = decodeBlock(record);
    if (!decoded.ok) throw new Error(`block ${header.block_id} does not decode: ${decoded.fault}`);
    for (const { kind, ...entry } of decoded.block.entries) {
      const sent = tape[at++];
      const same = kind !== 'marker' && 'raw' in entry && sent?.raw.equals(entry.raw) && sent.recv_ts === entry.recv_ts;
      if (same !== true) throw new Error(`block ${header.block_id} is not what was put into it`);
    }
  }
  if (at !== tape.length) throw new Error(`${at} of ${tape.length} frames are in the blocks`);
}

export function recordBytes(blocks: readonly EncodedBlock[]): number {
  return blocks.reduce((sum, { record }) => sum + record.length, 0);
}
