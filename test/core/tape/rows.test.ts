import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { TABLES, type TableName } from '../../../core/contract/names.ts';
import { KNOWN_MSG_FIELDS, MESSAGE_SCHEMAS } from '../../../core/kalshi/messages.ts';
import { GAP_CAUSES } from '../../../core/tape/marker.ts';
import { tableOf } from '../../../core/tape/market-rows.ts';
import { REJECT_REASONS } from '../../../core/tape/row.ts';
import { type BlockRows, rowsOf } from '../../../core/tape/rows.ts';
import { type Cell, type Row, TABLE_COLUMNS } from '../../../core/tape/tables.ts';
import {
  COMBO_CREATED,
  CREATED,
  DEACTIVATED,
  DELTA,
  DETERMINED,
  DOCUMENTED,
  EVENT_FEE,
  EVENT_LIFECYCLE,
  MARKET,
  MARKET_ID,
  METADATA_UPDATED,
  PYTH,
  SETTLED,
  SNAPSHOT,
  SNAPSHOT_UNKNOWN_TICKER,
  STRUCTURE_UPDATED,
  TICKER,
  TICKER_EARLIER,
  TRADE,
  TRADE_EARLIER,
  withMsg,
} from '../../fixtures/kalshi/messages.ts';
import { NOT_HERE, realFrames, recordedSessions } from '../../fixtures/kalshi/recorded.ts';
import { ALL_MARKERS, blockOf, frame, MARKERS, markerInput, SESSION_ID, T0 } from './build-block.ts';

const RECV_TS = T0 + 600_000;
const FRAME_NO = 7;

const rowsOfTexts = (...texts: readonly (string | Buffer)[]): BlockRows =>
  rowsOf(blockOf(texts.map((text) => frame(text, RECV_TS))));

/** A row by the names of its columns. */
function named(table: TableName, row: Row): Record<string, Cell> {
  const columns = TABLE_COLUMNS[table];
  expect(row).toHaveLength(columns.length);
  return Object.fromEntries(columns.map((column, i) => [column, row[i]!]));
}

/** The one row of one frame, by the names of its columns. */
function rowOf(text: string): Record<string, Cell> {
  const { rows, rejects } = rowsOfTexts(text);
  expect([rows.length, rejects]).toEqual([1, []]);
  return named(rows[0]!.table, rows[0]!.row);
}

const absent = (changes: object): Record<string, undefined> =>
  Object.fromEntries(Object.keys(changes).map((name) => [name, undefined]));

const AT = { session_id: SESSION_ID, frame_no: FRAME_NO, recv_ts: RECV_TS };

