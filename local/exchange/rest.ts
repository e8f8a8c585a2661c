import { type Level, ONE_DOLLAR } from './book.ts';
import type { TradeEvent } from './event.ts';
import { countText, instantText, priceText } from './format.ts';
import type { Market } from './market.ts';
import { marketJson } from './rest-market.ts';
import type { TapeMode } from './tape.ts';
import type { TradeLog } from './trade-log.ts';

/** What REST tells about; a Venue. */
export interface RestView {
  readonly mode: TapeMode;
  readonly start_us: number;
  readonly trades: TradeLog;
  market(ticker: string): Market | undefined;
  markets(): readonly Market[];
}

export interface RestAnswer {
  readonly status: number;
  readonly body: unknown;
}

export const REST_PATH = '/trade-api/v2';

/** Documented as signed; all other calls here are open. */
export function needsSignature(path: string): boolean {
  return ORDERBOOK.test(path);
}

/** Answers a GET. `path` without host and query. Shapes: openapi-2026-04-21.yaml. */
export function answerRest(path: string, query: URLSearchParams, view: RestView): RestAnswer {
  if (path === `${REST_PATH}/exchange/status`) return status(view);
  if (path === `${REST_PATH}/exchange/schedule`) return { status: 200, body: { schedule: SCHEDULE } };
  if (path === `${REST_PATH}/markets`) return listMarkets(query, view);
  if (path === `${REST_PATH}/markets/trades`) return listTrades(query, view);
  const book = ORDERBOOK.exec(path);
  if (book !== null) return orderbook(view.market(decodeURIComponent(book[1]!)), query);
  const market = MARKET.exec(path);
  const found = market === null ? undefined : view.market(decodeURIComponent(market[1]!));
  return found === undefined ? NOT_FOUND : { status: 200, body: { market: marketJson(found, view.start_us) } };
}

const ORDERBOOK = /^\/trade-api\/v2\/markets\/([A-Za-z0-9._-]+)\/orderbook$/;
const MARKET = /^\/trade-api\/v2\/markets\/([A-Za-z0-9._-]+)$/;
const NOT_FOUND: RestAnswer = { status: 404, body: { code: 'not_found', message: 'not found' } };
const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;

function status({ mode }: RestView): RestAnswer {
  return { status: 200, body: { exchange_active: true, trading_active: mode === 'trading' } };
}

function listMarkets(query: URLSearchParams, view: RestView): RestAnswer {
  const limit = wholeOf(query, 'limit', 1, LIMIT_MAX) ?? LIMIT_DEFAULT;
  const from = cursorOf(query) ?? 0;
  const wanted = query.get('status') ?? '';
  if (typeof limit !== 'number' || typeof from !== 'number' || !STATUSES.has(wanted)) return badRequest();
  const named = new Set((query.get('tickers') ?? '').split(',').filter((ticker) => ticker !== ''));
  const open = wanted === '' || wanted === 'open' ? view.markets() : [];
  const matching = named.size === 0 ? open : open.filter(({ listing }) => named.has(listing.ticker));
  const page = matching.slice(from, from + limit).map((market) => marketJson(market, view.start_us));
  const cursor = from + limit < matching.length ? cursorText(from + limit) : '';
  return { status: 200, body: { markets: page, cursor } };
}

function listTrades(query: URLSearchParams, view: RestView): RestAnswer {
  const limit = wholeOf(query, 'limit', 1, LIMIT_MAX) ?? LIMIT_DEFAULT;
  const min_ts = wholeOf(query, 'min_ts', 0, Number.MAX_SAFE_INTEGER);
  const max_ts = wholeOf(query, 'max_ts', 0, Number.MAX_SAFE_INTEGER);
  const before = cursorOf(query);
  if (limit === 'bad' || min_ts === 'bad' || max_ts === 'bad' || before === 'bad') return badRequest();
  const ticker = query.get('ticker') ?? undefined;
  const { trades, next } = view.trades.page({ ticker, min_ts, max_ts, before, limit });
  return { status: 200, body: { trades: trades.map(tradeJson), cursor: next === undefined ? '' : cursorText(next) } };
}

function tradeJson({ listing, tradeId, yesPrice, count, taker, isBlockTrade, at_us }: TradeEvent): object {
  return {
    trade_id: tradeId,
    ticker: listing.ticker,
    count_fp: countText(count),
    yes_price_dollars: priceText(yesPrice),
    no_price_dollars: priceText(ONE_DOLLAR - yesPrice),
    taker_side: taker,
    taker_outcome_side: taker,
    taker_book_side: taker === 'yes' ? 'bid' : 'ask',
    is_block_trade: isBlockTrade,
    created_time: instantText(at_us),
  };
}

function orderbook(market: Market | undefined, query: URLSearchParams): RestAnswer {
  if (market === undefined) return NOT_FOUND;
  const depth = wholeOf(query, 'depth', 0, 100) ?? 0;
  if (depth === 'bad') return badRequest();
  const { yes, no } = market.book.levels();
  const shown = (levels: readonly Level[]) =>
    levels.slice(depth === 0 ? 0 : -depth).map(([price, count]) => [priceText(price), countText(count)]);
  return { status: 200, body: { orderbook_fp: { yes_dollars: shown(yes), no_dollars: shown(no) } } };
}

/** Filter words of the query, not the status words of a market. */
const STATUSES = new Set(['', 'unopened', 'open', 'closed', 'settled']);

/** Undefined where it is not given. */
function wholeOf(query: URLSearchParams, name: string, min: number, max: number): number | 'bad' | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  return /^\d{1,16}$/.test(text) && value >= min && value <= max ? value : 'bad';
}

function cursorOf(query: URLSearchParams): number | 'bad' | undefined {
  const text = query.get('cursor');
  if (text === null || text === '') return undefined;
  const value = /^at:(\d{1,15})$/.exec(Buffer.from(text, 'base64url').toString());
  return value === null ? 'bad' : Number(value[1]);
}

function cursorText(position: number): string {
  return Buffer.from(`at:${position}`).toString('base64url');
}

function badRequest(): RestAnswer {
  return { status: 400, body: { code: 'bad_request', message: 'bad request' } };
}

const ALL_DAY = [{ open_time: '00:00', close_time: '00:00' }];
const WEEK = {
  start_time: '2026-01-01T05:00:00Z',
  end_time: '2027-01-01T05:00:00Z',
  monday: ALL_DAY,
  tuesday: ALL_DAY,
  wednesday: ALL_DAY,
  /** The weekly pause, Eastern Time. */
  thursday: [
    { open_time: '00:00', close_time: '03:00' },
    { open_time: '05:00', close_time: '00:00' },
  ],
  friday: ALL_DAY,
  saturday: ALL_DAY,
  sunday: ALL_DAY,
};
const SCHEDULE = { standard_hours: [WEEK], maintenance_windows: [] };
