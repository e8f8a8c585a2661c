import type { BlockHeader, MarkerEntry } from './block.ts';
import type { GapCause, MarkerOf } from './marker.ts';
import type { TableRow } from './market-rows.ts';
import type { Row } from './tables.ts';

/** Who has to look at a hole. */
const ATTRIBUTION: Readonly<Record<GapCause, 'exchange' | 'network' | 'recorder'>> = {
  sequence: 'exchange',
  exchange_overflow: 'recorder',
  channel_error: 'exchange',
  disconnect: 'network',
  dead_socket: 'network',
  data_silence: 'exchange',
  no_reply: 'exchange',
  recorder_crashed: 'recorder',
  recorder_stopped: 'recorder',
  recorder_unknown: 'recorder',
  spool_full: 'recorder',
  frame_oversize: 'recorder',
};

/** An open session or hole is one row; its end is the same row again with a higher version. */
const OPENED = 1;
const CLOSED = 2;

export function recorderRow(entry: MarkerEntry, block: BlockHeader): TableRow {
  const { marker } = entry;
  switch (marker.type) {
    case 'session_opened':
      return { table: 'sessions', row: sessionRow(marker, block, [null, '', 0, 0, OPENED]) };
    case 'session_closed': {
      const end = [entry.recv_ts, marker.reason, marker.code, entry.after_frame_no, CLOSED];
      return { table: 'sessions', row: sessionRow(marker, block, end) };
    }
    case 'subscribed':
      return {
        table: 'subscriptions',
        row: [block.session_id, marker.sid, marker.channel, marker.markets, entry.recv_ts, entry.after_frame_no],
      };
    case 'gap_opened':
      return { table: 'gaps', row: gapRow(marker, block, null, '', OPENED) };
    case 'gap_closed':
      return { table: 'gaps', row: gapRow(marker, block, marker.to_ts, marker.repair, CLOSED) };
  }
}

function sessionRow(marker: Omit<MarkerOf<'session_opened'>, 'type'>, block: BlockHeader, end: Row): Row {
  return [
    block.session_id,
    block.recorder_id,
    marker.connection,
    marker.url,
    marker.channels,
    marker.markets_count,
    marker.use_yes_price,
    marker.version,
    marker.previous_run,
    marker.opened_ts,
    ...end,
  ];
}

function gapRow(
  marker: MarkerOf<'gap_opened'> | MarkerOf<'gap_closed'>,
  block: BlockHeader,
  to_ts: number | null,
  repair: string,
  row_version: number,
): Row {
  return [
    marker.gap_id,
    block.session_id,
    block.recorder_id,
    marker.cause,
    ATTRIBUTION[marker.cause],
    marker.channel,
    marker.sid,
    marker.markets,
    marker.from_ts,
    to_ts,
    marker.expected_seq,
    marker.got_seq,
    marker.missing,
    marker.first_frame_no,
    marker.last_frame_no,
    marker.previous_session_id,
    repair,
    row_version,
  ];
}
