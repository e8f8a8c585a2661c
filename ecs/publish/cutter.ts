import { BLOCK_MAX_ENTRIES, BLOCK_MAX_RAW_BYTES, BLOCK_MAX_RECORD_BYTES } from '../../core/contract/limits.ts';
import { BlockBuilder, type Oversize } from '../../core/tape/block-builder.ts';
import type { CutReason, EncodedBlock, EntryKind } from '../../core/tape/block.ts';
import type { Marker } from '../../core/tape/marker.ts';

export interface CutBounds {
  readonly rows: number;
  readonly rawBytes: number;
  readonly age_us: number;
}

export interface CutterPorts {
  readonly now: () => number;
  readonly onBlock: (block: EncodedBlock) => void;
  readonly onOversize: (oversize: Oversize) => void;
}

/** A frame up to this surely fits a record, however badly it packs; the rest is for the header. */
const SURELY_FITS_BYTES = BLOCK_MAX_RECORD_BYTES - 16_384;
/** zstd levels. Measured on the simulator's tape (`npm run bench -- block`): level 8 packs a fifth smaller for 3 µs a frame. */
const LEVEL_UNDER_LOAD = 1;
const LEVEL_AT_LEISURE = 8;
/** Frames further apart than this on average leave the time to pack them well: below 50,000 frames a second. */
const LEISURE_US_PER_FRAME = 20;

/** Cuts one session's frames and markers into blocks, by rows, bytes and age. Gives frames their numbers. */
export class Cutter {
  readonly #builder = new BlockBuilder();
  readonly #identity: { readonly recorder_id: string; readonly session_id: string };
  readonly #bounds: CutBounds;
  readonly #ports: CutterPorts;
  #frames = 0;
  #markers = 0;
  #lastTs = 0;

  constructor(
    identity: { readonly recorder_id: string; readonly session_id: string },
    bounds: CutBounds,
    ports: CutterPorts,
  ) {
    this.#identity = identity;
    this.#bounds = bounds;
    this.#ports = ports;
  }

  /** The number of the newest frame. */
  get frames(): number {
    return this.#frames;
  }

  /** The instant of the newest entry, microseconds since 1970; 0 before the first. */
  get lastTs(): number {
    return this.#lastTs;
  }

  get buffered(): number {
    return this.#builder.frames;
  }

  get oldestTs(): number | undefined {
    return this.#builder.oldestTs;
  }

  /** Takes a frame, copying `bytes` from `start` to `end`. Returns its recv_ts: strictly above that of the entry before. */
  frame(kind: 'text' | 'binary', bytes: Buffer, start = 0, end = bytes.length): number {
    this.#frames++;
    const recv_ts = this.#append(kind, 1, bytes, start, end);
    if (this.#builder.frames >= this.#bounds.rows) this.cut('rows');
    else if (this.#builder.rawBytes >= this.#bounds.rawBytes) this.cut('bytes');
    // Cut while the session lives: should the frame not fit, its hole must still be told.
    else if (end - start > SURELY_FITS_BYTES) this.cut('bytes');
    return recv_ts;
  }

  marker(marker: Marker): void {
    this.#markers++;
    const bytes = Buffer.from(JSON.stringify(marker));
    this.#append('marker', 0, bytes, 0, bytes.length);
  }

  /** Cuts the block if its oldest entry is due. */
  tick(): void {
    const oldest = this.#builder.oldestTs;
    if (oldest !== undefined && this.#ports.now() - oldest >= this.#bounds.age_us) this.cut('age');
  }

  cut(reason: CutReason): void {
    this.#cutExcept(reason, 0, 0);
  }

  /** Appends, cutting first where the block would grow beyond its bounds. The entry is counted in #frames or #markers already. */
  #append(kind: EntryKind, isFrame: 0 | 1, bytes: Buffer, start: number, end: number): number {
    const builder = this.#builder;
    const length = end - start;
    if (builder.rawBytes + length > BLOCK_MAX_RAW_BYTES || builder.entries >= BLOCK_MAX_ENTRIES) {
      this.#cutExcept('bytes', isFrame, isFrame === 1 ? 0 : 1);
    }
    const now = this.#ports.now();
    this.#lastTs = now > this.#lastTs ? now : this.#lastTs + 1;
    if (length > BLOCK_MAX_RAW_BYTES) this.#skip(isFrame, length);
    else builder.append(kind, bytes, this.#lastTs, start, end);
    return this.#lastTs;
  }

  /** `frames` and `markers`: entries that have their number already but belong to the next block. */
  #cutExcept(cut_reason: CutReason, frames: number, markers: number): void {
    const builder = this.#builder;
    if (builder.entries === 0) return;
    const identity = {
      ...this.#identity,
      first_frame_no: this.#frames - frames - builder.frames + 1,
      first_marker_no: this.#markers - markers - (builder.entries - builder.frames) + 1,
      cut_reason,
      cut_ts: this.#ports.now(),
    };
    const span_us = identity.cut_ts - (builder.oldestTs ?? identity.cut_ts);
    const level = span_us >= builder.entries * LEISURE_US_PER_FRAME ? LEVEL_AT_LEISURE : LEVEL_UNDER_LOAD;
    const { blocks, oversize } = builder.encode(identity, level, BLOCK_MAX_RECORD_BYTES);
    for (const block of blocks) this.#ports.onBlock(block);
    for (const entry of oversize) this.#ports.onOversize(entry);
  }

  #skip(isFrame: 0 | 1, bytes: number): void {
    this.#cutExcept('bytes', isFrame, 1 - isFrame);
    this.#ports.onOversize({ frame_no: isFrame === 1 ? this.#frames : 0, recv_ts: this.#lastTs, bytes });
  }
}
