import fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { MarketEvent } from '../../../local/exchange/event.ts';
import { countText, instantText, priceText } from '../../../local/exchange/format.ts';
import type { Listing } from '../../../local/exchange/listing.ts';
import { errorText, listText, okText, subscribedText, unsubscribedText } from '../../../local/exchange/replies.ts';
import { bodyOf, frameText, snapshotBody, typeOf } from '../../../local/exchange/wire.ts';
import { units } from './book-fold.ts';

const GOLD = { ticker: 'KXGOLDH-26AUG2711-T4615.99', marketId: 'ef793c45-beed-4096-8a3a-1c70af894be7' };

function listing(ticker: string, marketId = ''): Listing {
  return { ticker, marketId, eventTicker: '', structure: 'linear_cent' };
}

function told(event: MarketEvent, sid: number, seq: number | undefined, useYesPrice = false): string {
  return frameText(typeOf(event), sid, seq, bodyOf(event, useYesPrice));
}

const GOLD_DELTA: MarketEvent = {
  kind: 'delta',
  listing: listing(GOLD.ticker, GOLD.marketId),
  side: 'yes',
  price: 100,
  delta: 1_000,
  at_us: 1_787_838_983_996_443,
};

/** The expected texts are real frames, from PROTOCOL.md §2 and §3 (provenance there), and end with \n as on the wire. */
describe('messages on the wire', () => {
  it('writes a snapshot as the exchange did on 2026-08-27', () => {
    const levels = { yes: [[100, 141_000] as const], no: [[100, 10_000] as const, [200, 250_000] as const] };
    expect(frameText('orderbook_snapshot', 1, 1, snapshotBody(GOLD.ticker, GOLD.marketId, levels, false))).toBe(
      '{"type":"orderbook_snapshot","sid":1,"seq":1,"msg":{"market_ticker":"KXGOLDH-26AUG2711-T4615.99","market_id":"ef793c45-beed-4096-8a3a-1c70af894be7","yes_dollars_fp":[["0.0100","1410.00"]],"no_dollars_fp":[["0.0100","100.00"],["0.0200","2500.00"]]}}\n',
    );
  });

  it('writes the snapshot of an unknown ticker without id and levels', () => {
    expect(
      frameText(
        'orderbook_snapshot',
        1,
        1,
        snapshotBody('KXBTCD-25AUG2617-T112999.99', '', { yes: [], no: [] }, false),
      ),
    ).toBe(
      '{"type":"orderbook_snapshot","sid":1,"seq":1,"msg":{"market_ticker":"KXBTCD-25AUG2617-T112999.99","market_id":""}}\n',
    );
  });

  it('writes a delta as the exchange did', () => {
    expect(told(GOLD_DELTA, 1, 2)).toBe(
      '{"type":"orderbook_delta","sid":1,"seq":2,"msg":{"market_ticker":"KXGOLDH-26AUG2711-T4615.99","market_id":"ef793c45-beed-4096-8a3a-1c70af894be7","price_dollars":"0.0100","delta_fp":"10.00","side":"yes","ts":"2026-08-27T13:56:23.996443Z","ts_ms":1787838983996}}\n',
    );
  });

  it('writes a trade as the exchange did before and after is_block_trade', () => {
    const trade: MarketEvent = {
      kind: 'trade',
      listing: listing('KXBTC15M-26JUL060815-15'),
      tradeId: '91f3fff9-1bd0-431d-e771-a43285480989',
      yesPrice: 3_000,
      count: 10_200,
      taker: 'no',
      isBlockTrade: undefined,
      at_us: 1_783_339_202_573_000,
    };
    const before =
      '{"type":"trade","sid":2,"seq":101,"msg":{"trade_id":"91f3fff9-1bd0-431d-e771-a43285480989","market_ticker":"KXBTC15M-26JUL060815-15","yes_price_dollars":"0.3000","no_price_dollars":"0.7000","count_fp":"102.00","taker_side":"no","taker_outcome_side":"no","taker_book_side":"ask","ts":1783339202,"ts_ms":1783339202573}}\n';
    expect(told(trade, 2, 101)).toBe(before);
    expect(told({ ...trade, isBlockTrade: false }, 2, 101)).toBe(
      before.replace('"ask",', '"ask","is_block_trade":false,'),
    );
  });

  it('writes a ticker as the exchange did: without seq, its time without a fraction', () => {
    const ticker: MarketEvent = {
      kind: 'ticker',
      listing: listing('KXCRYPTOLEAD15M-26SEP210100-XRP', '4ac7cb26-aacc-420e-860e-5e7f054d8aa8'),
      price: 100,
      yesBid: 0,
      yesAsk: 100,
      yesBidCount: 0,
      yesAskCount: 7_800,
      volume: 75_986,
      openInterest: 66_618,
      lastTradeCount: 9,
      at_us: 1_789_966_800_000_000,
    };
    expect(told(ticker, 6, undefined)).toBe(
      '{"type":"ticker","sid":6,"msg":{"market_id":"4ac7cb26-aacc-420e-860e-5e7f054d8aa8","market_ticker":"KXCRYPTOLEAD15M-26SEP210100-XRP","price_dollars":"0.0100","yes_bid_dollars":"0.0000","yes_ask_dollars":"0.0100","volume_fp":"759.86","open_interest_fp":"666.18","dollar_volume":379,"dollar_open_interest":333,"yes_bid_size_fp":"0.00","yes_ask_size_fp":"78.00","last_trade_size_fp":"0.09","ts":1789966800,"ts_ms":1789966800000,"time":"2026-09-21T05:00:00Z"}}\n',
    );
  });

  it('writes lifecycle messages with their keys in the order they were made', () => {
    const msg = {
      market_ticker: 'KXMLBSPREAD-26JUL191605WSHATH-ATH4',
      determination_ts: 1_784_501_722,
      result: 'no',
      settlement_value: '0.0000',
      event_type: 'determined',
    };
    const type = 'market_lifecycle_v2';
    expect(told({ kind: 'lifecycle', channel: type, type, msg, at_us: 0 }, 1, 279_597)).toBe(
      '{"type":"market_lifecycle_v2","sid":1,"seq":279597,"msg":{"market_ticker":"KXMLBSPREAD-26JUL191605WSHATH-ATH4","determination_ts":1784501722,"result":"no","settlement_value":"0.0000","event_type":"determined"}}\n',
    );
  });

  it('writes replies with the key orders seen on the wire', () => {
    expect(subscribedText(1, 'orderbook_delta', 1)).toBe(
      '{"type":"subscribed","id":1,"msg":{"channel":"orderbook_delta","sid":1}}\n',
    );
    expect(okText(3, 1, 108, ['A', 'B', 'C'])).toBe(
      '{"type":"ok","id":3,"sid":1,"seq":108,"msg":{"market_tickers":["A","B","C"]}}\n',
    );
    expect(okText(3, 1, undefined, undefined)).toBe('{"type":"ok","id":3,"sid":1,"msg":{}}\n');
    expect(unsubscribedText(6, 2, 7)).toBe('{"id":6,"sid":2,"seq":7,"type":"unsubscribed"}\n');
    expect(
      listText(7, [
        { channel: 'orderbook_delta', sid: 1 },
        { channel: 'ticker', sid: 2 },
      ]),
    ).toBe('{"id":7,"type":"ok","msg":[{"channel":"orderbook_delta","sid":1},{"channel":"ticker","sid":2}]}\n');
    expect(errorText(3, 8, undefined, undefined)).toBe(
      '{"type":"error","id":3,"msg":{"code":8,"msg":"Unknown channel name"}}\n',
    );
    expect(errorText(0, 25, 1, 9)).toBe(
      '{"type":"error","sid":1,"seq":9,"msg":{"code":25,"msg":"Subscription buffer overflow"}}\n',
    );
  });

  it('tells the no side in yes prices where asked, snapshots still ascending', () => {
    const levels = { yes: [[100, 1] as const], no: [[200, 2] as const, [7_000, 3] as const] };
    const body = snapshotBody('A', 'id', levels, true);
    expect(JSON.parse(body)).toMatchObject({
      yes_dollars_fp: [['0.0100', '0.01']],
      no_dollars_fp: [
        ['0.3000', '0.03'],
        ['0.9800', '0.02'],
      ],
    });
    expect(told({ ...GOLD_DELTA, side: 'no', price: 200 }, 1, 1, true)).toContain('"price_dollars":"0.9800"');
    expect(told({ ...GOLD_DELTA, side: 'no', price: 200 }, 1, 1, false)).toContain('"price_dollars":"0.0200"');
    expect(told({ ...GOLD_DELTA, price: 200 }, 1, 1, true)).toContain('"price_dollars":"0.0200"');
  });
});

