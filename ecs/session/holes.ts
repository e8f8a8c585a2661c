import type { Channel } from '../../core/contract/streamer-env.ts';
import type { SequenceBreak } from '../../core/kalshi/sequence.ts';
import type { GapCause, Hole } from '../../core/tape/marker.ts';
import type { Before, Dropped, OpenHole } from './state.ts';
import { marketsOf, named, subscribe, type Turn, unsubscribe, update } from './turn.ts';

/** The hole between two connections: closed when every channel is confirmed and every book is fresh. */
export function openReconnectHole(turn: Turn, before: Before): void {
  const { session_id, last_ts, cause } = before;
  const details = { from_ts: last_ts, previous_session_id: session_id };
  open(turn, holeOf(turn, cause, '', 0, details), new Set(turn.context.plan.channels), 'reconnect');
}

/** A seq was skipped. A book channel is repaired by a new subscription; of other channels what is lost is lost. */
export function openSequenceHole(
  turn: Turn,
  channel: Channel | undefined,
  sequence: SequenceBreak,
  before_ts: number,
): void {
  const hole = sequenceHole(turn, channel, sequence, before_ts);
  if (channel === 'orderbook_delta') openAndRepair(turn, hole, channel);
  else openClosed(turn, hole, 'none');
}

/** A seq was skipped on a connection that is being closed: the hole stays open until then. */
export function openLastSequenceHole(
  turn: Turn,
  channel: Channel | undefined,
  sequence: SequenceBreak,
  before_ts: number,
): void {
  open(turn, sequenceHole(turn, channel, sequence, before_ts), new Set(), 'reconnect');
}

/** The exchange ended a subscription (error 10 or 25): all of its markets are suspect until it is subscribed anew. */
export function openSubscriptionHole(
  turn: Turn,
  cause: GapCause,
  channel: Channel,
  sid: number,
  from_ts: number,
): void {
  openAndRepair(turn, holeOf(turn, cause, channel, sid, { from_ts }), channel);
}

/** The connection ends on our wish while it is in doubt whether data still came. */
export function openDoubtfulHole(turn: Turn, cause: GapCause, from_ts: number): void {
  open(turn, holeOf(turn, cause, '', 0, { from_ts }), new Set(), 'reconnect');
}

/** We dropped frames while Kinesis was away. Told now that it is back; the books are made fresh. */
export function openDroppedHole(turn: Turn, dropped: Dropped): void {
  const { first_frame_no, last_frame_no, from_ts } = dropped;
  const previous_session_id = dropped.session_id === turn.live.session_id ? '' : dropped.session_id;
  const missing = last_frame_no - first_frame_no + 1;
  const range = missing === 0 ? {} : { first_frame_no, last_frame_no };
  const hole = holeOf(turn, 'spool_full', '', 0, { ...range, from_ts, missing, previous_session_id });
  if (turn.context.plan.channels.includes('orderbook_delta')) openAndRepair(turn, hole, 'orderbook_delta');
  else openClosed(turn, hole, 'none');
}

/** One frame larger than a block: its number stays empty. */
export function openOversizeHole(turn: Turn, frame_no: number, recv_ts: number): void {
  const details = { from_ts: recv_ts, first_frame_no: frame_no, last_frame_no: frame_no, missing: 1 };
  openClosed(turn, holeOf(turn, 'frame_oversize', '', 0, details), 'none');
}

/** Fresh snapshots of a subscription: holes older than it owe these markets no longer. */
export function settleSnapshots(turn: Turn, sid: number, markets: readonly string[], last_ts: number): void {
  const subscription = turn.live.subscriptions.find((candidate) => candidate.sid === sid);
  if (subscription === undefined || turn.live.holes.length === 0) return;
  const fresh = new Set(markets);
  settle(turn, last_ts, (open) =>
    open.owed.size === 0 || subscription.order < open.order ? open : { ...open, owed: open.owed.difference(fresh) },
  );
}

/** A channel was confirmed: no hole waits for its confirmation any more. */
export function settleChannel(turn: Turn, channel: Channel): void {
  settle(turn, turn.context.now, (open) => ({ ...open, channelsOwed: without(open.channelsOwed, channel) }));
}

/**
 * The exchange refuses a channel. Holes of other channels do not wait for it; a hole of its own stays open, from where
 * the channel was last whole, until it is confirmed or the session ends.
 */
export function refuseChannel(turn: Turn, channel: Channel): void {
  const owing = turn.live.holes.filter(({ channelsOwed }) => channelsOwed.has(channel));
  if (!owing.some(({ hole }) => hole.channel === channel)) {
    const from_ts = Math.min(turn.context.now, ...owing.map(({ hole }) => hole.from_ts));
    open(turn, holeOf(turn, 'channel_error', channel, 0, { from_ts }), new Set([channel]), 'resubscribe');
  }
  settle(turn, turn.context.now, (open) => {
    if (!open.channelsOwed.has(channel) || open.hole.channel === channel) return open;
    const owed = channel === 'orderbook_delta' ? new Set<string>() : open.owed;
    return { ...open, channelsOwed: without(open.channelsOwed, channel), owed };
  });
}

