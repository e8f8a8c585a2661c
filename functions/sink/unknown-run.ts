import type { Block } from '../../core/tape/block.ts';
import type { Queries } from './ledger.ts';
import { type EncodedRow, jsonRow } from './table-rows.ts';

/**
 * A recorder that came back on a new disk does not know how its last run ended, and cannot name the hole it left. The
 * warehouse can: the hole reaches from the last frame of the recorder's connection to the new session's opening. Asked
 * when the batch's own frames and sessions are in: a quick restart leaves the end of one run and the next in one batch.
 */
export async function unknownRunHoles(queries: Queries, blocks: readonly Block[]): Promise<readonly EncodedRow[]> {
  const holes: EncodedRow[] = [];
  for (const block of blocks) {
    for (const entry of block.entries) {
      if (entry.kind !== 'marker' || entry.marker.type !== 'session_opened') continue;
      if (entry.marker.previous_run !== 'unknown') continue;
      const hole = await holeBefore(queries, block, entry.marker.connection, entry.marker.opened_ts);
      if (hole !== undefined) holes.push(hole);
    }
  }
  return holes;
}

async function holeBefore(
  queries: Queries,
  { header }: Block,
  connection: number,
  opened_ts: number,
): Promise<EncodedRow | undefined> {
  const { session_id, recorder_id, block_id } = header;
  const [last] = await queries.query<{ session_id: string; last_ts: string }>(
    `SELECT session_id, toString(toUnixTimestamp64Micro(recv_ts)) AS last_ts FROM frames
       WHERE session_id = (
         SELECT max(session_id) FROM sessions
         WHERE recorder_id = {recorder_id:String} AND connection = {connection:UInt32} AND session_id < {session_id:String})
       ORDER BY frame_no DESC LIMIT 1`,
    { recorder_id, connection, session_id },
  );
  const from_ts = Number(last?.last_ts ?? 0);
  if (last === undefined || from_ts >= opened_ts) return undefined;
  const cells = [
    `${session_id}:g0`,
    session_id,
    recorder_id,
    'recorder_unknown',
    'recorder',
    '',
    0,
    [],
    from_ts,
    opened_ts,
    0,
    0,
    0,
    0,
    0,
    last.session_id,
    'reconnect',
    2,
  ];
  return jsonRow(cells, { block_id, session_id, frame_no: 0, recv_ts: opened_ts, raw: Buffer.alloc(0) });
}
