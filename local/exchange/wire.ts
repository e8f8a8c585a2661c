import { type BookLevels, type Level, ONE_DOLLAR } from './book.ts';
import type { DeltaEvent, MarketEvent, TickerEvent, TradeEvent } from './event.ts';
import { countText, instantText, millisOf, priceText, secondsOf } from './format.ts';

/** A message as sent: compact, keys in this order, closed by a newline. `ticker` has no seq. */
export function frameText(type: string, sid: number, seq: number | undefined, body: string): string {
  const sequence = seq === undefined ? '' : `,"seq":${seq}`;
  return `{"type":"${type}","sid":${sid}${sequence},"msg":${body}}\n`;
}

/** The message's `type`. */
export function typeOf(event: MarketEvent): string {
  if (event.kind === 'lifecycle') return event.type;
  return event.kind === 'delta' ? 'orderbook_delta' : event.kind;
}

/** The message's `msg`. With `useYesPrice` the no side's prices are told in yes terms. */
export function bodyOf(event: MarketEvent, useYesPrice: boolean): string {
  switch (event.kind) {
    case 'delta':
      return deltaBody(event, useYesPrice);
    case 'trade':
      return tradeBody(event);
    case 'ticker':
      return tickerBody(event);
    case 'lifecycle':
      return JSON.stringify(event.msg);
  }
}

/** Levels ascending by the price shown; an empty side's key is absent. An unknown ticker has market id '' and no levels. */
export function snapshotBody(ticker: string, marketId: string, { yes, no }: BookLevels, useYesPrice: boolean): string {
  const shownNo = useYesPrice ? no.map(([price, count]) => [ONE_DOLLAR - price, count] as const).reverse() : no;
  const sides = `${sideText('yes_dollars_fp', yes)}${sideText('no_dollars_fp', shownNo)}`;
  return `{"market_ticker":${JSON.stringify(ticker)},"market_id":"${marketId}"${sides}}`;
}

function sideText(key: string, levels: readonly Level[]): string {
  if (levels.length === 0) return '';
  return `,"${key}":[${levels.map(([price, count]) => `["${priceText(price)}","${countText(count)}"]`).join(',')}]`;
}

function deltaBody({ listing, side, price, delta, at_us }: DeltaEvent, useYesPrice: boolean): string {
  const shown = useYesPrice && side === 'no' ? ONE_DOLLAR - price : price;
  return (
    `{"market_ticker":"${listing.ticker}","market_id":"${listing.marketId}","price_dollars":"${priceText(shown)}",` +
    `"delta_fp":"${countText(delta)}","side":"${side}","ts":"${instantText(at_us)}","ts_ms":${millisOf(at_us)}}`
  );
}

function tradeBody({ listing, tradeId, yesPrice, count, taker, isBlockTrade, at_us }: TradeEvent): string {
  const block = isBlockTrade === undefined ? '' : `"is_block_trade":${isBlockTrade},`;
  return (
    `{"trade_id":"${tradeId}","market_ticker":"${listing.ticker}","yes_price_dollars":"${priceText(yesPrice)}",` +
    `"no_price_dollars":"${priceText(ONE_DOLLAR - yesPrice)}","count_fp":"${countText(count)}","taker_side":"${taker}",` +
    `"taker_outcome_side":"${taker}","taker_book_side":"${taker === 'yes' ? 'bid' : 'ask'}",${block}` +
    `"ts":${secondsOf(at_us)},"ts_ms":${millisOf(at_us)}}`
  );
}

function tickerBody(event: TickerEvent): string {
  const { listing, at_us } = event;
  return (
    `{"market_id":"${listing.marketId}","market_ticker":"${listing.ticker}","price_dollars":"${priceText(event.price)}",` +
    `"yes_bid_dollars":"${priceText(event.yesBid)}","yes_ask_dollars":"${priceText(event.yesAsk)}",` +
    `"volume_fp":"${countText(event.volume)}","open_interest_fp":"${countText(event.openInterest)}",` +
    `"dollar_volume":${halfDollars(event.volume)},"dollar_open_interest":${halfDollars(event.openInterest)},` +
    `"yes_bid_size_fp":"${countText(event.yesBidCount)}","yes_ask_size_fp":"${countText(event.yesAskCount)}",` +
    `"last_trade_size_fp":"${countText(event.lastTradeCount)}",` +
    `"ts":${secondsOf(at_us)},"ts_ms":${millisOf(at_us)},"time":"${instantText(at_us)}"}`
  );
}

/** Whole dollars at half a dollar a contract: that is what every real ticker frame shows (759.86 contracts → 379). */
function halfDollars(count: number): number {
  return Math.floor(count / 200);
}
