import { type Channel, type ErrorCode, isChannel, rulesOf } from './channel.ts';
import type { Command, Markets, Subscribe, UpdateSubscription } from './command.ts';

/** One channel on one connection; seq counts per sid and is not kept here. */
export interface Subscription {
  readonly sid: number;
  readonly channel: Channel;
  /** all: a firehose. An empty set (everything deleted) is not a firehose. */
  readonly markets: ReadonlySet<string> | 'all';
  readonly useYesPrice: boolean;
  readonly skipTickerAck: boolean;
}

/** A connection's subscriptions. Sids count from 1 and are never used again. */
export interface SubscriptionTable {
  readonly lastSid: number;
  readonly bySid: ReadonlyMap<number, Subscription>;
}

/** What is sent, in this order. Seq is given when it is sent. */
export type Reply =
  | { readonly kind: 'subscribed'; readonly id: number; readonly channel: Channel; readonly sid: number }
  | { readonly kind: 'ok'; readonly id: number; readonly subscription: Subscription }
  | { readonly kind: 'unsubscribed'; readonly id: number; readonly subscription: Subscription }
  | { readonly kind: 'list'; readonly id: number; readonly subscriptions: readonly Subscription[] }
  | { readonly kind: 'snapshot'; readonly id: number; readonly subscription: Subscription; readonly ticker: string }
  /** One ticker message: a market's, or with ticker undefined every market's. */
  | { readonly kind: 'ticker'; readonly subscription: Subscription; readonly ticker: string | undefined }
  | {
      readonly kind: 'error';
      readonly id: number;
      readonly code: ErrorCode;
      readonly subscription: Subscription | undefined;
    };

export interface SubscriptionRules {
  /** A connection without a key may not have private channels (error 9). */
  readonly signedIn: boolean;
  /** Markets over all subscriptions of the connection (error 26). */
  readonly marketLimit: number;
  /** Whether a refused channel keeps the later ones of the same command from being subscribed. Not known of the real exchange. */
  readonly failedChannelAborts: boolean;
  /** The ticker of a market id; undefined where there is none. */
  readonly tickerOfId: (marketId: string) => string | undefined;
}

export interface SubscriptionStep {
  readonly table: SubscriptionTable;
  readonly replies: readonly Reply[];
}

export const NO_SUBSCRIPTIONS: SubscriptionTable = { lastSid: 0, bySid: new Map() };

/** Pure: what a command changes and what is answered. */
export function applyCommand(table: SubscriptionTable, command: Command, rules: SubscriptionRules): SubscriptionStep {
  switch (command.cmd) {
    case 'subscribe':
      return subscribeAll(table, command, rules);
    case 'update_subscription':
      return update(table, command, rules);
    case 'unsubscribe':
      return unsubscribe(table, command.id, command.sids);
    case 'list_subscriptions':
      return { table, replies: [{ kind: 'list', id: command.id, subscriptions: [...table.bySid.values()] }] };
    case 'refused':
      return refuse(table, command.id, command.code);
  }
}

/** The exchange ended a subscription by itself (errors 10 and 25). */
export function removeSubscription(table: SubscriptionTable, sid: number): SubscriptionTable {
  const bySid = new Map(table.bySid);
  bySid.delete(sid);
  return { ...table, bySid };
}

function subscriptionOn(table: SubscriptionTable, channel: Channel): Subscription | undefined {
  for (const subscription of table.bySid.values()) if (subscription.channel === channel) return subscription;
  return undefined;
}

function subscribeAll(start: SubscriptionTable, command: Subscribe, rules: SubscriptionRules): SubscriptionStep {
  const replies: Reply[] = [];
  let table = start;
  for (const channel of command.channels) {
    const step = subscribe(table, command, channel, rules);
    table = step.table;
    replies.push(...step.replies);
    if (rules.failedChannelAborts && step.replies.some((reply) => reply.kind === 'error')) break;
  }
  return { table, replies };
}

function subscribe(
  table: SubscriptionTable,
  command: Subscribe,
  name: string,
  rules: SubscriptionRules,
): SubscriptionStep {
  const { id } = command;
  if (!isChannel(name)) return refuse(table, id, 8);
  const { access, filter } = rulesOf(name);
  if (access === 'private' && !rules.signedIn) return refuse(table, id, 9);
  const named = filter === 'ignored' ? 'all' : tickersOf(command.markets, name, rules);
  if (typeof named === 'number') return refuse(table, id, named);
  if (named === 'all' && filter === 'required') return refuse(table, id, 14);

  const existing = subscriptionOn(table, name);
  if (existing !== undefined) return merge(table, existing, named, command, rules);
  if (named !== 'all' && marketCount(table) + named.length > rules.marketLimit) return refuse(table, id, 26);
  const subscription: Subscription = {
    sid: table.lastSid + 1,
    channel: name,
    markets: named === 'all' ? 'all' : new Set(named),
    useYesPrice: command.useYesPrice,
    skipTickerAck: command.skipTickerAck,
  };
  const replies: Reply[] = [{ kind: 'subscribed', id, channel: name, sid: subscription.sid }];
  replies.push(...firstMessages(subscription, named, command.sendInitialSnapshot));
  return { table: withSubscription(table, subscription), replies };
}

