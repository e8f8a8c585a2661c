import type { Dropped } from './state.ts';

/** Separate ranges of dropped frames that are kept until they are told; beyond it they become coarse. */
const DROPPED_MAX_RANGES = 1_000;

/**
 * Ranges of one session that touch become one. Where there are too many, the last one grows over what lies between; another
 * session's range is then covered by the time of the holes alone.
 */
export function withDropped(ranges: readonly Dropped[], range: Dropped): readonly Dropped[] {
  const last = ranges.at(-1);
  const isFull = ranges.length >= DROPPED_MAX_RANGES;
  const isBehind = last?.session_id === range.session_id && range.first_frame_no >= last.first_frame_no;
  if (last !== undefined && isBehind && (isFull || range.first_frame_no <= last.last_frame_no + 1)) {
    return [...ranges.slice(0, -1), { ...last, last_frame_no: Math.max(last.last_frame_no, range.last_frame_no) }];
  }
  return isFull ? ranges : [...ranges, range];
}