/** The session ends: its holes end with it, and the next session's hole begins there. */
export function closeAllHoles(turn: Turn, to_ts: number): void {
  for (const { hole } of turn.live.holes) {
    turn.effects.push({
      type: 'mark',
      marker: { type: 'gap_closed', ...hole, to_ts: Math.max(to_ts, hole.from_ts), repair: 'session_end' },
    });
  }
  update(turn, { holes: [] });
}

function sequenceHole(
  turn: Turn,
  channel: Channel | undefined,
  { sid, expected, got }: SequenceBreak,
  before_ts: number,
): Hole {
  const from_ts = Math.max(before_ts, turn.live.opened_us);
  const details = { from_ts, expected_seq: expected, got_seq: got, missing: got - expected };
  return holeOf(turn, 'sequence', channel ?? '', sid, details);
}

function holeOf(
  turn: Turn,
  cause: GapCause,
  channel: Channel | '',
  sid: number,
  details: Partial<Hole> & { readonly from_ts: number },
): Hole {
  const gap_id = `${turn.live.session_id}:g${turn.live.nextGap}`;
  update(turn, { nextGap: turn.live.nextGap + 1 });
  return {
    gap_id,
    cause,
    channel,
    sid,
    markets: [...marketsOf(turn.context.plan, channel)],
    expected_seq: 0,
    got_seq: 0,
    missing: 0,
    first_frame_no: 0,
    last_frame_no: 0,
    previous_session_id: '',
    ...details,
  };
}

/** Unsubscribes, for only a new subscription brings fresh snapshots: subscribing again is a silent no-op. */
function openAndRepair(turn: Turn, hole: Hole, channel: Channel): void {
  const { pending, subscriptions } = turn.live;
  const underWay = pending.some((p) => p.channel === channel && p.kind !== 'probe' && p.kind !== 'refresh');
  open(turn, hole, new Set([channel]), 'resubscribe');
  if (underWay) return;
  const subscription = subscriptions.find((candidate) => candidate.channel === channel);
  if (subscription === undefined) subscribe(turn, channel);
  else unsubscribe(turn, channel, subscription.sid);
}

function open(turn: Turn, hole: Hole, channelsOwed: ReadonlySet<Channel>, repair: OpenHole['repair']): void {
  announce(turn, hole);
  const { holes, nextOrder } = turn.live;
  const owed = channelsOwed.has('orderbook_delta') ? new Set(turn.context.plan.markets) : new Set<string>();
  const opened = { hole, opened_us: turn.context.now, order: nextOrder, owed, channelsOwed, repair };
  update(turn, { holes: [...holes, opened], nextOrder: nextOrder + 1 });
}

/** A hole that no repair can fill: opened and closed at once. */
function openClosed(turn: Turn, hole: Hole, repair: string): void {
  announce(turn, hole);
  const to_ts = Math.max(turn.context.now, hole.from_ts);
  turn.effects.push({ type: 'mark', marker: { type: 'gap_closed', ...hole, to_ts, repair } });
}

function announce(turn: Turn, hole: Hole): void {
  turn.effects.push({ type: 'mark', marker: { type: 'gap_opened', ...hole } });
  turn.effects.push({
    type: 'log',
    event: 'ws_gap',
    fields: {
      session_id: turn.live.session_id,
      gap_id: hole.gap_id,
      cause: hole.cause,
      channel: hole.channel,
      sid: hole.sid,
      missing: hole.missing,
      ...(hole.cause === 'sequence' && { expected_seq: hole.expected_seq, got_seq: hole.got_seq }),
      ...named(hole.markets),
    },
  });
}

function settle(turn: Turn, to_ts: number, change: (open: OpenHole) => OpenHole): void {
  const still: OpenHole[] = [];
  for (const before of turn.live.holes) {
    const open = change(before);
    const settled = open !== before && open.owed.size === 0 && open.channelsOwed.size === 0;
    if (settled) close(turn, open, Math.max(to_ts, open.hole.from_ts));
    else still.push(open);
  }
  update(turn, { holes: still });
}

function without(channels: ReadonlySet<Channel>, channel: Channel): ReadonlySet<Channel> {
  return channels.difference(new Set([channel]));
}

function close(turn: Turn, { hole, opened_us, repair }: OpenHole, to_ts: number): void {
  turn.effects.push({ type: 'mark', marker: { type: 'gap_closed', ...hole, to_ts, repair } });
  turn.effects.push({
    type: 'log',
    event: 'ws_resubscribed',
    fields: {
      session_id: turn.live.session_id,
      gap_id: hole.gap_id,
      cause: hole.cause,
      channel: hole.channel,
      sid: hole.sid,
      repair,
      duration_ms: Math.round((turn.context.now - opened_us) / 1_000),
    },
  });
}
