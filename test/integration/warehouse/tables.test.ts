import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TABLES } from '../../../core/contract/names.ts';
import { TABLE_COLUMNS } from '../../../core/tape/tables.ts';
import { Random } from '../../../local/exchange/random.ts';
import {
  closedMarker,
  gapClosed,
  gapMarker,
  openedMarker,
  subscribedMarker,
  T0,
  TestTape,
} from '../../support/blocks.ts';
import { deltaText, lifecycleText, snapshotText, tickerText, tradeText } from '../../support/blocks-frames.ts';
import { kinesisRecord, kinesisRecords } from '../../support/kinesis-event.ts';
import { ALL_WELL, sinkOver, startWarehouse, type TestWarehouse } from '../sink/warehouse.ts';

let warehouse: TestWarehouse;

beforeAll(async () => {
  warehouse = await startWarehouse();
});
afterAll(() => warehouse.stop());

/** What users' queries are built on. */
const CONTRACT = {
  frames: 'session_id frame_no recv_ts type sid seq raw',
  orderbook_deltas: 'market_ticker ts session_id sid seq frame_no side price delta recv_ts',
  orderbook_snapshots: 'market_ticker session_id sid seq frame_no recv_ts yes no',
  trades: 'trade_id market_ticker ts yes_price no_price count taker_outcome_side is_block_trade',
} as const;

describe('the tables', () => {
  test.each(TABLES)('%s takes what the sink inserts, and computes every other column by itself', async (table) => {
    const columns = await warehouse.rows<{ name: string; default_kind: string }>(
      `SELECT name, default_kind FROM system.columns WHERE database = currentDatabase() AND table = {table:String} ORDER BY position`,
      { table },
    );
    expect(columns.filter(({ default_kind }) => default_kind === '').map(({ name }) => name)).toEqual([
      ...TABLE_COLUMNS[table],
    ]);
  });

  test.each(Object.entries(CONTRACT))('%s has the columns that were promised', async (table, columns) => {
    expect(await warehouse.rows(`SELECT ${columns.split(' ').join(', ')} FROM ${table} FINAL LIMIT 1`)).toEqual([]);
  });

  test('hold the finest, largest and emptiest values exactly', async () => {
    const tape = new TestTape({ session_id: '20261123T100000000-exact0' });
    const seq = Number.MAX_SAFE_INTEGER - 1;
    tape.marker(openedMarker());
    tape.marker(subscribedMarker(7, ['KXE-1', 'KXE-2']));
    tape.frame(snapshotText('KXE-1', 7, 1, { yes: [['0.000001', '9999999999999999.99']], no: [['1.0000', '0.01']] }));
    tape.frame(
      deltaText('KXE-1', 7, 999_999_999_999_999, { price: '0.123456', delta: '-9999999999999999.99', ts_us: T0 + 1 }),
    );
    tape.frame(
      tradeText('KXE-1', 8, seq, 'e1', { yes: '0.0000', no: '1.0000', count: '0.01', ts_ms: 1_795_428_000_999 }),
    );
    tape.frame(tickerText('KXE-1', 9));
    tape.frame(
      lifecycleText('KXE-1', 10, 3, { open_ts: 1_795_000_000, close_ts: 4_000_000_000, settlement_value: '0.5000' }),
    );
    const gap = gapMarker('exact:g1', { from_ts: T0 + 5, expected_seq: seq, missing: 12 });
    tape.marker(gap);
    tape.marker(gapClosed(gap, T0 + 6));
    tape.marker(closedMarker());
    expect(await sinkOver(warehouse.port).deliver([kinesisRecord(0, tape.cut().record)])).toEqual(ALL_WELL);
    const one = async (sql: string) =>
      (await warehouse.rows(`SELECT ${sql} FINAL WHERE session_id = '${tape.session_id}'`))[0];
    expect(await one('toString(yes) AS yes, toString(no) AS no, sid FROM orderbook_snapshots')).toEqual({
      yes: '[(0.000001,9999999999999999.99)]',
      no: '[(1,0.01)]',
      sid: '7',
    });
    expect(
      await one(
        `toString(price) AS price, toString(delta) AS delta, seq, frame_no, toString(ts) AS ts, toString(recv_ts) AS recv_ts, ts_source FROM orderbook_deltas`,
      ),
    ).toEqual({
      price: '0.123456',
      delta: '-9999999999999999.99',
      seq: '999999999999999',
      frame_no: '2',
      ts: '2026-11-23 10:00:00.000001',
      recv_ts: '2026-11-23 10:00:00.004000',
      ts_source: 'exchange',
    });
    expect(
      await one(
        `toString(yes_price) AS yes, toString(no_price) AS no, toString(count) AS count, seq, toString(ts) AS ts, taker_book_side, is_block_trade FROM trades`,
      ),
    ).toEqual({
      yes: '0',
      no: '1',
      count: '0.01',
      seq: String(seq),
      ts: '2026-11-23 10:00:00.999000',
      taker_book_side: 'bid',
      is_block_trade: false,
    });
    expect(await one(`toString(volume) AS volume, dollar_volume, toString(ts) AS ts FROM tickers`)).toEqual({
      volume: '759.86',
      dollar_volume: '379',
      ts: '2026-11-23 10:00:00.123000',
    });
    expect(
      await one(
        `toString(close_ts) AS close_ts, toString(settled_ts) AS settled_ts, result, toString(settlement_value) AS value FROM lifecycle`,
      ),
    ).toEqual({
      close_ts: '2096-10-02 07:06:40.000000',
      settled_ts: null,
      result: 'no',
      value: '0.5',
    });
    expect(await one(`channels, close_reason, frames, toString(opened_ts) AS opened_ts FROM sessions`)).toMatchObject({
      close_reason: 'shutdown',
      frames: '5',
    });
    expect(await one(`markets, channel, after_frame_no FROM subscriptions`)).toEqual({
      markets: ['KXE-1', 'KXE-2'],
      channel: 'orderbook_delta',
      after_frame_no: '0',
    });
    expect(await one(`expected_seq, missing, toString(to_ts) AS to_ts, attribution FROM gaps`)).toEqual({
      expected_seq: String(seq),
      missing: '12',
      to_ts: '2026-11-23 10:00:00.000006',
      attribution: 'exchange',
    });
    expect(
      await one(`block_id, frames, markers, cut_reason, shard_id, toString(arrival_ts) AS arrival_ts FROM blocks`),
    ).toEqual({
      block_id: `${tape.session_id}:1-5+m1`,
      frames: 5,
      markers: 5,
      cut_reason: 'rows',
      shard_id: 'shardId-000000000000',
      arrival_ts: '2026-11-23 10:00:01.250000',
    });
  });
});

