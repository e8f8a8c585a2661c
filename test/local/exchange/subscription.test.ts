import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../local/exchange/command.ts';
import {
  applyCommand,
  NO_SUBSCRIPTIONS,
  removeSubscription,
  type Reply,
  type SubscriptionRules,
  type SubscriptionTable,
} from '../../../local/exchange/subscription.ts';

const RULES: SubscriptionRules = {
  signedIn: true,
  marketLimit: 1_000,
  failedChannelAborts: false,
  tickerOfId: (marketId) => (marketId === 'id-of-A' ? 'A' : undefined),
};

/** Applies commands one after another; returns the last one's replies in short. */
function after(commands: readonly object[], rules: Partial<SubscriptionRules> = {}) {
  let table = NO_SUBSCRIPTIONS;
  let replies: readonly Reply[] = [];
  for (const command of commands) {
    const step = applyCommand(table, parseCommand(JSON.stringify(command)), { ...RULES, ...rules });
    ({ table, replies } = step);
  }
  return { table, said: replies.map(short) };
}

function short(reply: Reply): string {
  switch (reply.kind) {
    case 'subscribed':
      return `subscribed ${reply.channel} ${reply.sid}`;
    case 'ok':
    case 'unsubscribed':
      return `${reply.kind} ${reply.subscription.sid}${reply.kind === 'ok' ? ` ${marketsOf(reply.subscription)}` : ''}`;
    case 'list':
      return `list ${reply.subscriptions.map(({ sid, channel }) => `${sid}=${channel}`).join(' ')}`;
    case 'snapshot':
      return `snapshot ${reply.subscription.sid} ${reply.ticker}${reply.id === 0 ? '' : ` id ${reply.id}`}`;
    case 'ticker':
      return `ticker ${reply.subscription.sid} ${reply.ticker ?? 'all'}`;
    case 'error':
      return `error ${reply.code}${reply.subscription === undefined ? '' : ` on ${reply.subscription.sid}`}`;
  }
}

function marketsOf({ markets }: { readonly markets: ReadonlySet<string> | 'all' }): string {
  return markets === 'all' ? 'all' : [...markets].join(',');
}

const subscribe = (channels: string[], market_tickers?: string[], more = {}) => ({
  id: 1,
  cmd: 'subscribe',
  params: { channels, market_tickers, ...more },
});
const update = (action: string, market_tickers: string[], sid = 1, more = {}) => ({
  id: 2,
  cmd: 'update_subscription',
  params: { sids: [sid], action, market_tickers, ...more },
});
const unsubscribe = (...sids: number[]) => ({ id: 3, cmd: 'unsubscribe', params: { sids } });