describe('numbers on the wire', () => {
  it('are exact, with 4 decimals for prices and 2 for counts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: -1e11, max: 1e11 }), (price, count) => {
        expect(priceText(price)).toMatch(/^\d\.\d{4}$/);
        expect(units(priceText(price))).toBe(price);
        expect(countText(count)).toMatch(/^-?\d+\.\d{2}$/);
        expect(units(countText(count))).toBe(count);
      }),
    );
    expect(countText(-5)).toBe('-0.05');
  });

  it('trim trailing zeros of an instant and nothing else', () => {
    expect(instantText(1_783_308_065_522_510)).toBe('2026-07-06T03:21:05.52251Z');
    expect(instantText(1_783_308_500_001_560)).toBe('2026-07-06T03:28:20.00156Z');
    expect(instantText(1_783_308_500_000_001)).toBe('2026-07-06T03:28:20.000001Z');
    expect(instantText(1_783_308_500_000_000)).toBe('2026-07-06T03:28:20Z');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e15 }), (at_us) => {
        const text = instantText(at_us);
        const fraction = /\.(\d+)Z$/.exec(text)?.[1] ?? '';
        expect(fraction.endsWith('0')).toBe(false);
        const second = Date.parse(text.replace(/\.\d+Z$/, 'Z')) * 1_000;
        expect(second + Number(fraction.padEnd(6, '0'))).toBe(at_us);
      }),
    );
  });
});