describe('trades_1m', () => {
  test('is the candles of a fold in integers, with trades that two sessions recorded counted once', async () => {
    const random = new Random(5);
    const tapes = ['one000', 'two000'].map((name) => new TestTape({ session_id: `20261123T100000000-${name}` }));
    interface Candle {
      open: number;
      high: number;
      low: number;
      close: number;
      count: number;
      dollars: bigint;
      trades: number;
    }
    const candles = new Map<string, Candle>();
    let ts_ms = T0 / 1_000;
    for (let n = 1; n <= 400; n++) {
      ts_ms += random.oneIn(3) ? 0 : random.between(1, 2_000);
      const market = `KXT-${random.between(1, 3)}`;
      const cents = random.between(1, 99);
      const count = random.between(1, 90_000);
      const wire = {
        yes: (cents / 100).toFixed(4),
        no: (1 - cents / 100).toFixed(4),
        count: (count / 100).toFixed(2),
        ts_ms,
      };
      // Ids that do not sort as the trades came: the order within a millisecond must not be theirs.
      const text = tradeText(market, 2, n, `id-${random.between(100_000, 999_999)}-${n}`, wire);
      tapes[0]!.frame(text, T0 + n * 10);
      if (n % 3 !== 0) tapes[1]!.frame(text, T0 + n * 10 + 1);
      const key = `${market} ${Math.floor(ts_ms / 60_000)}`;
      const candle = candles.get(key) ?? { open: cents, high: 0, low: 100, close: 0, count: 0, dollars: 0n, trades: 0 };
      candle.high = Math.max(candle.high, cents);
      candle.low = Math.min(candle.low, cents);
      candle.close = cents;
      candle.count += count;
      candle.dollars += BigInt(cents) * BigInt(count);
      candle.trades++;
      candles.set(key, candle);
    }
    expect(candles.size).toBeGreaterThan(9);
    // One insert each: in one the engine would drop the second copy before FINAL has to.
    for (const tape of tapes) {
      expect(await sinkOver(warehouse.port).deliver(kinesisRecords([tape.cut().record]))).toEqual(ALL_WELL);
    }
    const rows = await warehouse.rows<Record<string, string>>(
      `SELECT market_ticker || ' ' || toString(intDiv(toUnixTimestamp(minute), 60)) AS key,
              toString(toInt32(open * 100)) AS open, toString(toInt32(high * 100)) AS high, toString(toInt32(low * 100)) AS low,
              toString(toInt32(close * 100)) AS close, toString(toInt64(volume * 100)) AS count,
              toString(toInt64(yes_dollars * 10000)) AS dollars, toString(trades) AS trades
         FROM trades_1m WHERE market_ticker LIKE 'KXT-%'`,
    );
    const found = new Map(rows.map(({ key, ...candle }) => [key, candle]));
    const expected = new Map(
      [...candles].map(([key, candle]) => [
        key,
        Object.fromEntries(Object.entries(candle).map(([name, value]) => [name, String(value)])),
      ]),
    );
    expect(found).toEqual(expected);
  });

  test('reads of one market’s day no other market', async () => {
    const plan = await warehouse.rows<{ explain: string }>(
      `SELECT explain FROM (EXPLAIN indexes = 1 SELECT * FROM trades_1m WHERE market_ticker = 'KXT-1' AND minute >= '2026-11-23 10:00:00')`,
    );
    const text = plan.map(({ explain }) => explain).join('\n');
    expect(text).toMatch(/PrimaryKey[\s\S]*Keys:[\s\S]*market_ticker[\s\S]*ts[\s\S]*Condition:[^\n]*KXT-1/);
  });
});
