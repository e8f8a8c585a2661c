import type { EncodedBlock } from '../../core/tape/block.ts';
import { BlockBuilder } from '../../core/tape/block-builder.ts';
import type { Marker, MarkerOf } from '../../core/tape/marker.ts';

const SESSION = '20261123T190256123-9f3a1c';

/** A block of `frames` frames from number `first` on, behind one marker where it is asked for. */
export function blockOf({
  first = 1,
  frames = 1,
  marker,
  session_id = SESSION,
  recv_ts = 1_000 * first,
  bytes = 40,
}: {
  readonly first?: number;
  readonly frames?: number;
  readonly marker?: Marker;
  readonly session_id?: string;
  readonly recv_ts?: number;
  /** Of each frame; they do not pack. */
  readonly bytes?: number;
}): EncodedBlock {
  const builder = new BlockBuilder();
  if (marker !== undefined) builder.append('marker', Buffer.from(JSON.stringify(marker)), recv_ts);
  for (let i = 0; i < frames; i++) builder.append('text', noise(bytes, first + i), recv_ts + i);
  const cut = { cut_reason: 'age', cut_ts: recv_ts + frames } as const;
  const identity = { recorder_id: 'r', session_id, first_frame_no: first, first_marker_no: first, ...cut };
  return builder.encode(identity, 1, 1_048_576).blocks[0]!;
}

export const SUBSCRIBED: MarkerOf<'subscribed'> = { type: 'subscribed', sid: 1, channel: 'trade', markets: [] };

/** Bytes without a pattern, the same for the same seed. */
export function noise(bytes: number, seed: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  let state = seed * 2_654_435_761 + 1;
  for (let i = 0; i < bytes; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    buffer[i] = state >>> 24;
  }
  return buffer;
}
