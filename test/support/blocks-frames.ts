/** Frames as the exchange writes them. Prices and counts are the text of the wire. */

export type WireLevel = readonly [price: string, count: string];

export function snapshotText(
  market: string,
  sid: number,
  seq: number,
  { yes = [], no = [] }: { readonly yes?: readonly WireLevel[]; readonly no?: readonly WireLevel[] } = {},
): string {
  const msg = {
    market_ticker: market,
    market_id: yes.length + no.length === 0 ? '' : `id-of-${market}`,
    ...(yes.length === 0 ? {} : { yes_dollars_fp: yes }),
    ...(no.length === 0 ? {} : { no_dollars_fp: no }),
  };
  return frameOf('orderbook_snapshot', sid, seq, msg);
}

export interface WireDelta {
  readonly side?: 'yes' | 'no';
  readonly price?: string;
  readonly delta?: string;
  /** Microseconds since 1970. */
  readonly ts_us?: number;
}

export function deltaText(
  market: string,
  sid: number,
  seq: number,
  { side = 'yes', price = '0.4000', delta = '1.00', ts_us = 1_795_428_000_000_000 }: WireDelta = {},
): string {
  const ts = rfc3339(ts_us);
  const ts_ms = Math.floor(ts_us / 1_000);
  const msg = {
    market_ticker: market,
    market_id: `id-of-${market}`,
    price_dollars: price,
    delta_fp: delta,
    side,
    ts,
    ts_ms,
  };
  return frameOf('orderbook_delta', sid, seq, msg);
}

export interface WireTrade {
  readonly yes?: string;
  readonly no?: string;
  readonly count?: string;
  readonly ts_ms?: number;
  readonly side?: 'yes' | 'no';
}

export function tradeText(
  market: string,
  sid: number,
  seq: number,
  trade_id: string,
  { yes = '0.3000', no = '0.7000', count = '10.00', ts_ms = 1_795_428_000_123, side = 'yes' }: WireTrade = {},
): string {
  return frameOf('trade', sid, seq, {
    trade_id,
    market_ticker: market,
    yes_price_dollars: yes,
    no_price_dollars: no,
    count_fp: count,
    taker_side: side,
    taker_outcome_side: side,
    taker_book_side: side === 'yes' ? 'bid' : 'ask',
    ts: Math.floor(ts_ms / 1_000),
    ts_ms,
  });
}

export function tickerText(market: string, sid: number, ts_ms = 1_795_428_000_123): string {
  const msg = {
    market_id: `id-of-${market}`,
    market_ticker: market,
    price_dollars: '0.0100',
    yes_bid_dollars: '0.0000',
    yes_ask_dollars: '0.0100',
    volume_fp: '759.86',
    open_interest_fp: '666.18',
    dollar_volume: 379,
    dollar_open_interest: 333,
    yes_bid_size_fp: '0.00',
    yes_ask_size_fp: '78.00',
    last_trade_size_fp: '0.09',
    ts: Math.floor(ts_ms / 1_000),
    ts_ms,
    time: rfc3339(ts_ms * 1_000),
  };
  return `${JSON.stringify({ type: 'ticker', sid, msg })}\n`;
}

export function lifecycleText(
  market: string,
  sid: number,
  seq: number,
  more: Readonly<Record<string, unknown>> = {},
): string {
  const msg = {
    market_ticker: market,
    event_type: 'determined',
    determination_ts: 1_795_428_000,
    result: 'no',
    settlement_value: '0.0000',
    ...more,
  };
  return frameOf('market_lifecycle_v2', sid, seq, msg);
}

export function okText(sid: number, seq: number): string {
  return frameOf('ok', sid, seq, { market_tickers: [] });
}

function frameOf(type: string, sid: number, seq: number, msg: unknown): string {
  return `${JSON.stringify({ type, sid, seq, msg })}\n`;
}

function rfc3339(us: number): string {
  const second = new Date(Math.floor(us / 1_000_000) * 1_000).toISOString().slice(0, 19);
  return `${second}.${String(us % 1_000_000).padStart(6, '0')}Z`;
}
