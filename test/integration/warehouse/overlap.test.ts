import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closedMarker, gapClosed, gapMarker, openedMarker, T0, TestTape } from '../../support/blocks.ts';
import { deltaText, snapshotText, tickerText } from '../../support/blocks-frames.ts';
import { kinesisRecords } from '../../support/kinesis-event.ts';
import { ALL_WELL, sinkOver, startWarehouse, type TestWarehouse } from '../sink/warehouse.ts';

let warehouse: TestWarehouse;
let cases = 0;

beforeAll(async () => {
  warehouse = await startWarehouse();
});
afterAll(() => warehouse.stop());

/** Seconds after T0, in microseconds since 1970. */
const at = (sec: number): number => T0 + Math.round(sec * 1_000_000);
const timeText = (sec: number): string => new Date(at(sec) / 1_000).toISOString();

/** The exchange changes the market's book once a second, on the second, and tells its ticker: the messages 1, 2, 3 … */
interface Session {
  readonly name: string;
  /** The first message that it hears; its snapshot came half a second before. */
  readonly first: number;
  readonly last: number;
  /** Half a second after the last message; else it never said that it closed. */
  readonly closes?: boolean;
  /** Behind which message a hole opens, and with which it is closed. */
  readonly hole?: readonly [behind: number, closed: number];
  /** Messages of the hole that came all the same. */
  readonly heard?: readonly number[];
  /** How often each message comes. */
  readonly times?: number;
  readonly snapshot?: boolean;
}

/** Every session hears a message a tenth of a second later than the session before it in the list. */
async function record(sessions: readonly Session[]): Promise<string> {
  const market = `KXOVER-${++cases}`;
  const records = sessions.flatMap((session, n) => {
    const { name, first, last, closes = true, hole = [0, 0], heard = [], times = 1, snapshot = true } = session;
    const tape = new TestTape({ session_id: sessionId(name) });
    const heardAt = (message: number): number => at(message + 0.1 + 0.1 * n);
    const inHole = (message: number): boolean => message > hole[0] && message < hole[1];
    tape.marker(openedMarker({ opened_ts: at(first - 0.9) }), at(first - 0.9));
    if (snapshot) tape.frame(snapshotText(market, 1, 1), at(first - 0.5));
    // The ticker was the last good frame.
    const opened = gapMarker(`${sessionId(name)}:g`, {
      from_ts: heardAt(hole[0]) + 1,
      channel: '',
      markets: [],
    });
    for (let message = first; message <= last; message++) {
      if (message === hole[1]) tape.marker(gapClosed(opened, heardAt(message) - 1_000), heardAt(message) - 1_000);
      if (!inHole(message) || heard.includes(message))
        for (let time = 0; time < times; time++) {
          tape.frame(deltaText(market, 1, message * 10 + time, { ts_us: at(message) }), heardAt(message) + time * 2);
          tape.frame(tickerText(market, 2, at(message) / 1_000), heardAt(message) + time * 2 + 1);
        }
      if (message === hole[0]) tape.marker(opened, heardAt(message) + 100);
    }
    if (closes) tape.marker(closedMarker({ opened_ts: at(first - 0.9) }), at(last + 0.5));
    return [tape.cut().record];
  });
  expect(await sinkOver(warehouse.port).deliver(kinesisRecords(records))).toEqual(ALL_WELL);
  return market;
}

const sessionId = (name: string): string => `20261123T100000000-${String(cases).padStart(4, '0')}${name}`;

type View = 'deltas_of' | 'tickers_of';

/** Who told what, in the order it was received: `a1 a2 b3`. */
async function told(view: View, market: string, from = 0, to = 100): Promise<string> {
  const rows = await warehouse.rows<{ name: string; message: number }>(
    `SELECT right(session_id, 1) AS name, toInt32(dateDiff('second', toDateTime64({zero:String}, 6, 'UTC'), ts)) AS message
       FROM ${view}(market = {market:String}, from = {from:String}, to = {to:String})
      ORDER BY recv_ts, frame_no`,
    { market, zero: '2026-11-23 10:00:00', from: timeText(from), to: timeText(to) },
  );
  return rows.map(({ name, message }) => `${name}${message}`).join(' ');
}

