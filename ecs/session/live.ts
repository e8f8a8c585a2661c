import type { Channel } from '../../core/contract/streamer-env.ts';
import { isTerminal, BUFFER_OVERFLOW, EXCHANGE_ERRORS } from '../../core/kalshi/errors.ts';
import type { Message, MessageOf } from '../../core/kalshi/messages.ts';
import type { GapCause } from '../../core/tape/marker.ts';
import { openSubscriptionHole, refuseChannel, settleChannel, settleSnapshots } from './holes.ts';
import type { InstantOfSid, Pending } from './state.ts';
import { getSnapshot, listSubscriptions, marketsOf, named, subscribe, type Turn, update } from './turn.ts';

/** A subscribe that was never answered is sent this many times before the connection is given up. */
const SUBSCRIBE_TRIES = 3;
/** Error codes after which the same command may succeed later: unable to process, timeout, too many requests. */
const PASSING_ERRORS = [1, 18, 27];
/** Snapshots asked for in one command. */
const REFRESH_MAX_MARKETS = 1_000;
/** The wait for owed snapshots doubles from try to try, this often at most. */
const REFRESH_MAX_DOUBLINGS = 6;
/** A refused subscribe is sent again after so many times the reply time. */
const REFUSED_REPLY_TIMES = 6;

