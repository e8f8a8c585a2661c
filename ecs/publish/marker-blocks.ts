import { BLOCK_MAX_RECORD_BYTES } from '../../core/contract/limits.ts';
import { type BlockHeader, decodeBlock, type EncodedBlock, type MarkerEntry } from '../../core/tape/block.ts';
import { BlockBuilder } from '../../core/tape/block-builder.ts';

const LEVEL = 8;

/** The markers of a block whose frames are given up, as blocks of their own: each stands behind the frame it stood behind. */
export function markerBlocks({ record }: EncodedBlock): readonly EncodedBlock[] {
  const decoded = decodeBlock(record);
  if (!decoded.ok) return [];
  const { header, entries } = decoded.block;
  const markers = entries.filter((entry) => entry.kind === 'marker');
  const places = [...new Set(markers.map(({ after_frame_no }) => after_frame_no))];
  return places.flatMap((place) => {
    const here = markers.filter(({ after_frame_no }) => after_frame_no === place);
    return encode(header, here, place);
  });
}

function encode(header: BlockHeader, markers: readonly MarkerEntry[], after_frame_no: number): readonly EncodedBlock[] {
  const builder = new BlockBuilder();
  for (const { marker, recv_ts } of markers) builder.append('marker', Buffer.from(JSON.stringify(marker)), recv_ts);
  const { recorder_id, session_id, cut_reason, cut_ts } = header;
  const first_marker_no = markers[0]!.marker_no;
  const identity = { recorder_id, session_id, first_frame_no: after_frame_no + 1, first_marker_no, cut_reason, cut_ts };
  return builder.encode(identity, LEVEL, BLOCK_MAX_RECORD_BYTES).blocks;
}
