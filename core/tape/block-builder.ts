import {
  blockId,
  type BlockHeader,
  type BlockIdentity,
  COLUMN_MAX_BYTES,
  encodeRecord,
  type EncodedBlock,
  type EntryKind,
  KIND_CODE,
} from './block.ts';
import { writeVarint } from './varint.ts';

const KIND_OF_CODE: readonly EntryKind[] = ['text', 'binary', 'marker'];

/** An entry that does not fit a record even alone; frame_no is 0 where it is a marker. */
export interface Oversize {
  readonly frame_no: number;
  readonly recv_ts: number;
  readonly bytes: number;
}

export interface Encoded {
  readonly blocks: readonly EncodedBlock[];
  readonly oversize: readonly Oversize[];
}

/** Gathers the entries of one block, copying their bytes. Reused from block to block. */
export class BlockBuilder {
  #bytes: Buffer;
  #used = 0;
  #lengths: Float64Array;
  #instants: Float64Array;
  #entries = 0;
  #frames = 0;

  constructor(expectedBytes = 65_536, expectedEntries = 256) {
    this.#bytes = Buffer.allocUnsafeSlow(expectedBytes);
    this.#lengths = new Float64Array(expectedEntries);
    this.#instants = new Float64Array(expectedEntries);
  }

  get frames(): number {
    return this.#frames;
  }

  get entries(): number {
    return this.#entries;
  }

  get rawBytes(): number {
    return this.#used;
  }

  /** Microseconds since 1970 of the oldest entry; undefined where there is none. */
  get oldestTs(): number | undefined {
    return this.#entries === 0 ? undefined : this.#instants[0];
  }

  /**
   * Copies the entry, `bytes` from `start` to `end`. The caller keeps the block within BLOCK_MAX_RAW_BYTES and
   * BLOCK_MAX_ENTRIES, and `recv_ts` from falling.
   */
  append(kind: EntryKind, bytes: Buffer, recv_ts: number, start = 0, end = bytes.length): void {
    const length = end - start;
    this.#reserve(length);
    bytes.copy(this.#bytes, this.#used, start, end);
    this.#used += length;
    this.#lengths[this.#entries] = length * 4 + KIND_CODE[kind];
    this.#instants[this.#entries] = recv_ts;
    this.#entries++;
    if (kind !== 'marker') this.#frames++;
  }

  /**
   * Encodes what was gathered and starts anew. Where that is more than `maxRecordBytes`, it becomes several blocks; an
   * entry that is too large even alone is reported, not encoded. `level`: zstd's.
   */
  encode(identity: BlockIdentity, level: number, maxRecordBytes: number): Encoded {
    const whole = this.#encodeWhole(identity, level);
    const encoded: Encoded =
      whole.record.length <= maxRecordBytes
        ? { blocks: [whole], oversize: [] }
        : this.#entries === 1
          ? { blocks: [], oversize: [this.#oversize(identity)] }
          : this.#encodeHalves(identity, level, maxRecordBytes);
    this.#used = this.#entries = this.#frames = 0;
    return encoded;
  }

  #encodeWhole(identity: BlockIdentity, level: number): EncodedBlock {
    const markers = this.#entries - this.#frames;
    const first_recv_ts = this.#entries === 0 ? identity.cut_ts : this.#instants[0]!;
    const body_bytes = this.#appendColumns(first_recv_ts);
    const header: BlockHeader = {
      block_id: blockId(identity, this.#frames, markers),
      recorder_id: identity.recorder_id,
      session_id: identity.session_id,
      first_frame_no: identity.first_frame_no,
      last_frame_no: identity.first_frame_no + this.#frames - 1,
      count: this.#frames,
      first_marker_no: identity.first_marker_no,
      markers,
      first_recv_ts,
      last_recv_ts: this.#entries === 0 ? first_recv_ts : this.#instants[this.#entries - 1]!,
      raw_bytes: this.#used,
      body_bytes,
      cut_reason: identity.cut_reason,
      cut_ts: identity.cut_ts,
    };
    return { header, record: encodeRecord(header, this.#bytes.subarray(0, body_bytes), level) };
  }

  #encodeHalves(identity: BlockIdentity, level: number, maxRecordBytes: number): Encoded {
    const half = Math.ceil(this.#entries / 2);
    const [first, second] = [new BlockBuilder(), new BlockBuilder()];
    let at = 0;
    for (let i = 0; i < this.#entries; i++) {
      const length = Math.floor(this.#lengths[i]! / 4);
      const kind = KIND_OF_CODE[this.#lengths[i]! % 4]!;
      (i < half ? first : second).append(kind, this.#bytes.subarray(at, at + length), this.#instants[i]!);
      at += length;
    }
    const behind = {
      ...identity,
      first_frame_no: identity.first_frame_no + first.frames,
      first_marker_no: identity.first_marker_no + first.entries - first.frames,
    };
    const a = first.encode(identity, level, maxRecordBytes);
    const b = second.encode(behind, level, maxRecordBytes);
    return { blocks: [...a.blocks, ...b.blocks], oversize: [...a.oversize, ...b.oversize] };
  }

  #oversize(identity: BlockIdentity): Oversize {
    const frame_no = this.#frames === 1 ? identity.first_frame_no : 0;
    return { frame_no, recv_ts: this.#instants[0]!, bytes: this.#used };
  }

  #appendColumns(first_recv_ts: number): number {
    this.#reserve(this.#entries * COLUMN_MAX_BYTES);
    let at = this.#used;
    for (let i = 0; i < this.#entries; i++) at = writeVarint(this.#bytes, at, this.#lengths[i]!);
    let before = first_recv_ts;
    for (let i = 0; i < this.#entries; i++) {
      at = writeVarint(this.#bytes, at, this.#instants[i]! - before);
      before = this.#instants[i]!;
    }
    return at;
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(this.#used + bytes, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, this.#used);
      this.#bytes = grown;
    }
    if (this.#entries === this.#lengths.length) {
      this.#lengths = doubled(this.#lengths);
      this.#instants = doubled(this.#instants);
    }
  }
}

function doubled(values: Float64Array): Float64Array {
  const grown = new Float64Array(values.length * 2);
  grown.set(values);
  return grown;
}