/** A channel has one subscription per connection: what is asked again is added to it, and only what is new is sent. */
function merge(
  table: SubscriptionTable,
  existing: Subscription,
  named: readonly string[] | 'all',
  command: Subscribe,
  rules: SubscriptionRules,
): SubscriptionStep {
  const added = named === 'all' ? 'all' : named.filter((ticker) => !has(existing, ticker));
  if (added !== 'all' && marketCount(table) + added.length > rules.marketLimit)
    return refuse(table, command.id, 26, existing);
  const markets = added === 'all' || existing.markets === 'all' ? 'all' : new Set([...existing.markets, ...added]);
  const subscription: Subscription = { ...existing, markets, skipTickerAck: command.skipTickerAck };
  const replies: Reply[] = [{ kind: 'ok', id: command.id, subscription }];
  if (existing.markets !== 'all') replies.push(...firstMessages(subscription, added, command.sendInitialSnapshot));
  return { table: withSubscription(table, subscription), replies };
}

function update(table: SubscriptionTable, command: UpdateSubscription, rules: SubscriptionRules): SubscriptionStep {
  const { id, action, sid } = command;
  const existing = table.bySid.get(sid);
  if (existing === undefined) return refuse(table, id, 7);
  if (rulesOf(existing.channel).filter === 'ignored') return refuse(table, id, 13);
  const named = tickersOf(command.markets, existing.channel, rules);
  if (typeof named === 'number') return refuse(table, id, named);
  if (named === 'all') return refuse(table, id, 14);
  if (action === 'get_snapshot') {
    if (existing.channel !== 'orderbook_delta') return refuse(table, id, 13);
    return { table, replies: named.map((ticker) => ({ kind: 'snapshot', id, subscription: existing, ticker })) };
  }
  const { markets } = existing;
  if (markets === 'all') return { table, replies: [{ kind: 'ok', id, subscription: existing }] };
  if (action === 'delete_markets') {
    const gone = new Set(named);
    const subscription = { ...existing, markets: new Set([...markets].filter((ticker) => !gone.has(ticker))) };
    return { table: withSubscription(table, subscription), replies: [{ kind: 'ok', id, subscription }] };
  }
  const added = named.filter((ticker) => !markets.has(ticker));
  if (marketCount(table) + added.length > rules.marketLimit) return refuse(table, id, 26, existing);
  const subscription = { ...existing, markets: new Set([...markets, ...added]) };
  const first = firstMessages(subscription, added, command.sendInitialSnapshot);
  return { table: withSubscription(table, subscription), replies: [{ kind: 'ok', id, subscription }, ...first] };
}

function unsubscribe(start: SubscriptionTable, id: number, sids: readonly number[]): SubscriptionStep {
  const replies: Reply[] = [];
  let table = start;
  for (const sid of sids) {
    const subscription = table.bySid.get(sid);
    if (subscription === undefined) {
      replies.push({ kind: 'error', id, code: 7, subscription: undefined });
      continue;
    }
    table = removeSubscription(table, sid);
    replies.push({ kind: 'unsubscribed', id, subscription });
  }
  return { table, replies };
}

/** Snapshots on the book channel; on ticker only where asked for. */
function firstMessages(subscription: Subscription, added: readonly string[] | 'all', wantsTickers: boolean): Reply[] {
  if (subscription.channel === 'orderbook_delta' && added !== 'all') {
    return added.map((ticker) => ({ kind: 'snapshot', id: 0, subscription, ticker }));
  }
  if (subscription.channel !== 'ticker' || !wantsTickers) return [];
  if (added === 'all') return [{ kind: 'ticker', subscription, ticker: undefined }];
  return added.map((ticker) => ({ kind: 'ticker', subscription, ticker }));
}

function tickersOf(
  markets: Markets,
  channel: Channel,
  rules: SubscriptionRules,
): readonly string[] | 'all' | ErrorCode {
  switch (markets.by) {
    case 'none':
      return 'all';
    case 'ticker':
      return markets.tickers;
    case 'id': {
      if (channel !== 'ticker') return 11;
      return markets.ids.map((marketId) => rules.tickerOfId(marketId)).filter((ticker) => ticker !== undefined);
    }
  }
}

function has(subscription: Subscription, ticker: string): boolean {
  return subscription.markets === 'all' || subscription.markets.has(ticker);
}

function marketCount(table: SubscriptionTable): number {
  let count = 0;
  for (const { markets } of table.bySid.values()) if (markets !== 'all') count += markets.size;
  return count;
}

function withSubscription(table: SubscriptionTable, subscription: Subscription): SubscriptionTable {
  const bySid = new Map(table.bySid).set(subscription.sid, subscription);
  return { lastSid: Math.max(table.lastSid, subscription.sid), bySid };
}

function refuse(table: SubscriptionTable, id: number, code: ErrorCode, subscription?: Subscription): SubscriptionStep {
  return { table, replies: [{ kind: 'error', id, code, subscription }] };
}