describe('a row', () => {
  test('of a book has both ladders, each price and count as it came', () => {
    expect(rowOf(SNAPSHOT.text)).toEqual({
      ...AT,
      market_ticker: MARKET,
      market_id: MARKET_ID,
      sid: 1,
      seq: 1,
      yes: [
        ['0.0100', '1410.00'],
        ['0.0201', '184.45'],
      ],
      no: [['0.9700', '5338404.13']],
    });
  });

  test('of a book that is empty has empty ladders', () => {
    expect(rowOf(SNAPSHOT_UNKNOWN_TICKER.text)).toMatchObject({
      market_ticker: 'KXDEAD-1',
      market_id: '',
      yes: [],
      no: [],
    });
  });

  test('of a change has the exchange’s microseconds, and frame and receive time as distances', () => {
    const ts = T0 + 522_510;
    expect(rowOf(DELTA.text)).toEqual({
      market_ticker: MARKET,
      ts,
      session_id: SESSION_ID,
      sid: 1,
      seq: 5,
      frame_offset: FRAME_NO - 5,
      side: 'yes',
      price: '0.9601',
      delta: '-54.25',
      recv_lag_us: RECV_TS - ts,
      ts_source: 'exchange',
    });
  });

  test('of a trade names taker and outcome as the exchange does', () => {
    expect(rowOf(TRADE.text)).toEqual({
      ...AT,
      trade_id: '5b0f3e0a-77d1-a3c4-0b1f-8d24c11aa001',
      market_ticker: MARKET,
      ts: T0 + 573_000,
      yes_price: '0.3520',
      no_price: '0.6480',
      count: '15.78',
      taker_outcome_side: 'no',
      taker_book_side: 'ask',
      is_block_trade: true,
      sid: 2,
      seq: 101,
      ts_source: 'exchange',
    });
  });

  test('of an earlier trade takes the outcome from the field that was', () => {
    expect(rowOf(TRADE_EARLIER.text)).toMatchObject({
      taker_outcome_side: 'yes',
      taker_book_side: '',
      is_block_trade: false,
    });
  });

  test('of a ticker has the finest time that the exchange gives', () => {
    expect(rowOf(TICKER.text)).toEqual({
      ...AT,
      market_ticker: MARKET,
      ts: T0 + 544_125,
      price: '0.4800',
      yes_bid: '0.4500',
      yes_ask: '0.5300',
      yes_bid_size: '300.00',
      yes_ask_size: '150.00',
      last_trade_size: '0.09',
      volume: '33896.50',
      open_interest: '20422.00',
      dollar_volume: 16948,
      dollar_open_interest: 10211,
      sid: 3,
      ts_source: 'exchange',
    });
  });

  test('of a ticker has NULL where the exchange says nothing', () => {
    expect(rowOf(TICKER_EARLIER.text)).toMatchObject({
      ts: T0 + 544_000,
      price: null,
      yes_bid_size: null,
      yes_ask_size: null,
      last_trade_size: null,
      dollar_volume: null,
      dollar_open_interest: null,
    });
  });

  const NOTHING = {
    open_ts: null,
    close_ts: null,
    determination_ts: null,
    settled_ts: null,
    result: '',
    settlement_value: null,
    is_deactivated: null,
    exchange_index: null,
    title: '',
    price_level_structure: '',
    price_ranges: [],
  };
  const msgOf = (text: string): unknown => (JSON.parse(text) as { msg: unknown }).msg;

  test.each([
    [
      CREATED,
      {
        seq: 1,
        event_ticker: 'KXTAPE-26NOV23',
        event_type: 'created',
        open_ts: 1_795_460_400_000_000,
        close_ts: 1_795_546_800_000_000,
        exchange_index: 2,
        title: 'Gold above 4,615.99?',
        price_level_structure: 'linear_cent',
      },
    ],
    [
      DETERMINED,
      {
        seq: 2,
        event_type: 'determined',
        ts: 1_795_546_801_000_000,
        determination_ts: 1_795_546_801_000_000,
        result: 'scalar',
        settlement_value: '0.5000',
      },
    ],
    [SETTLED, { seq: 3, event_type: 'settled', ts: 1_795_546_900_000_000, settled_ts: 1_795_546_900_000_000 }],
    [DEACTIVATED, { seq: 4, event_type: 'deactivated', is_deactivated: true }],
    [
      STRUCTURE_UPDATED,
      {
        seq: 5,
        event_type: 'price_level_structure_updated',
        price_level_structure: 'deci_cent',
        price_ranges: [['0.0000', '1.0000', '0.0010']],
      },
    ],
    [METADATA_UPDATED, { seq: 6, event_type: 'metadata_updated' }],
    [
      COMBO_CREATED,
      {
        sid: 5,
        seq: 1,
        market_ticker: 'KXMVE-TAPE-M1',
        event_ticker: 'KXMVE-TAPE',
        type: 'multivariate_market_lifecycle',
        event_type: 'created',
        open_ts: 1_795_460_400_000_000,
        close_ts: 1_795_546_800_000_000,
        exchange_index: 1,
        title: 'Both',
      },
    ],
    [
      EVENT_LIFECYCLE,
      {
        seq: 7,
        market_ticker: '',
        event_ticker: 'KXTAPE-26NOV23',
        type: 'event_lifecycle',
        event_type: 'event_lifecycle',
        exchange_index: 0,
        title: 'Gold today?',
      },
    ],
    [
      EVENT_FEE,
      {
        seq: 8,
        market_ticker: '',
        event_ticker: 'KXTAPE-26NOV23',
        type: 'event_fee_update',
        event_type: 'event_fee_update',
      },
    ],
  ])('of a lifecycle message: $name', ({ text }, own) => {
    const { msg, ...row } = rowOf(text);
    const common = { ...AT, sid: 4, market_ticker: MARKET, event_ticker: '', type: 'market_lifecycle_v2', ts: RECV_TS };
    expect(row).toEqual({ ...common, ...NOTHING, ...own });
    expect(JSON.parse(msg as string)).toEqual(msgOf(text));
  });

  test('of a lifecycle message keeps fields that we do not know', () => {
    const { msg } = rowOf(withMsg(SETTLED, { added: { deep: [1, 'x'] } }));
    expect(JSON.parse(msg as string)).toMatchObject({ added: { deep: [1, 'x'] } });
  });

  test('takes null in a field that may be absent as absent', () => {
    const changes = { market_id: null, taker_side: null, is_block_trade: null, ts: null };
    expect(rowOf(withMsg(TRADE, changes))).toEqual(rowOf(withMsg(TRADE, absent(changes))));
    const settled = { result: null, settlement_value: null, price_ranges: null, close_ts: null };
    expect({ ...rowOf(withMsg(SETTLED, settled)), msg: '' }).toEqual({
      ...rowOf(withMsg(SETTLED, absent(settled))),
      msg: '',
    });
    const ladder = { yes_dollars_fp: null, market_id: null };
    expect(rowOf(withMsg(SNAPSHOT, ladder))).toEqual(rowOf(withMsg(SNAPSHOT, absent(ladder))));
    expect(rowOf(withMsg(TICKER, { time: null, ts_ms: null }))).toEqual(
      rowOf(withMsg(TICKER, { time: undefined, ts_ms: undefined })),
    );
  });

  test('has the receive time where the exchange gives none, and says so', () => {
    const none = { ts: undefined, ts_ms: undefined, time: undefined };
    expect(rowOf(withMsg(DELTA, none))).toMatchObject({ ts: RECV_TS, recv_lag_us: 0, ts_source: 'recv' });
    expect(rowOf(withMsg(TRADE, none))).toMatchObject({ ts: RECV_TS, ts_source: 'recv' });
    expect(rowOf(withMsg(TICKER, none))).toMatchObject({ ts: RECV_TS, ts_source: 'recv' });
  });

  test('has milliseconds, else seconds, where nothing finer is given', () => {
    expect(rowOf(withMsg(DELTA, { ts: undefined }))).toMatchObject({ ts: T0 + 522_000, ts_source: 'exchange' });
    expect(rowOf(withMsg(TRADE, { ts_ms: undefined }))).toMatchObject({ ts: T0, ts_source: 'exchange' });
    expect(rowOf(withMsg(TICKER, { time: undefined, ts_ms: undefined }))).toMatchObject({
      ts: T0,
      ts_source: 'exchange',
    });
  });

  test('of a change that came before its own time has a negative lag', () => {
    expect(rowOf(withMsg(DELTA, { ts: '2026-11-23T19:02:57Z' }))).toMatchObject({ recv_lag_us: -400_000 });
  });

  test('is as long as its table has columns, whatever the type', () => {
    const made = new Set<string>();
    for (const { text, type } of DOCUMENTED) {
      for (const { table, row } of rowsOfTexts(text).rows) {
        expect(table).toBe(tableOf(type));
        expect(row).toHaveLength(TABLE_COLUMNS[table].length);
        made.add(table);
      }
    }
    expect([...made].sort()).toEqual(['lifecycle', 'orderbook_deltas', 'orderbook_snapshots', 'tickers', 'trades']);
  });

  test('is made of no reply and of no index value; they are in frames', () => {
    const without = DOCUMENTED.filter(({ type }) => tableOf(type) === '');
    expect(without).toContain(PYTH);
    const { rows, rejects, frames, unknownTypes, drift } = rowsOfTexts(...without.map(({ text }) => text));
    expect([rows, rejects, unknownTypes, drift]).toEqual([[], [], 0, []]);
    expect(frames.map(({ type }) => type)).toEqual(without.map(({ type }) => type));
  });

  test('has no table under a name that every object has', () => {
    for (const type of ['toString', '__proto__', 'constructor', '']) expect(tableOf(type)).toBe('');
  });
});

