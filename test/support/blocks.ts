import { BlockBuilder } from '../../core/tape/block-builder.ts';
import { type Block, type BlockHeader, type CutReason, decodeBlock, type EncodedBlock } from '../../core/tape/block.ts';
import type { Marker, MarkerOf } from '../../core/tape/marker.ts';

/** 2026-11-23T10:00:00Z, microseconds since 1970. */
export const T0 = 1_795_428_000_000_000;

export interface TapeOptions {
  readonly session_id?: string;
  readonly recorder_id?: string;
  /** The instant of the first entry; those behind it are a millisecond apart unless told. */
  readonly start_us?: number;
}

/** One session's tape, cut into blocks by hand: frames and markers in, Kinesis records out. */
export class TestTape {
  readonly session_id: string;
  readonly recorder_id: string;
  readonly #builder = new BlockBuilder();
  #now_us: number;
  #frames = 0;
  #markers = 0;
  #pendingMarkers = 0;

  constructor({
    session_id = '20261123T100000000-aaaaaa',
    recorder_id = 'recorder-a',
    start_us = T0,
  }: TapeOptions = {}) {
    this.session_id = session_id;
    this.recorder_id = recorder_id;
    this.#now_us = start_us;
  }

  /** The number of the newest frame. */
  get frames(): number {
    return this.#frames;
  }

  /** Returns the frame's recv_ts. */
  frame(raw: string | Buffer, recv_ts = this.#now_us + 1_000, kind: 'text' | 'binary' = 'text'): number {
    this.#frames++;
    this.#now_us = recv_ts;
    this.#builder.append(kind, typeof raw === 'string' ? Buffer.from(raw) : raw, recv_ts);
    return recv_ts;
  }

  marker(marker: Marker, recv_ts = this.#now_us + 1_000): number {
    this.#markers++;
    this.#pendingMarkers++;
    this.#now_us = recv_ts;
    this.#builder.append('marker', Buffer.from(JSON.stringify(marker)), recv_ts);
    return recv_ts;
  }

  /** Everything since the last cut as one block. */
  cut(cut_reason: CutReason = 'rows'): EncodedBlock {
    const identity = {
      recorder_id: this.recorder_id,
      session_id: this.session_id,
      first_frame_no: this.#frames - this.#builder.frames + 1,
      first_marker_no: this.#markers - this.#pendingMarkers + 1,
      cut_reason,
      cut_ts: this.#now_us,
    };
    this.#pendingMarkers = 0;
    const { blocks } = this.#builder.encode(identity, 1, Infinity);
    return blocks[0]!;
  }
}

/** A block as it is read back. Throws where it cannot be. */
export function readBack(record: Buffer): Block {
  const decoded = decodeBlock(record);
  if (!decoded.ok) throw new Error(`the test's own block is ${decoded.fault}`);
  return decoded.block;
}

export function idOf({ header }: { readonly header: BlockHeader }): string {
  return header.block_id;
}

export function openedMarker(more: Partial<MarkerOf<'session_opened'>> = {}): Marker {
  return { type: 'session_opened', ...ABOUT, ...more };
}

export function closedMarker(more: Partial<MarkerOf<'session_closed'>> = {}): Marker {
  return { type: 'session_closed', ...ABOUT, reason: 'shutdown', code: 1000, ...more };
}

export function subscribedMarker(sid: number, markets: readonly string[], channel = 'orderbook_delta'): Marker {
  return { type: 'subscribed', sid, channel, markets: [...markets] };
}

/** A hole, opened; `closed` makes its other end. */
export function gapMarker(gap_id: string, more: Partial<MarkerOf<'gap_opened'>> = {}): MarkerOf<'gap_opened'> {
  return { type: 'gap_opened', ...HOLE, gap_id, ...more };
}

export function gapClosed(opened: MarkerOf<'gap_opened'>, to_ts: number, repair = 'resubscribe'): Marker {
  return { ...opened, type: 'gap_closed', to_ts, repair };
}

const ABOUT: Omit<MarkerOf<'session_opened'>, 'type'> = {
  opened_ts: T0,
  connection: 0,
  url: 'wss://exchange.test/ws',
  channels: ['orderbook_delta', 'trade'],
  markets_count: 2,
  use_yes_price: false,
  version: '0.1.0',
  previous_run: 'clean',
};

const HOLE: Omit<MarkerOf<'gap_opened'>, 'type' | 'gap_id'> = {
  cause: 'sequence',
  channel: 'orderbook_delta',
  sid: 1,
  markets: ['KXA-1'],
  from_ts: T0,
  expected_seq: 5,
  got_seq: 8,
  missing: 3,
  first_frame_no: 0,
  last_frame_no: 0,
  previous_session_id: '',
};
