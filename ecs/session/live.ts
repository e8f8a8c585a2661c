import type { Channel } from '../../core/contract/streamer-env.ts';
import { isTerminal, BUFFER_OVERFLOW, EXCHANGE_ERRORS } from '../../core/kalshi/errors.ts';
import type { Message, MessageOf } from '../../core/kalshi/messages.ts';
import type { GapCause } from '../../core/tape/marker.ts';
import { openSubscriptionHole, settleChannel } from './holes.ts';
import type { Pending } from './state.ts';
import { getSnapshot, listSubscriptions, marketsOf, named, subscribe, type Turn, update } from './turn.ts';

/** A subscribe that was never answered is sent this many times before the connection is given up. */
const SUBSCRIBE_TRIES = 3;
/** Error codes after which the same command may succeed later: unable to process, timeout, too many requests. */
const PASSING_ERRORS = [1, 18, 27];
/** Snapshots asked for in one command. */
const REFRESH_MAX_MARKETS = 1_000;
/** The wait for owed snapshots doubles from try to try, this often at most. */
const REFRESH_MAX_DOUBLINGS = 6;

/** The exchange's answer to a command, or its word on a subscription. */
export function onReply(turn: Turn, message: Message): void {
  switch (message.type) {
    case 'subscribed':
      return onSubscribed(turn, message.msg.channel as Channel, message.msg.sid);
    case 'unsubscribed':
      return onUnsubscribed(turn, message);
    case 'ok':
      return onOk(turn, message);
    case 'error':
      return onError(turn, message);
    default:
      return;
  }
}

/** The first data of a channel prove its subscription, should its confirmation have been missed. */
export function onData(turn: Turn, channel: Channel, sid: number): void {
  update(turn, { dataSeen: true });
  const known = turn.live.subscriptions.some((subscription) => subscription.channel === channel);
  if (!known && sid > 0) onSubscribed(turn, channel, sid);
}

/** What time alone brings: commands without an answer, snapshots owed, silence. Names the cause where the connection must end. */
export function onTime(turn: Turn, lastData_ts: number): GapCause | undefined {
  const { now, plan } = turn.context;
  for (const pending of turn.live.pending) {
    const doublings = pending.kind === 'refresh' ? Math.min(pending.tries - 1, REFRESH_MAX_DOUBLINGS) : 0;
    if (now - pending.sent_us < plan.replyTimeout_us * 2 ** doublings) continue;
    const cause = onNoReply(turn, pending);
    if (cause !== undefined) return cause;
  }
  askForOwed(turn);
  askForSignOfLife(turn, lastData_ts);
  return undefined;
}

function onSubscribed(turn: Turn, channel: Channel, sid: number): void {
  const { now, plan } = turn.context;
  const others = turn.live.subscriptions.filter((subscription) => subscription.channel !== channel);
  const pending = turn.live.pending.filter((p) => !(p.kind === 'subscribe' && p.channel === channel));
  update(turn, { subscriptions: [...others, { sid, channel, since_us: now }], pending });
  const markets = marketsOf(plan, channel);
  turn.effects.push({ type: 'mark', marker: { type: 'subscribed', sid, channel, markets: [...markets] } });
  const { session_id } = turn.live;
  const fields = { session_id, connection: plan.connection, channel, sid, ...named(markets) };
  turn.effects.push({ type: 'log', event: 'ws_subscribed', fields });
  settleChannel(turn, channel, true);
}

function onUnsubscribed(turn: Turn, message: MessageOf<'unsubscribed'>): void {
  const subscription = turn.live.subscriptions.find(({ sid }) => sid === message.sid);
  const pending = turn.live.pending.find((p) => p.kind === 'unsubscribe' && (p.id === message.id || p.channel === subscription?.channel));
  const channel = pending?.channel ?? subscription?.channel;
  if (channel !== undefined) resubscribe(turn, channel, pending);
}

/** The old subscription is gone: subscribe anew, which brings a new sid and fresh snapshots. */
function resubscribe(turn: Turn, channel: Channel, done: Pending | undefined): void {
  update(turn, {
    subscriptions: turn.live.subscriptions.filter((subscription) => subscription.channel !== channel),
    pending: turn.live.pending.filter((p) => p !== done),
  });
  subscribe(turn, channel);
}

/** `ok` to a subscribe: it was merged into a living subscription and brings no snapshot, so snapshots are asked for. */
function onOk(turn: Turn, message: MessageOf<'ok'>): void {
  const pending = answered(turn, message.id);
  if (pending?.kind !== 'subscribe' || message.sid === undefined) return;
  onSubscribed(turn, pending.channel, message.sid);
  if (pending.channel === 'orderbook_delta') askFor(turn, message.sid, 1);
}

