import type { EventLog } from '../../core/logging/event-log.ts';

/** A frame as it was received: `bytes` from `start` to `end`. */
export interface ReceivedFrame {
  readonly session_id: string;
  readonly connection: number;
  readonly frame_no: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** How much of a frame a line shows, bytes. */
const DETAIL_MAX_BYTES = 200;

/** Logs one frame in `every`, the first one first. Ask for it only where somebody listens at DEBUG: it costs a line a frame. */
export function frameLog(log: EventLog, every: number): (frame: ReceivedFrame) => void {
  let skipped = every - 1;
  return ({ session_id, connection, frame_no, bytes, start, end }) => {
    if (++skipped < every) return;
    skipped = 0;
    const detail = bytes.toString('utf8', start, Math.min(end, start + DETAIL_MAX_BYTES));
    log('ws_frame', { session_id, connection, frame_no, bytes: end - start, detail });
  };
}
