import type { Side } from './book.ts';
import type { Channel } from './channel.ts';
import type { Listing } from './listing.ts';

/** What happens on the exchange, once, whoever is subscribed. Prices in 1e-4 dollars, counts in 1e-2 contracts. */
export type MarketEvent = DeltaEvent | TradeEvent | TickerEvent | LifecycleEvent;

export interface DeltaEvent {
  readonly kind: 'delta';
  readonly listing: Listing;
  readonly side: Side;
  readonly price: number;
  /** Signed change of the level. */
  readonly delta: number;
  readonly at_us: number;
}

export interface TradeEvent {
  readonly kind: 'trade';
  readonly listing: Listing;
  readonly tradeId: string;
  readonly yesPrice: number;
  readonly count: number;
  /** The outcome that the taker bought. */
  readonly taker: Side;
  /** Undefined renders as the exchange did before 2026-08-13: without the field. */
  readonly isBlockTrade: boolean | undefined;
  readonly at_us: number;
}

export interface TickerEvent {
  readonly kind: 'ticker';
  readonly listing: Listing;
  /** 0: never traded. */
  readonly price: number;
  /** 0 where nobody bids yes. */
  readonly yesBid: number;
  /** 10,000 where nobody bids no. */
  readonly yesAsk: number;
  readonly yesBidCount: number;
  readonly yesAskCount: number;
  readonly volume: number;
  readonly openInterest: number;
  readonly lastTradeCount: number;
  readonly at_us: number;
}

export interface LifecycleEvent {
  readonly kind: 'lifecycle';
  readonly channel: Extract<Channel, 'market_lifecycle_v2' | 'multivariate_market_lifecycle'>;
  /** The message's `type`. */
  readonly type: 'market_lifecycle_v2' | 'multivariate_market_lifecycle' | 'event_lifecycle' | 'event_fee_update';
  /** The message's `msg`, keys in the order of the wire. */
  readonly msg: Readonly<Record<string, unknown>>;
  readonly at_us: number;
}

/** The channel that carries an event. */
export function channelOf(event: MarketEvent): Channel {
  switch (event.kind) {
    case 'delta':
      return 'orderbook_delta';
    case 'trade':
      return 'trade';
    case 'ticker':
      return 'ticker';
    case 'lifecycle':
      return event.channel;
  }
}
