import { ONE_DOLLAR } from './book.ts';
import { countText, instantText, priceText } from './format.ts';
import { TICK } from './listing.ts';
import { type Market, tickerOf } from './market.ts';

const DAY_US = 86_400_000_000;

/** A market as REST shows it: the required fields of the openapi's Market. `start_us`: when the exchange started. */
export function marketJson(market: Market, start_us: number): object {
  const { ticker, eventTicker, structure } = market.listing;
  const now = tickerOf(market, start_us);
  const opened = instantText(start_us - DAY_US);
  const closes = instantText(start_us + 30 * DAY_US);
  return {
    ticker,
    event_ticker: eventTicker,
    market_type: 'binary',
    title: `Will ${ticker} resolve to yes?`,
    yes_sub_title: 'Yes',
    no_sub_title: 'No',
    created_time: opened,
    updated_time: opened,
    open_time: opened,
    close_time: closes,
    latest_expiration_time: closes,
    settlement_timer_seconds: 1_800,
    status: 'active',
    notional_value_dollars: '1.0000',
    yes_bid_dollars: priceText(now.yesBid),
    yes_ask_dollars: priceText(now.yesAsk),
    no_bid_dollars: priceText(ONE_DOLLAR - now.yesAsk),
    no_ask_dollars: priceText(ONE_DOLLAR - now.yesBid),
    yes_bid_size_fp: countText(now.yesBidCount),
    yes_ask_size_fp: countText(now.yesAskCount),
    last_price_dollars: priceText(now.price),
    previous_yes_bid_dollars: '0.0000',
    previous_yes_ask_dollars: '0.0000',
    previous_price_dollars: '0.0000',
    volume_fp: countText(now.volume),
    volume_24h_fp: countText(now.volume),
    liquidity_dollars: '0.0000',
    open_interest_fp: countText(now.openInterest),
    result: '',
    can_close_early: true,
    fractional_trading_enabled: true,
    expiration_value: '',
    rules_primary: `If ${ticker} happens, the market resolves to Yes.`,
    rules_secondary: '',
    price_level_structure: structure,
    price_ranges: [{ start: '0.0000', end: '1.0000', step: priceText(TICK[structure]) }],
  };
}
