import { type Block, decodeBlock, type Frame, type MarkerEntry } from '../../core/tape/block.ts';
import type { MarkerOf } from '../../core/tape/marker.ts';

export interface RecordedSession {
  readonly session_id: string;
  /** By frame number, ascending; blocks that came more than once count once. */
  readonly frames: readonly Frame[];
  readonly markers: readonly MarkerEntry[];
}

/** What lies on the stream, as a reader puts it together: blocks by their id, frames by session and number. */
export class RecordedTape {
  readonly blocks: readonly Block[];
  /** Blocks that were on the stream already. */
  readonly repeated: number;
  /** By session id: in the order of time. */
  readonly sessions: readonly RecordedSession[];

  /** Throws where a record is no block, or where a block comes again with other bytes. */
  constructor(records: readonly Buffer[]) {
    const byId = new Map<string, { readonly record: Buffer; readonly block: Block }>();
    for (const record of records) {
      const decoded = decodeBlock(record);
      if (!decoded.ok) throw new Error(`a record is no block: ${decoded.fault}`);
      const { block } = decoded;
      const known = byId.get(block.header.block_id);
      if (known !== undefined && !known.record.equals(record)) throw new Error(`two blocks ${block.header.block_id}`);
      byId.set(block.header.block_id, { record, block });
    }
    this.blocks = [...byId.values()].map(({ block }) => block);
    this.repeated = records.length - this.blocks.length;
    const ids = [...new Set(this.blocks.map(({ header }) => header.session_id))].sort();
    this.sessions = ids.map((session_id) => sessionOf(session_id, this.blocks));
  }

  get frames(): readonly Frame[] {
    return this.sessions.flatMap(({ frames }) => frames);
  }

  markers<T extends MarkerEntry['marker']['type']>(type: T): readonly MarkerOf<T>[] {
    const all = this.sessions.flatMap(({ markers }) => markers.map(({ marker }) => marker));
    return all.filter((marker): marker is MarkerOf<T> => marker.type === type);
  }
}

function sessionOf(session_id: string, blocks: readonly Block[]): RecordedSession {
  const entries = blocks.filter(({ header }) => header.session_id === session_id).flatMap((block) => block.entries);
  const frames = entries.filter((entry) => entry.kind !== 'marker').sort((a, b) => a.frame_no - b.frame_no);
  const markers = entries.filter((entry) => entry.kind === 'marker').sort((a, b) => a.marker_no - b.marker_no);
  return { session_id, frames, markers };
}