describe('subscriptions', () => {
  it('answer a subscribe per channel, and on the book with one snapshot per ticker', () => {
    expect(after([subscribe(['orderbook_delta', 'trade', 'ticker'], ['A', 'B'])]).said).toEqual([
      'subscribed orderbook_delta 1',
      'snapshot 1 A',
      'snapshot 1 B',
      'subscribed trade 2',
      'subscribed ticker 3',
    ]);
  });

  it('merge a repeated subscribe into the first: ok, and snapshots of what is new only', () => {
    const book = ['orderbook_delta'];
    expect(after([subscribe(book, ['A', 'B']), subscribe(book, ['B', 'C'])]).said).toEqual([
      'ok 1 A,B,C',
      'snapshot 1 C',
    ]);
    expect(after([subscribe(book, ['A']), subscribe(book, ['A'])]).said).toEqual(['ok 1 A']);
  });

  it('give a new sid and all snapshots after an unsubscribe', () => {
    const book = subscribe(['orderbook_delta'], ['A']);
    expect(after([book, unsubscribe(1)]).said).toEqual(['unsubscribed 1']);
    expect(after([book, unsubscribe(1), book]).said).toEqual(['subscribed orderbook_delta 2', 'snapshot 2 A']);
  });

  it('give a new sid after the exchange ended one', () => {
    const book = parseCommand(JSON.stringify(subscribe(['orderbook_delta'], ['A'])));
    const { table } = applyCommand(NO_SUBSCRIPTIONS, book, RULES);
    expect(applyCommand(removeSubscription(table, 1), book, RULES).replies.map(short)).toEqual([
      'subscribed orderbook_delta 2',
      'snapshot 2 A',
    ]);
  });

  it('add, delete and fetch markets', () => {
    const start = subscribe(['orderbook_delta'], ['A', 'B']);
    expect(after([start, update('add_markets', ['B', 'C'])]).said).toEqual(['ok 1 A,B,C', 'snapshot 1 C']);
    expect(after([start, update('delete_markets', ['A', 'X'])]).said).toEqual(['ok 1 B']);
    expect(after([start, update('delete_markets', ['A']), update('add_markets', ['A'])]).said).toEqual([
      'ok 1 B,A',
      'snapshot 1 A',
    ]);
    expect(after([start, update('get_snapshot', ['Z', 'A'])]).said).toEqual(['snapshot 1 Z id 2', 'snapshot 1 A id 2']);
    expect(marketsOf(after([start, update('get_snapshot', ['Z'])]).table.bySid.get(1)!)).toBe('A,B');
  });

  it('stay empty, and do not become a firehose, when every market is deleted', () => {
    const { table } = after([subscribe(['trade'], ['A']), update('delete_markets', ['A'])]);
    expect(marketsOf(table.bySid.get(1)!)).toBe('');
  });

  it('have a firehose of trades and tickers but not of books, and ignore filters on lifecycle', () => {
    expect(marketsOf(after([subscribe(['trade'])]).table.bySid.get(1)!)).toBe('all');
    expect(after([subscribe(['orderbook_delta'])]).said).toEqual(['error 14']);
    expect(marketsOf(after([subscribe(['market_lifecycle_v2'], ['A'])]).table.bySid.get(1)!)).toBe('all');
    expect(after([subscribe(['market_lifecycle_v2']), update('add_markets', ['A'])]).said).toEqual(['error 13']);
  });

  it('send tickers at once where asked, only of what is new', () => {
    const initial = { send_initial_snapshot: true };
    expect(after([subscribe(['ticker'], ['A'], initial)]).said).toEqual(['subscribed ticker 1', 'ticker 1 A']);
    expect(after([subscribe(['ticker'], undefined, initial)]).said).toEqual(['subscribed ticker 1', 'ticker 1 all']);
    expect(after([subscribe(['ticker'], ['A']), update('add_markets', ['A', 'B'], 1, initial)]).said).toEqual([
      'ok 1 A,B',
      'ticker 1 B',
    ]);
  });

  it('take market ids on the ticker channel only', () => {
    const byId = { market_ids: ['id-of-A', 'nobody'] };
    expect(marketsOf(after([subscribe(['ticker'], undefined, byId)]).table.bySid.get(1)!)).toBe('A');
    expect(after([subscribe(['orderbook_delta'], undefined, byId)]).said).toEqual(['error 11']);
  });

  it('are refused one channel at a time, or from the first refusal on where so ruled', () => {
    const mixed = subscribe(['trade', 'multivariate', 'ticker']);
    expect(after([mixed]).said).toEqual(['subscribed trade 1', 'error 8', 'subscribed ticker 2']);
    expect(after([mixed], { failedChannelAborts: true }).said).toEqual(['subscribed trade 1', 'error 8']);
  });

  it('refuse what does not exist or is not allowed', () => {
    const book = subscribe(['orderbook_delta'], ['A']);
    expect(after([book, unsubscribe(7)]).said).toEqual(['error 7']);
    expect(after([book, unsubscribe(7, 1)]).said).toEqual(['error 7', 'unsubscribed 1']);
    expect(after([book, update('add_markets', ['B'], 7)]).said).toEqual(['error 7']);
    expect(after([subscribe(['trade'], ['A']), update('get_snapshot', ['A'])]).said).toEqual(['error 13']);
    expect(after([subscribe(['fill'])], { signedIn: false }).said).toEqual(['error 9']);
    expect(after([subscribe(['fill'])]).said).toEqual(['subscribed fill 1']);
    expect(after([book, update('add_markets', ['B', 'C'])], { marketLimit: 2 }).said).toEqual(['error 26 on 1']);
    expect(after([subscribe(['orderbook_delta'], ['A', 'B'])], { marketLimit: 1 }).said).toEqual(['error 26']);
  });

  it('are listed with their sids', () => {
    const list = { id: 4, cmd: 'list_subscriptions' };
    expect(after([subscribe(['trade', 'ticker']), list]).said).toEqual(['list 1=trade 2=ticker']);
  });

  it('never use a sid twice, never have two subscriptions of a channel, and never change what is given to them', () => {
    const tickers = fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D'), { maxLength: 4 });
    const sids = fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 3 });
    const channels = fc.array(
      fc.constantFrom('orderbook_delta', 'trade', 'ticker', 'market_lifecycle_v2', 'fill', 'nonsense'),
      { maxLength: 3 },
    );
    const action = fc.constantFrom('add_markets', 'delete_markets', 'get_snapshot', 'other');
    const command = fc.oneof(
      fc.record({
        cmd: fc.constant('subscribe'),
        params: fc.record({ channels, market_tickers: tickers, send_initial_snapshot: fc.boolean() }),
      }),
      fc.record({ cmd: fc.constant('unsubscribe'), params: fc.record({ sids }) }),
      fc.record({
        cmd: fc.constant('update_subscription'),
        params: fc.record({ sids, action, market_tickers: tickers }),
      }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        let table: SubscriptionTable = NO_SUBSCRIPTIONS;
        const given = new Set<number>();
        for (const one of commands) {
          const before = JSON.stringify([...table.bySid.values()].map((each) => [each.sid, marketsOf(each)]));
          const step = applyCommand(table, parseCommand(JSON.stringify(one)), RULES);
          expect(JSON.stringify([...table.bySid.values()].map((each) => [each.sid, marketsOf(each)]))).toBe(before);
          for (const reply of step.replies) {
            if (reply.kind !== 'subscribed') continue;
            expect(given.has(reply.sid)).toBe(false);
            given.add(reply.sid);
          }
          ({ table } = step);
          const open = [...table.bySid.values()].map(({ channel }) => channel);
          expect(new Set(open).size).toBe(open.length);
          expect(step.replies.length).toBeGreaterThan(0);
        }
        expect([...given]).toEqual(Array.from({ length: given.size }, (_, i) => i + 1));
      }),
    );
  });
});