describe('exact decimals', () => {
  const zeros = fc.integer({ min: 0, max: 4 }).map((n) => '0'.repeat(n));
  const price = fc
    .tuple(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 0, max: 6 }), zeros)
    .map(([units, decimals, end]) => {
      const text = (units - (units % 10 ** (6 - decimals))).toString().padStart(7, '0');
      const fraction = text.slice(-6).slice(0, decimals) + (decimals === 6 ? end : '');
      return `${text.slice(0, -6)}${fraction === '' ? '' : `.${fraction}`}`;
    });
  const count = fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 16n - 1n }), fc.integer({ min: 0, max: 99 }), zeros, fc.boolean())
    .map(([whole, cents, end, negative]) => `${negative ? '-' : ''}${whole}.${String(cents).padStart(2, '0')}${end}`);

  test.prop([price, count, price, count], { numRuns: 300 })(
    'arrive as the text that came, never by way of a float',
    (p, c, q, d) => {
      expect(rowOf(withMsg(DELTA, { price_dollars: p, delta_fp: c }))).toMatchObject({ price: p, delta: c });
      const book = rowOf(withMsg(SNAPSHOT, { yes_dollars_fp: [[p, c]], no_dollars_fp: [[q, d]] }));
      expect(book).toMatchObject({ yes: [[p, c]], no: [[q, d]] });
      const trade = rowOf(withMsg(TRADE, { yes_price_dollars: p, no_price_dollars: q, count_fp: c }));
      expect(trade).toMatchObject({ yes_price: p, no_price: q, count: c });
      const ticker = { price_dollars: p, yes_bid_dollars: q, yes_ask_dollars: p, volume_fp: c, open_interest_fp: d };
      expect(rowOf(withMsg(TICKER, { ...ticker, yes_bid_size_fp: d }))).toMatchObject({
        price: p,
        yes_bid: q,
        yes_ask: p,
        volume: c,
        open_interest: d,
        yes_bid_size: d,
      });
      expect(rowOf(withMsg(DETERMINED, { settlement_value: p }))).toMatchObject({ settlement_value: p });
    },
  );

  test('larger than a float can hold arrive too', () => {
    expect(rowOf(withMsg(DELTA, { delta_fp: '9007199254740993.01' }))).toMatchObject({ delta: '9007199254740993.01' });
  });
});