function onError(turn: Turn, message: MessageOf<'error'>): void {
  const { code, msg } = message.msg;
  const { session_id } = turn.live;
  const { connection } = turn.context.plan;
  const reason = `${msg} (${EXCHANGE_ERRORS[code]?.text ?? 'a code we do not know'})`;
  const fields = { session_id, connection, error_code: code, reason, sid: message.sid ?? 0 };
  turn.effects.push({ type: 'log', event: 'ws_exchange_error', fields });

  if (isTerminal(code)) return onTerminal(turn, code, message.sid);
  const pending = turn.live.pending.find((p) => p.id === message.id && message.id !== 0);
  if (pending === undefined) return;
  if (pending.kind === 'unsubscribe') return resubscribe(turn, pending.channel, pending);
  if (PASSING_ERRORS.includes(code)) return;
  update(turn, { pending: turn.live.pending.filter((p) => p !== pending) });
  if (pending.kind === 'subscribe') settleChannel(turn, pending.channel, false);
}

/** Without a sid nobody can know which subscription ended, so all of them are taken as ended. */
function onTerminal(turn: Turn, code: number, sid: number | undefined): void {
  const cause = code === BUFFER_OVERFLOW ? 'exchange_overflow' : 'channel_error';
  for (const subscription of turn.live.subscriptions) {
    if (sid === undefined || subscription.sid === sid) {
      openSubscriptionHole(turn, cause, subscription.channel, subscription.sid);
    }
  }
}

function onNoReply(turn: Turn, pending: Pending): GapCause | undefined {
  if (pending.kind === 'probe') return 'data_silence';
  if (pending.kind === 'unsubscribe') return 'no_reply';
  if (pending.kind === 'subscribe' && pending.tries >= SUBSCRIBE_TRIES) return 'no_reply';
  update(turn, { pending: turn.live.pending.filter((p) => p !== pending) });
  if (pending.kind === 'subscribe') {
    subscribe(turn, pending.channel, pending.tries + 1);
  } else {
    const books = turn.live.subscriptions.find(({ channel }) => channel === 'orderbook_delta');
    if (books !== undefined) askFor(turn, books.sid, pending.tries + 1);
  }
  return undefined;
}

/** Snapshots that a confirmed subscription still owes after the reply time are asked for by name. */
function askForOwed(turn: Turn): void {
  const { now, plan } = turn.context;
  const books = turn.live.subscriptions.find(({ channel }) => channel === 'orderbook_delta');
  if (books === undefined || now - books.since_us < plan.replyTimeout_us) return;
  if (turn.live.pending.some(({ channel }) => channel === 'orderbook_delta')) return;
  askFor(turn, books.sid, 1);
}

function askFor(turn: Turn, sid: number, tries: number): void {
  const owed = turn.live.holes.find((open) => open.owed.size > 0)?.owed;
  if (owed !== undefined) getSnapshot(turn, sid, [...owed].slice(0, REFRESH_MAX_MARKETS), 'refresh', tries);
}

function askForSignOfLife(turn: Turn, lastData_ts: number): void {
  const { now, plan } = turn.context;
  const { live } = turn;
  const quietSince = Math.max(lastData_ts, live.lastProbe_us, live.opened_us);
  if (!live.dataSeen || now - quietSince < plan.dataSilence_us) return;
  if (live.pending.some(({ kind }) => kind === 'probe')) return;
  const books = live.subscriptions.find(({ channel }) => channel === 'orderbook_delta');
  const fields = {
    session_id: live.session_id,
    connection: plan.connection,
    duration_ms: Math.round((now - Math.max(lastData_ts, live.opened_us)) / 1_000),
  };
  turn.effects.push({ type: 'log', event: 'ws_data_silence', fields });
  update(turn, { lastProbe_us: now });
  if (books === undefined) listSubscriptions(turn);
  else getSnapshot(turn, books.sid, plan.markets.slice(0, 1), 'probe');
}

/** A probe is answered by any data too: see `onSnapshots` in machine.ts. */
export function dropProbes(turn: Turn): void {
  if (turn.live.pending.some(({ kind }) => kind === 'probe')) {
    update(turn, { pending: turn.live.pending.filter(({ kind }) => kind !== 'probe') });
  }
}

function answered(turn: Turn, id: number | undefined): Pending | undefined {
  const pending = turn.live.pending.find((p) => p.id === id && id !== 0);
  if (pending !== undefined) update(turn, { pending: turn.live.pending.filter((p) => p !== pending) });
  return pending;
}
