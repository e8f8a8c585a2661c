import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ONE_DOLLAR } from '../../../local/exchange/book.ts';
import type { MarketEvent } from '../../../local/exchange/event.ts';
import { Venue } from '../../../local/exchange/venue.ts';
import { BookFold } from './book-fold.ts';
import { bodyOf, frameText, snapshotBody, typeOf } from '../../../local/exchange/wire.ts';

const START_US = 1_795_460_400_000_000;

function venueOf(seed: number, tickers: number | string[] = 6): Venue {
  return new Venue({ seed, tickers, books: 'quoted', keepTruth: false, start_us: START_US });
}

function run(venue: Venue, count: number): MarketEvent[] {
  return Array.from({ length: count }, (_, i) => venue.next(START_US + i * 137)!.event);
}

describe('the tape', () => {
  it('never makes a book negative or crossed, and its deltas fold from the first snapshots to the truth', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const venue = venueOf(seed);
        const client = new BookFold();
        for (const ticker of venue.tickers()) {
          const { marketId, levels } = venue.book(ticker)!;
          client.take(frameText('orderbook_snapshot', 1, 1, snapshotBody(ticker, marketId, levels, false)));
        }
        for (let i = 0; i < 1_500; i++) {
          const { event } = venue.next(START_US + i)!;
          if (event.kind !== 'delta') continue;
          client.take(frameText('orderbook_delta', 1, 1, bodyOf(event, false)));
          const { book } = venue.market(event.listing.ticker)!;
          if (book.best('yes') + book.best('no') >= ONE_DOLLAR) throw new Error('crossed');
        }
        expect(client.negatives).toBe(0);
        for (const ticker of venue.tickers()) expect(client.levels(ticker)).toEqual(venue.book(ticker)!.levels);
      }),
      { numRuns: 30 },
    );
  });

  it('is the same for the same seed and another for another', () => {
    const told = (seed: number) => run(venueOf(seed), 2_000).map((event) => bodyOf(event, false));
    expect(told(5)).toEqual(told(5));
    expect(told(5)).not.toEqual(told(6));
  });

  it('never goes back in time, even where the clock does', () => {
    const venue = venueOf(1);
    const times = [10, 20, 5, 30, 29].map((offset) => venue.next(START_US + offset)!.event.at_us - START_US);
    expect(times).toEqual([10, 20, 20, 30, 30]);
  });

  it('is mostly deltas, with some trades, tickers and lifecycle', () => {
    const kinds = run(venueOf(2, 50), 40_000).map((event) => event.kind);
    const share = (kind: MarketEvent['kind']) => (100 * kinds.filter((one) => one === kind).length) / kinds.length;
    expect(share('delta')).toBeCloseTo(85, -0.5);
    expect(share('trade')).toBeCloseTo(5, -0.5);
    expect(share('ticker')).toBeCloseTo(9, -0.5);
    expect(share('lifecycle')).toBeCloseTo(1, 0);
  });

  it('follows a trade with the delta of the level it took and then with a ticker that shows it', () => {
    const events = run(venueOf(3), 5_000);
    let seen = 0;
    events.forEach((trade, i) => {
      if (trade.kind !== 'trade' || trade.isBlockTrade === true || i + 2 >= events.length) return;
      const [delta, ticker] = [events[i + 1]!, events[i + 2]!];
      const makerPrice = trade.taker === 'yes' ? ONE_DOLLAR - trade.yesPrice : trade.yesPrice;
      expect(delta).toMatchObject({ kind: 'delta', listing: trade.listing, delta: -trade.count, price: makerPrice });
      expect(delta).not.toMatchObject({ side: trade.taker });
      expect(ticker).toMatchObject({ kind: 'ticker', price: trade.yesPrice, lastTradeCount: trade.count });
      seen++;
    });
    expect(seen).toBeGreaterThan(100);
  });

  it('shows in every ticker what the book says', () => {
    const venue = venueOf(4);
    for (let i = 0; i < 3_000; i++) {
      const { event } = venue.next(START_US + i)!;
      if (event.kind !== 'ticker') continue;
      const { book } = venue.market(event.listing.ticker)!;
      expect(event).toMatchObject({ yesBid: book.best('yes'), yesAsk: ONE_DOLLAR - book.best('no') });
      expect(event.yesBidCount).toBe(book.countAt('yes', event.yesBid));
    }
  });

  it('only takes orders back while trading is paused, until nothing is left', () => {
    const venue = venueOf(5, 2);
    run(venue, 500);
    while (venue.next(START_US + 1_000_000)!.event.kind !== 'delta');
    venue.mode = 'cancels_only';
    const left = (): number => venue.markets().reduce((sum, { book }) => sum + book.depth('yes') + book.depth('no'), 0);
    let last: MarketEvent | undefined;
    for (let i = 0; i < 100_000 && left() > 0; i++) {
      last = venue.next(START_US + 2_000_000)!.event;
      expect(last.kind).toBe('delta');
      if (last.kind === 'delta') expect(last.delta).toBeLessThan(0);
    }
    expect(left()).toBe(0);
    expect(venue.next(START_US + 3_000_000)).toBeUndefined();
    venue.mode = 'trading';
    expect(venue.next(START_US + 3_000_000)).toBeDefined();
  });

  it('tells of combos on the channel for combos only', () => {
    for (const event of run(venueOf(6), 30_000)) {
      if (event.kind !== 'lifecycle') continue;
      const name = String(event.msg['market_ticker'] ?? event.msg['event_ticker']);
      expect(name.startsWith('KXMVE')).toBe(event.channel === 'multivariate_market_lifecycle');
      expect(['event_lifecycle', 'event_fee_update', event.channel]).toContain(typeOf(event));
    }
  });

  it('lists the markets it is given, and makes up different ones where it is given a number', () => {
    expect(venueOf(1, ['A-1', 'B.2', 'A-1']).tickers()).toEqual(['A-1', 'B.2']);
    const made = venueOf(1, 400).tickers();
    expect(new Set(made).size).toBe(400);
    expect(made.some((ticker) => ticker.includes('.'))).toBe(true);
    for (const ticker of made) expect(ticker).toMatch(/^[A-Z0-9.-]+$/);
  });
});