describe('what cannot be a row', () => {
  const cases: [reason: string, table: string, text: string | Buffer][] = [
    ['too_many_decimals', 'orderbook_deltas', withMsg(DELTA, { price_dollars: '0.1234567' })],
    ['too_many_decimals', 'orderbook_deltas', withMsg(DELTA, { delta_fp: '1.001' })],
    [
      'too_many_decimals',
      'orderbook_snapshots',
      withMsg(SNAPSHOT, {
        no_dollars_fp: [
          ['0.01', '1.00'],
          ['0.02', '1.001'],
        ],
      }),
    ],
    [
      'too_many_decimals',
      'lifecycle',
      withMsg(STRUCTURE_UPDATED, { price_ranges: [{ start: '0', end: '1', step: '0.0000001' }] }),
    ],
    ['price_out_of_range', 'orderbook_deltas', withMsg(DELTA, { price_dollars: '1.0001' })],
    ['price_out_of_range', 'trades', withMsg(TRADE, { no_price_dollars: '-0.0001' })],
    ['price_out_of_range', 'lifecycle', withMsg(DETERMINED, { settlement_value: '100' })],
    ['out_of_range', 'tickers', withMsg(TICKER, { volume_fp: '10000000000000000.00' })],
    ['not_a_decimal', 'tickers', withMsg(TICKER, { yes_bid_dollars: '' })],
    ['not_a_decimal', 'trades', withMsg(TRADE, { count_fp: '1e3' })],
    ['bad_instant', 'orderbook_deltas', withMsg(DELTA, { ts: '2026-02-30T00:00:00Z' })],
    ['bad_instant', 'trades', withMsg(TRADE, { ts_ms: 1_795_460_576 })],
    ['bad_instant', 'tickers', withMsg(TICKER, { time: 'yesterday' })],
    ['bad_instant', 'lifecycle', withMsg(SETTLED, { settled_ts: 1_795_546_900_000 })],
    ['invalid_message', 'orderbook_deltas', withMsg(DELTA, { side: 'maybe' })],
    // An empty book would be a lie: the sides may stand under a name that we do not know.
    [
      'invalid_message',
      'orderbook_snapshots',
      withMsg(SNAPSHOT, { yes_dollars_fp: undefined, no_dollars_fp: undefined, yes_bids: [['0.01', '1.00']] }),
    ],
    ['invalid_message', 'lifecycle', withMsg(DETERMINED, { settlement_value: 1 })],
    ['invalid_message', '', '{"sid":1}'],
    ['invalid_message', '', '{"type":"error","msg":7}'],
    ['not_json', '', '{"type":"trade"'],
    ['not_json', '', '[]'],
    ['not_json', '', ''],
    ['not_json', '', Buffer.from(DELTA.text.replace(MARKET, 'KX\xff'), 'latin1')],
  ];

  test.each(cases)('is a reject by %s of %s that names its frame, and the others become rows', (reason, table, bad) => {
    const raw = Buffer.from(bad as string);
    const { frames, rows, rejects } = rowsOfTexts(TRADE.text, raw, SNAPSHOT.text);
    expect(rejects).toEqual([
      {
        block_id: `${SESSION_ID}:7-9`,
        session_id: SESSION_ID,
        frame_no: 8,
        recv_ts: RECV_TS,
        table,
        reason,
        detail: expect.stringMatching(/./),
        raw,
      },
    ]);
    expect(rows.map((row) => [row.table, row.frame_no])).toEqual([
      ['trades', 7],
      ['orderbook_snapshots', 9],
    ]);
    expect(frames.map((row) => row.frame_no)).toEqual([7, 8, 9]);
    expect(frames[1]!.raw.equals(raw)).toBe(true);
    expect(REJECT_REASONS).toContain(reason);
  });

  test('says which field it was, in few characters', () => {
    const [reject] = rowsOfTexts(withMsg(DELTA, { delta_fp: `1.${'9'.repeat(5_000)}` })).rejects;
    expect(reject!.detail).toContain('delta_fp');
    expect(reject!.detail.length).toBeLessThanOrEqual(300);
  });

  test('is a reject even where nobody foresaw why', () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const { rejects, rows } = rowsOfTexts(SETTLED.text.replace('"settled"', `"settled","added":${deep}`), TRADE.text);
    expect(rejects).toMatchObject([{ reason: 'row_error', table: 'lifecycle', frame_no: 7 }]);
    expect(rows).toHaveLength(1);
  });
});