/** The rows of a market inserted once more, as they are or as another session's some seconds later. */
async function again(view: View, market: string, { session = '', later = 0 } = {}): Promise<void> {
  const table = view === 'deltas_of' ? 'orderbook_deltas' : 'tickers';
  // A delta's recv_ts is computed from its ts.
  const received = view === 'deltas_of' ? '' : ', recv_ts + toIntervalSecond({later:UInt32}) AS recv_ts';
  const count = async (): Promise<number> => {
    const sql = `SELECT toUInt32(count()) AS n FROM ${table} WHERE market_ticker = {market:String}`;
    return (await warehouse.rows<{ n: number }>(sql, { market }))[0]!.n;
  };
  const before = await count();
  await warehouse.server.client.command({
    query: `INSERT INTO kalshi.${table}
            SELECT * REPLACE (ts + toIntervalSecond({later:UInt32}) AS ts,
                              if({session:String} = '', session_id, {session:String}) AS session_id ${received})
              FROM kalshi.${table} WHERE market_ticker = {market:String}`,
    query_params: { market, later, session },
  });
  expect(await count()).toBe(2 * before);
}

/** `run('a', 1, 3)` is `a1 a2 a3`. */
const run = (name: string, first: number, last: number): string =>
  Array.from({ length: last - first + 1 }, (_, n) => `${name}${first + n}`).join(' ');

describe.each(['deltas_of', 'tickers_of'] as const)('%s', (view) => {
  test('believes the session that began first until it closed, then the next', async () => {
    const market = await record([
      { name: 'a', first: 1, last: 10 },
      { name: 'b', first: 6, last: 15 },
    ]);
    expect(await told(view, market)).toBe(`${run('a', 1, 10)} ${run('b', 11, 15)}`);
  });

  test('asks for the beginning of a session, not for its name', async () => {
    const market = await record([
      { name: 'z', first: 1, last: 10 },
      { name: 'b', first: 6, last: 15 },
    ]);
    expect(await told(view, market)).toBe(`${run('z', 1, 10)} ${run('b', 11, 15)}`);
  });

  test('tells the hole of the first by the other, which has none there, and goes back', async () => {
    const market = await record([
      { name: 'a', first: 1, last: 12, hole: [7, 10], heard: [9] },
      { name: 'b', first: 6, last: 15 },
    ]);
    // b's 7 came when a was already deaf: a word more is told, none less.
    expect(await told(view, market)).toBe(`${run('a', 1, 7)} b7 b8 b9 ${run('a', 10, 12)} ${run('b', 13, 15)}`);
  });

  test('keeps what the first heard in its hole where the other is in a hole too, or where there is no other', async () => {
    const both = await record([
      { name: 'a', first: 1, last: 12, hole: [7, 10], heard: [9] },
      { name: 'b', first: 5, last: 15, hole: [6, 11], heard: [8, 9] },
    ]);
    expect(await told(view, both)).toBe(`${run('a', 1, 7)} a9 ${run('a', 10, 12)} ${run('b', 13, 15)}`);
    const alone = await record([{ name: 'a', first: 1, last: 12, hole: [7, 10], heard: [9] }]);
    expect(await told(view, alone)).toBe(`${run('a', 1, 7)} a9 ${run('a', 10, 12)}`);
  });

  test('ends a session that never said it closed with its last block, whose last row is its own', async () => {
    const market = await record([
      { name: 'b', first: 6, last: 15 },
      { name: 'a', first: 1, last: 10, closes: false },
    ]);
    expect(await told(view, market)).toBe(`${run('a', 1, 10)} ${run('b', 11, 15)}`);
  });

  test('goes from session to session along a chain, over one that was there for a moment only', async () => {
    const market = await record([
      { name: 'a', first: 1, last: 10 },
      { name: 'b', first: 8, last: 20 },
      { name: 'x', first: 9, last: 10 },
      { name: 'c', first: 18, last: 25 },
    ]);
    expect(await told(view, market)).toBe(`${run('a', 1, 10)} ${run('b', 11, 20)} ${run('c', 21, 25)}`);
  });

  test('has every row of sessions that never met', async () => {
    const market = await record([
      { name: 'a', first: 1, last: 5 },
      { name: 'b', first: 9, last: 12, closes: false },
    ]);
    expect(await told(view, market)).toBe(`${run('a', 1, 5)} ${run('b', 9, 12)}`);
  });

  test('has equal rows of one session as often as they came, and a row that is in the table twice once', async () => {
    const market = await record([
      { name: 'a', first: 1, last: 3, times: 2 },
      { name: 'b', first: 2, last: 4, times: 2 },
    ]);
    const equal = 'a1 a1 a2 a2 a3 a3 b4 b4';
    expect(await told(view, market)).toBe(equal);
    await again(view, market);
    expect(await told(view, market)).toBe(equal);
  });

  test('gives windows that adjoin no row in common and loses none between them', async () => {
    const market = await record([
      { name: 'a', first: 1, last: 10 },
      { name: 'b', first: 6, last: 15 },
    ]);
    const whole = await told(view, market);
    for (const border of [8.1, 8.2, 10.500_001]) {
      const parts = await Promise.all([told(view, market, 0, border), told(view, market, border, 100)]);
      expect(parts.filter((part) => part !== '').join(' ')).toBe(whole);
    }
    expect(await told(view, market, 8, 8.15)).toBe('a8');
    expect(await told(view, market, 20, 30)).toBe('');
    expect(await told(view, 'KXNOBODY', 0, 100)).toBe('');
  });

  test('loses no row of a session whose block is not all there, nor of one of which nothing else is known', async () => {
    const torn = await record([{ name: 'a', first: 1, last: 3, closes: false }]);
    await again(view, torn, { later: 5 });
    expect(await told(view, torn)).toBe(`${run('a', 1, 3)} ${run('a', 6, 8)}`);
    const stray = await record([{ name: 'a', first: 1, last: 3 }]);
    await again(view, stray, { session: sessionId('s'), later: 5 });
    expect(await told(view, stray)).toBe(`${run('a', 1, 3)} ${run('s', 6, 8)}`);
  });
});

