import { describe, expect, it } from 'vitest';
import { answerRest, needsSignature, REST_PATH } from '../../../local/exchange/rest.ts';
import { Venue } from '../../../local/exchange/venue.ts';

const START_US = 1_795_460_400_000_000;

function setUp(events = 0) {
  const venue = new Venue({ seed: 3, tickers: 7, books: 'quoted', keepTruth: false, start_us: START_US });
  const trades: string[] = [];
  for (let i = 0; i < events; i++) {
    const { event } = venue.next(START_US + i * 10_000)!;
    if (event.kind === 'trade') trades.push(event.tradeId);
  }
  const get = (path: string) => {
    const url = new URL(`${REST_PATH}${path}`, 'http://exchange');
    const { status, body } = answerRest(url.pathname, url.searchParams, venue);
    return { status, body };
  };
  return { venue, trades: trades.reverse(), get };
}

interface Page {
  readonly trades: { readonly trade_id: string; readonly ticker: string; readonly created_time: string }[];
  readonly markets: { readonly ticker: string; readonly status: string }[];
  readonly cursor: string;
}

describe('the REST calls', () => {
  it('tell the status of the exchange and its schedule with the weekly pause', () => {
    const { venue, get } = setUp();
    expect(get('/exchange/status').body).toEqual({ exchange_active: true, trading_active: true });
    venue.mode = 'cancels_only';
    expect(get('/exchange/status').body).toEqual({ exchange_active: true, trading_active: false });
    const { schedule } = get('/exchange/schedule').body as { schedule: { standard_hours: { thursday: unknown[] }[] } };
    expect(schedule.standard_hours[0]!.thursday).toHaveLength(2);
  });

  it('list markets page by page, each once', () => {
    const { venue, get } = setUp();
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = get(`/markets?limit=3&status=open&cursor=${cursor}`).body as Page;
      seen.push(...page.markets.map(({ ticker }) => ticker));
      ({ cursor } = page);
    } while (cursor !== '');
    expect(seen).toEqual(venue.tickers());
  });

  it('list the markets that are named, and none that is settled', () => {
    const { venue, get } = setUp();
    const [first, , third] = venue.tickers();
    const named = get(`/markets?tickers=${first!},${third!},NOBODY`).body as Page;
    expect(named.markets.map(({ ticker }) => ticker)).toEqual([first, third]);
    expect(named.markets[0]!.status).toBe('active');
    expect(get('/markets?status=settled').body).toEqual({ markets: [], cursor: '' });
  });

  it('show one market and its book, or 404', () => {
    const { venue, get } = setUp(200);
    const ticker = venue.tickers()[0]!;
    const { yes, no } = venue.book(ticker)!.levels;
    const { market } = get(`/markets/${ticker}`).body as { market: Record<string, string> };
    expect(market['ticker']).toBe(ticker);
    expect(Number(market['yes_bid_dollars']) * 10_000).toBeCloseTo(yes.at(-1)?.[0] ?? 0);
    interface Books {
      orderbook_fp: { yes_dollars: [string, string][]; no_dollars: [string, string][] };
    }
    const whole = get(`/markets/${ticker}/orderbook`).body as Books;
    expect(whole.orderbook_fp.yes_dollars).toHaveLength(yes.length);
    expect(whole.orderbook_fp.no_dollars).toHaveLength(no.length);
    const top = get(`/markets/${ticker}/orderbook?depth=1`).body as Books;
    expect(top.orderbook_fp.yes_dollars).toEqual(whole.orderbook_fp.yes_dollars.slice(-1));
    expect(get('/markets/NOBODY').status).toBe(404);
    expect(get('/markets/NOBODY/orderbook').status).toBe(404);
    expect(get('/portfolio/balance').status).toBe(404);
  });

  it('list trades newest first, page by page, none lost or repeated while new ones come', () => {
    const { venue, trades, get } = setUp(3_000);
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = get(`/markets/trades?limit=40&cursor=${cursor}`).body as Page;
      seen.push(...page.trades.map(({ trade_id }) => trade_id));
      ({ cursor } = page);
      for (let i = 0; i < 50; i++) venue.next(START_US + 40_000_000);
    } while (cursor !== '');
    expect(seen).toEqual(trades);
  });

  it('list the trades of a market and of a time', () => {
    const { venue, trades, get } = setUp(3_000);
    const ticker = venue.tickers()[1]!;
    const some = get(`/markets/trades?limit=1000&ticker=${ticker}`).body as Page;
    expect(some.trades.length).toBeGreaterThan(0);
    expect(some.trades.every((trade) => trade.ticker === ticker)).toBe(true);
    const [from, to] = [START_US / 1e6 + 10, START_US / 1e6 + 14];
    const part = get(`/markets/trades?limit=1000&min_ts=${from}&max_ts=${to}`).body as Page;
    expect(part.trades.length).toBeGreaterThan(0);
    expect(part.trades.length).toBeLessThan(trades.length);
    for (const { created_time } of part.trades) {
      const second = Math.floor(Date.parse(created_time) / 1_000);
      expect(second >= from && second <= to).toBe(true);
    }
  });

  it('refuse what is not a query of theirs', () => {
    const { get } = setUp();
    const bad = [
      '/markets?limit=0',
      '/markets?limit=1001',
      '/markets?cursor=x',
      '/markets?status=active',
      '/markets/trades?min_ts=x',
    ];
    expect(bad.map((path) => get(path).status)).toEqual([400, 400, 400, 400, 400]);
  });

  it('ask for a signature for the book only', () => {
    expect(needsSignature('/trade-api/v2/markets/A.1/orderbook')).toBe(true);
    expect(needsSignature('/trade-api/v2/markets/A.1')).toBe(false);
    expect(needsSignature('/trade-api/v2/markets/trades')).toBe(false);
  });
});
