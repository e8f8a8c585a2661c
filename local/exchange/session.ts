import type { BookLevels } from './book.ts';
import { type Channel, type ErrorCode, rulesOf } from './channel.ts';
import { parseCommand } from './command.ts';
import type { Connection } from './connection.ts';
import { channelOf } from './event.ts';
import type { FaultOf } from './faults.ts';
import { foreignMessage } from './foreign.ts';
import { errorText, listText, okText, snapshotText, subscribedText, unsubscribedText } from './replies.ts';
import type { RenderedEvent } from './rendered-event.ts';
import {
  applyCommand,
  NO_SUBSCRIPTIONS,
  removeSubscription,
  type Reply,
  type Subscription,
  type SubscriptionRules,
  type SubscriptionTable,
} from './subscription.ts';
import { frameText, snapshotBody } from './wire.ts';

/** What a session asks the exchange about. */
export interface Floor {
  /** Undefined: no such market. */
  book(ticker: string): { readonly marketId: string; readonly levels: BookLevels } | undefined;
  /** `msg` of a ticker message of now; undefined: no such market. */
  tickerBody(ticker: string): string | undefined;
  tickers(): readonly string[];
  /** Called for each seq of a book subscription, when the books are as a client that took it must have them. */
  noteSeq(connection: number, sid: number, seq: number): void;
}

export interface SessionRules extends SubscriptionRules {
  /** Above this the connection is too slow: error 25. */
  readonly slowConsumerBytes: number;
}

/** The protocol on one connection: sids from 1, seq from 1 per sid. */
export class Session {
  readonly connection: Connection;
  readonly #floor: Floor;
  readonly #rules: SessionRules;
  #table: SubscriptionTable = NO_SUBSCRIPTIONS;
  #byChannel = new Map<Channel, Subscription>();
  readonly #lastSeqs: number[] = [];

  constructor(connection: Connection, floor: Floor, rules: SessionRules) {
    this.connection = connection;
    this.#floor = floor;
    this.#rules = rules;
  }

  /** A command of the client; `refusal` is answered instead of carrying it out. */
  receive(text: string, refusal: ErrorCode | undefined): void {
    const parsed = parseCommand(text);
    const command = refusal === undefined ? parsed : ({ cmd: 'refused', id: parsed.id, code: refusal } as const);
    const { table, replies } = applyCommand(this.#table, command, this.#rules);
    this.#setTable(table);
    for (const reply of replies) this.#answer(reply);
  }

  /** One event of the tape, where this connection is subscribed to it. */
  deliver(event: RenderedEvent): void {
    const subscription = this.#byChannel.get(channelOf(event.event));
    if (subscription === undefined) return;
    const { ticker } = event;
    if (subscription.markets !== 'all' && ticker !== '' && !subscription.markets.has(ticker)) return;
    if (this.connection.bufferedBytes > this.#rules.slowConsumerBytes) {
      this.#end(subscription, 25);
      return;
    }
    this.#sendData(subscription, event.type, event.body(subscription.useYesPrice), ticker);
  }

  /** The exchange ends a subscription; undefined sid: the oldest. False where there is none. */
  fail(code: 10 | 25, sid: number | undefined): boolean {
    const subscription = sid === undefined ? this.#oldest(() => true) : this.#table.bySid.get(sid);
    if (subscription === undefined) return false;
    this.#end(subscription, code);
    return true;
  }

  /** Sends a message that no client knows. False where there is no subscription to send it on. */
  sendForeign(what: FaultOf<'foreign'>['what']): boolean {
    const elsewhere = what === 'type' ? this.#oldest(({ channel }) => rulesOf(channel).sequenced) : undefined;
    const subscription = this.#byChannel.get('market_lifecycle_v2') ?? elsewhere;
    if (subscription === undefined) return false;
    const { type, body } = foreignMessage(what);
    this.#sendData(subscription, type, body, '');
    return true;
  }

  #answer(reply: Reply): void {
    switch (reply.kind) {
      case 'subscribed':
        this.#reply(subscribedText(reply.id, reply.channel, reply.sid));
        break;
      case 'ok': {
        const { id, subscription } = reply;
        this.#reply(okText(id, subscription.sid, this.#next(subscription), ackList(subscription)));
        break;
      }
      case 'unsubscribed':
        this.#reply(unsubscribedText(reply.id, reply.subscription.sid, this.#next(reply.subscription)));
        break;
      case 'list':
        this.#reply(listText(reply.id, reply.subscriptions));
        break;
      case 'snapshot':
        this.#snapshot(reply.id, reply.subscription, reply.ticker);
        break;
      case 'ticker':
        this.#tickers(reply.subscription, reply.ticker === undefined ? this.#floor.tickers() : [reply.ticker]);
        break;
      case 'error':
        this.#error(reply.id, reply.code, reply.subscription);
    }
  }

  #snapshot(id: number, subscription: Subscription, ticker: string): void {
    const { sid, useYesPrice } = subscription;
    const found = this.#floor.book(ticker);
    const body = snapshotBody(ticker, found?.marketId ?? '', found?.levels ?? { yes: [], no: [] }, useYesPrice);
    const seq = this.#next(subscription)!;
    this.connection.send(snapshotText(id, sid, seq, body), 'snapshot', sid, ticker);
  }

  #tickers({ sid }: Subscription, tickers: readonly string[]): void {
    for (const ticker of tickers) {
      const body = this.#floor.tickerBody(ticker);
      if (body !== undefined) this.connection.send(frameText('ticker', sid, undefined, body), 'snapshot', sid, ticker);
    }
  }

  #sendData(subscription: Subscription, type: string, body: string, ticker: string): void {
    const { sid } = subscription;
    const seq = this.#next(subscription);
    this.connection.send(frameText(type, sid, seq, this.connection.altered(body)), 'data', sid, ticker);
  }

  #error(id: number, code: ErrorCode, subscription: Subscription | undefined): void {
    const seq = subscription === undefined ? undefined : this.#next(subscription);
    this.#reply(errorText(id, code, subscription?.sid, seq));
  }

  #end(subscription: Subscription, code: 10 | 25): void {
    this.#error(0, code, subscription);
    this.#setTable(removeSubscription(this.#table, subscription.sid));
  }

  #reply(text: string): void {
    this.connection.send(text, 'reply', 0, '');
  }

  /** Uses up the next seq of a subscription; undefined on a channel that counts nothing. */
  #next({ sid, channel }: Subscription): number | undefined {
    if (!rulesOf(channel).sequenced) return undefined;
    const seq = (this.#lastSeqs[sid] ?? 0) + 1;
    this.#lastSeqs[sid] = seq;
    if (channel === 'orderbook_delta') this.#floor.noteSeq(this.connection.number, sid, seq);
    return seq;
  }

  #oldest(fits: (subscription: Subscription) => boolean): Subscription | undefined {
    return [...this.#table.bySid.values()].find(fits);
  }

  #setTable(table: SubscriptionTable): void {
    this.#table = table;
    this.#byChannel = new Map([...table.bySid.values()].map((subscription) => [subscription.channel, subscription]));
  }
}

function ackList({ markets, skipTickerAck }: Subscription): readonly string[] | undefined {
  return skipTickerAck || markets === 'all' ? undefined : [...markets];
}