test('deltas_of has deltas of a session that has no snapshot, where nobody else recorded the market', async () => {
  const market = await record([
    { name: 'a', first: 1, last: 5, snapshot: false },
    { name: 'b', first: 4, last: 8 },
  ]);
  expect(await told('deltas_of', market)).toBe(`${run('a', 1, 5)} ${run('b', 6, 8)}`);
});

test('deltas_of and tickers_of doubt a session for holes of their own channel only', async () => {
  const market = `KXOVER-${++cases}`;
  const tapes = ['a', 'b'].map((name) => {
    const tape = new TestTape({ session_id: sessionId(name) });
    tape.frame(snapshotText(market, 1, 1), at(name === 'a' ? 0 : 0.5));
    for (let message = 1; message <= 5; message++) {
      tape.frame(deltaText(market, 1, message + 1, { ts_us: at(message) }), at(message));
      tape.frame(tickerText(market, 2, at(message) / 1_000), at(message) + (name === 'a' ? 1 : 2));
    }
    const hole = gapMarker(`${sessionId(name)}:g`, { from_ts: at(2.5), channel: 'ticker', markets: [market] });
    if (name === 'a') tape.marker(gapClosed(hole, at(4.5)), at(6));
    return tape.cut().record;
  });
  expect(await sinkOver(warehouse.port).deliver(kinesisRecords(tapes))).toEqual(ALL_WELL);
  expect(await told('deltas_of', market)).toBe(run('a', 1, 5));
  expect(await told('tickers_of', market)).toBe('a1 a2 b3 b4 a5');
});

test('deltas_of reads of a market with a long life only what was received in the window', async () => {
  await warehouse.server.client.command({
    query: `INSERT INTO kalshi.orderbook_deltas (market_ticker, ts, session_id, sid, seq, frame_offset, side, price, delta, recv_lag_us)
            SELECT 'KXLONG-1', fromUnixTimestamp64Micro(${T0} + number * 100000, 'UTC'), '20261123T100000000-long22', 1, number + 2, 1, 'yes', 0.4, 1, 250
              FROM numbers(600000)`,
  });
  const view = `kalshi.deltas_of(market = 'KXLONG-1', from = '${timeText(5_000)}', to = '${timeText(5_010)}')`;
  expect(await warehouse.rows(`SELECT count() AS n FROM ${view}`)).toEqual([{ n: '100' }]);
  const plan = await warehouse.rows<{ explain: string }>(
    `SELECT explain FROM (EXPLAIN indexes = 1 SELECT * FROM ${view})`,
  );
  const text = plan.map(({ explain }) => explain).join('\n');
  const deltas = text.slice(text.indexOf('ReadFromMergeTree (kalshi.orderbook_deltas)'));
  const granules = [...deltas.matchAll(/Granules: (\d+)\/(\d+)/g)].map(([, kept, of]) => [Number(kept), Number(of)]);
  expect(granules[0]?.[1]).toBeGreaterThan(70);
  expect(Number(/Parts: \d+ \| Granules: (\d+)/.exec(deltas)?.[1])).toBeLessThanOrEqual(8);
});