/** The exchange's answer to a command, or its word on a subscription. `whole`: until when each subscription is, by sid. */
export function onReply(turn: Turn, message: Message, whole: InstantOfSid): void {
  switch (message.type) {
    case 'subscribed':
      return onSubscribed(turn, message.msg.channel as Channel, message.msg.sid);
    case 'unsubscribed':
      return onUnsubscribed(turn, message);
    case 'ok':
      return onOk(turn, message);
    case 'error':
      return onError(turn, message, whole);
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

/** Fresh snapshots, asked for by name or not. The next ones are asked for when all of the last request have come. */
export function onSnapshots(turn: Turn, sid: number, markets: readonly string[], last_ts: number): void {
  settleSnapshots(turn, sid, markets, last_ts);
  const fresh = new Set(markets);
  const isDone = ({ kind, asked }: Pending): boolean => kind === 'refresh' && asked.size === 0;
  const pending = turn.live.pending.map((p) => {
    const asked = p.asked.difference(fresh);
    return asked.size === p.asked.size ? p : { ...p, asked, tries: 1, sent_us: turn.context.now };
  });
  update(turn, { pending: pending.filter((p) => !isDone(p)) });
  if (pending.some(isDone)) askFor(turn, sid, 1);
}

/** What time alone brings: commands without an answer, snapshots owed, silence. Names the cause where the connection must end. */
export function onTime(turn: Turn, lastData_ts: number): GapCause | undefined {
  const { now, plan } = turn.context;
  for (const pending of turn.live.pending) {
    if (now - pending.sent_us < plan.replyTimeout_us * replyTimes(pending)) continue;
    const cause = onNoReply(turn, pending);
    if (cause !== undefined) return cause;
  }
  askForOwed(turn);
  askForSignOfLife(turn, lastData_ts);
  return undefined;
}

/** How many times the reply time a command is given. */
function replyTimes({ kind, tries }: Pending): number {
  if (kind === 'refused') return REFUSED_REPLY_TIMES;
  return kind === 'refresh' ? 2 ** Math.min(tries - 1, REFRESH_MAX_DOUBLINGS) : 1;
}

function onSubscribed(turn: Turn, channel: Channel, sid: number): void {
  const { now, plan } = turn.context;
  const others = turn.live.subscriptions.filter((subscription) => subscription.channel !== channel);
  const before = turn.live.subscriptions.find((subscription) => subscription.channel === channel);
  // A subscription with another sid came in the place of the one that was to end: no answer will tell of that one's end.
  const isReplaced = before !== undefined && before.sid !== sid;
  const isDone = ({ kind }: Pending): boolean => isSubscribe(kind) || (kind === 'unsubscribe' && isReplaced);
  const pending = turn.live.pending.filter((p) => !(p.channel === channel && isDone(p)));
  const order = turn.live.nextOrder;
  const subscriptions = [...others, { sid, channel, since_us: now, order }];
  update(turn, { subscriptions, pending, nextOrder: order + 1 });
  const markets = marketsOf(plan, channel);
  turn.effects.push({ type: 'mark', marker: { type: 'subscribed', sid, channel, markets: [...markets] } });
  const { session_id } = turn.live;
  const fields = { session_id, connection: plan.connection, channel, sid, ...named(markets) };
  turn.effects.push({ type: 'log', event: 'ws_subscribed', fields });
  settleChannel(turn, channel);
}

function isSubscribe(kind: Pending['kind']): boolean {
  return kind === 'subscribe' || kind === 'refused';
}

function onUnsubscribed(turn: Turn, message: MessageOf<'unsubscribed'>): void {
  const subscription = turn.live.subscriptions.find(({ sid }) => sid === message.sid);
  const pending = turn.live.pending.find(
    (p) => p.kind === 'unsubscribe' && (p.id === message.id || p.channel === subscription?.channel),
  );
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

function onError(turn: Turn, message: MessageOf<'error'>, whole: InstantOfSid): void {
  const { code, msg } = message.msg;
  const { session_id } = turn.live;
  const { connection } = turn.context.plan;
  const reason = `${msg} (${EXCHANGE_ERRORS[code]?.text ?? 'a code we do not know'})`;
  const fields = { session_id, connection, error_code: code, reason, sid: message.sid ?? 0 };
  turn.effects.push({ type: 'log', event: 'ws_exchange_error', fields });

  const pending = turn.live.pending.find((p) => p.id === message.id && message.id !== 0);
  const isNews = EXCHANGE_ERRORS[code] === undefined && pending === undefined && message.sid !== undefined;
  if (isTerminal(code) || isNews) return onTerminal(turn, code, message.sid, whole);
  if (pending === undefined) return;
  if (pending.kind === 'unsubscribe') return resubscribe(turn, pending.channel, pending);
  if (PASSING_ERRORS.includes(code)) return;
  const others = turn.live.pending.filter((p) => p !== pending);
  if (pending.kind !== 'subscribe') return update(turn, { pending: others });
  update(turn, { pending: [...others, { ...pending, kind: 'refused', sent_us: turn.context.now }] });
  refuseChannel(turn, pending.channel);
}

/** Without a sid nobody can know which subscription ended, so all of them are taken as ended. */
function onTerminal(turn: Turn, code: number, sid: number | undefined, whole: InstantOfSid): void {
  const cause = code === BUFFER_OVERFLOW ? 'exchange_overflow' : 'channel_error';
  for (const subscription of turn.live.subscriptions) {
    if (sid !== undefined && subscription.sid !== sid) continue;
    const last_ts = whole.get(subscription.sid) ?? 0;
    const from_ts = last_ts === 0 ? turn.live.opened_us : last_ts;
    openSubscriptionHole(turn, cause, subscription.channel, subscription.sid, from_ts);
  }
}

function onNoReply(turn: Turn, pending: Pending): GapCause | undefined {
  if (pending.kind === 'probe') return 'data_silence';
  if (pending.kind === 'unsubscribe') return 'no_reply';
  if (pending.kind === 'subscribe' && pending.tries >= SUBSCRIBE_TRIES) return 'no_reply';
  update(turn, { pending: turn.live.pending.filter((p) => p !== pending) });
  if (isSubscribe(pending.kind)) {
    subscribe(turn, pending.channel, pending.kind === 'refused' ? 1 : pending.tries + 1);
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
  if (now - quietSince < plan.dataSilence_us) return;
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

/** Any data and any reply is the sign of life that a probe asked for. */
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