const REAL_FRAMES = new URL('../../../../shared/kalshi/frames/real-frames.jsonl', import.meta.url);

describe.skipIf(!existsSync(REAL_FRAMES))('real frames, read and written again', () => {
  const captures = existsSync(REAL_FRAMES)
    ? readFileSync(REAL_FRAMES, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { fidelity: string; raw: string })
        .filter(({ fidelity }) => fidelity === 'verbatim')
    : [];
  const frames = captures.map(({ raw }) => ({ raw, frame: JSON.parse(raw) as Frame }));

  it.each(frames.filter(({ frame }) => frame.type === 'orderbook_delta'))('delta $frame.seq', ({ raw, frame }) => {
    const { msg } = frame;
    const event: MarketEvent = {
      kind: 'delta',
      listing: listing(String(msg['market_ticker']), String(msg['market_id'])),
      side: msg['side'] as 'yes',
      price: units(String(msg['price_dollars'])),
      delta: units(String(msg['delta_fp'])),
      at_us: microsOf(String(msg['ts'])),
    };
    expect(told(event, frame.sid, frame.seq)).toBe(`${raw}\n`);
  });

  it.each(frames.filter(({ frame }) => frame.type === 'orderbook_snapshot'))('snapshot of $raw', ({ raw, frame }) => {
    const { msg } = frame;
    const side = (key: string) =>
      ((msg[key] ?? []) as [string, string][]).map(([price, count]) => [units(price), units(count)] as const);
    const levels = { yes: side('yes_dollars_fp'), no: side('no_dollars_fp') };
    const body = snapshotBody(String(msg['market_ticker']), String(msg['market_id']), levels, false);
    expect(frameText('orderbook_snapshot', frame.sid, frame.seq, body)).toBe(`${raw}\n`);
  });

  it.each(frames.filter(({ frame }) => frame.type === 'trade'))('trade $frame.seq', ({ raw, frame }) => {
    const { msg } = frame;
    const event: MarketEvent = {
      kind: 'trade',
      listing: listing(String(msg['market_ticker'])),
      tradeId: String(msg['trade_id']),
      yesPrice: units(String(msg['yes_price_dollars'])),
      count: units(String(msg['count_fp'])),
      taker: msg['taker_side'] as 'yes',
      isBlockTrade: undefined,
      at_us: Number(msg['ts_ms']) * 1_000,
    };
    expect(told(event, frame.sid, frame.seq)).toBe(`${raw}\n`);
  });
});

interface Frame {
  readonly type: string;
  readonly sid: number;
  readonly seq: number;
  readonly msg: Readonly<Record<string, unknown>>;
}

function microsOf(text: string): number {
  const fraction = /\.(\d+)Z$/.exec(text)?.[1] ?? '';
  return Date.parse(text.replace(/\.\d+Z$/, 'Z')) * 1_000 + Number(fraction.padEnd(6, '0'));
}