describe('a block', () => {
  test('has every frame in frames, byte for byte, with what its header says', () => {
    const texts = [SNAPSHOT.text, '{"type":"new","sid":9,"seq":4}\n', 'garbage', Buffer.from('ff00', 'hex')];
    const { frames } = rowsOfTexts(...texts);
    expect(frames.map(({ type, sid, seq }) => [type, sid, seq])).toEqual([
      ['orderbook_snapshot', 1, 1],
      ['new', 9, 4],
      ['', 0, 0],
      ['', 0, 0],
    ]);
    expect(frames.map(({ raw }) => raw)).toEqual(texts.map((text) => Buffer.from(text as string)));
    expect(frames.map(({ kind, session_id, recv_ts }) => [kind, session_id, recv_ts])).toEqual(
      texts.map(() => ['text', SESSION_ID, RECV_TS]),
    );
  });

  test('counts frames of types that we do not know, and names what is new once', () => {
    const added = withMsg(TRADE, { fee: 1 });
    const bad = withMsg(TRADE, { fee: 1, other: 2, count_fp: '' });
    const { unknownTypes, drift, rejects } = rowsOfTexts(
      '{"type":"new_1"}',
      '{"type":"new_1"}',
      '{"type":"new_2"}',
      added,
      added,
      bad,
    );
    expect([unknownTypes, rejects.length]).toEqual([3, 1]);
    expect(drift).toEqual(['type:new_1', 'type:new_2', 'field:msg.fee', 'field:msg.other']);
  });

  test('names no more than a few of what is new', () => {
    const { drift, unknownTypes } = rowsOfTexts(...Array.from({ length: 500 }, (_, i) => `{"type":"new_${i}"}`));
    expect([drift.length, unknownTypes]).toEqual([32, 500]);
  });

  test('becomes rows of its markers too, each with its bytes', () => {
    const { rows, frames } = rowsOf(blockOf([frame(TRADE.text), ...ALL_MARKERS.map((value) => markerInput(value))]));
    expect(frames).toHaveLength(1);
    expect(rows.map(({ table }) => table)).toEqual(['trades', 'sessions', 'subscriptions', 'gaps', 'gaps', 'sessions']);
    expect(rows.slice(1).map(({ raw }) => JSON.parse(raw.toString()) as unknown)).toEqual(ALL_MARKERS);
    for (const { frame_no } of rows.slice(1)) expect(frame_no).toBe(0);
  });

  const cells = fc.oneof(
    fc.anything(),
    fc.string(),
    fc.integer(),
    fc.constantFrom('0.5000', '1.00', 'yes', 'bid', true, null, 1_795_460_576, '2026-11-23T19:02:56Z', [['0.5', '1']]),
  );
  const anyFrame = fc.oneof(
    fc.constantFrom(...DOCUMENTED).map(({ text }) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(
        fc.constantFrom(...DOCUMENTED.filter(({ text }) => text.includes('"msg":{'))),
        fc.dictionary(
          fc.constantFrom(...new Set(Object.values(KNOWN_MSG_FIELDS).flatMap((names) => [...names]))),
          cells,
          { maxKeys: 2 },
        ),
      )
      .map(([message, changes]) => {
        try {
          return Buffer.from(withMsg(message, changes));
        } catch {
          return Buffer.from('7n');
        }
      }),
  );

  test.prop([fc.array(anyFrame, { maxLength: 12 })], { numRuns: 400 })(
    'never throws; each frame is a row, a reject, a reply or unknown; each row fits its table; twice the same',
    (raws) => {
      const block = blockOf(raws.map((raw, i) => frame(raw, T0 + i)));
      const made = rowsOf(block);
      expect(made.frames.map(({ raw }) => raw)).toEqual(raws);
      for (const { table, row } of made.rows) {
        expect(row).toHaveLength(TABLE_COLUMNS[table].length);
        expect(row).not.toContain(undefined);
      }
      const told = [...made.rows, ...made.rejects].map(({ frame_no }) => frame_no);
      expect(new Set(told).size).toBe(told.length);
      const silent = made.frames.filter(({ frame_no }) => !told.includes(frame_no));
      const unknown = silent.filter(({ type }) => !Object.hasOwn(MESSAGE_SCHEMAS, type));
      expect(unknown.length).toBe(made.unknownTypes);
      for (const { type } of silent) expect(tableOf(type)).toBe('');
      expect(rowsOf(block)).toEqual(made);
    },
  );
});

describe('the row of a marker', () => {
  const markerRow = (type: keyof typeof MARKERS) => {
    const block = blockOf([frame('a', T0), markerInput(MARKERS[type], T0 + 50)]);
    const [row] = rowsOf(block).rows;
    return { table: row!.table, ...named(row!.table, row!.row) };
  };

  const session = {
    table: 'sessions',
    session_id: SESSION_ID,
    recorder_id: 'recorder-1',
    connection: 2,
    url: 'wss://exchange.test/ws',
    channels: ['orderbook_delta', 'trade'],
    markets_count: 40,
    use_yes_price: false,
    version: '0.1.0',
    previous_run: 'crashed',
    opened_ts: T0,
  };

  test('of a session is open, then the same row again, closed, with what it counted', () => {
    const open = { closed_ts: null, close_reason: '', close_code: 0, frames: 0, row_version: 1 };
    const closed = { closed_ts: T0 + 50, close_reason: 'shutdown', close_code: 1000, frames: 7, row_version: 2 };
    expect(markerRow('session_opened')).toEqual({ ...session, ...open });
    expect(markerRow('session_closed')).toEqual({ ...session, ...closed });
  });

  test('of a subscription says from when and behind which frame', () => {
    expect(markerRow('subscribed')).toEqual({
      table: 'subscriptions',
      session_id: SESSION_ID,
      sid: 1,
      channel: 'orderbook_delta',
      markets: ['A', 'B'],
      ts: T0 + 50,
      after_frame_no: 7,
    });
  });

  test('of a hole is open, then the same row again, closed, with how it was repaired', () => {
    const hole = {
      table: 'gaps',
      gap_id: `${SESSION_ID}:g1`,
      session_id: SESSION_ID,
      recorder_id: 'recorder-1',
      cause: 'sequence',
      attribution: 'exchange',
      channel: 'orderbook_delta',
      sid: 1,
      markets: ['A', 'B'],
      from_ts: T0 - 10,
      expected_seq: 5,
      got_seq: 8,
      missing: 3,
      first_frame_no: 11,
      last_frame_no: 12,
      previous_session_id: '20261123T180000000-000001',
    };
    expect(markerRow('gap_opened')).toEqual({ ...hole, to_ts: null, repair: '', row_version: 1 });
    expect(markerRow('gap_closed')).toEqual({ ...hole, to_ts: T0 + 900, repair: 'resubscribe', row_version: 2 });
  });

  test('of a hole names who has to look at it, for every cause', () => {
    for (const cause of GAP_CAUSES) {
      const { rows } = rowsOf(blockOf([markerInput({ ...MARKERS.gap_opened, cause })]));
      const { attribution } = named('gaps', rows[0]!.row);
      expect(['exchange', 'network', 'recorder']).toContain(attribution);
      if (cause.startsWith('recorder_') || cause === 'exchange_overflow' || cause === 'spool_full') {
        expect(attribution).toBe('recorder');
      }
    }
  });
});

describe('the tables', () => {
  test('are those of the contract, each with columns of different names', () => {
    expect(Object.keys(TABLE_COLUMNS)).toEqual([...TABLES]);
    for (const columns of Object.values(TABLE_COLUMNS)) expect(new Set(columns).size).toBe(columns.length);
  });
});

describe('recorded frames', () => {
  test('become rows of what they are, none of them rejected', ({ skip }) => {
    const frames = [
      ...realFrames().map(({ raw }) => raw),
      ...recordedSessions().flatMap(({ frames: own }) => own.slice(0, 2_000)),
    ];
    if (frames.length === 0) skip(NOT_HERE);
    const made = rowsOfTexts(...frames);
    expect(made.rejects.map(({ detail }) => detail)).toEqual([]);
    expect(made.unknownTypes).toBe(0);
    expect(made.rows.length).toBe(made.frames.filter(({ type }) => tableOf(type) !== '').length);
  });
});
