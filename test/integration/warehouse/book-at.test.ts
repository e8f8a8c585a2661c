import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../../local/exchange/random.ts';
import { T0, TestTape } from '../../support/blocks.ts';
import { deltaText, okText, snapshotText, type WireLevel } from '../../support/blocks-frames.ts';
import { kinesisRecords } from '../../support/kinesis-event.ts';
import { ALL_WELL, sinkOver, startWarehouse, type TestWarehouse } from '../sink/warehouse.ts';

let warehouse: TestWarehouse;

beforeAll(async () => {
  warehouse = await startWarehouse();
});
afterAll(() => warehouse.stop());

/** "side price" in 1e-6 dollars → count in 1e-2 contracts. */
type Book = Readonly<Record<string, number>>;

async function bookAt(market: string, time: string): Promise<Book> {
  const rows = await warehouse.rows<{ side: string; price: string; count: string }>(
    'SELECT side, toString(price) AS price, toString(count) AS count FROM book_at(market = {market:String}, time = {time:String})',
    { market, time },
  );
  return Object.fromEntries(rows.map(({ side, price, count }) => [`${side} ${units(price, 6)}`, units(count, 2)]));
}

async function load(tapes: readonly TestTape[], blocks: readonly Buffer[]): Promise<void> {
  const records = kinesisRecords([...blocks, ...tapes.map((tape) => tape.cut().record)]);
  for (let at = 0; at < records.length; at += 17) {
    expect(await sinkOver(warehouse.port).deliver(records.slice(at, at + 17))).toEqual(ALL_WELL);
  }
}

/** Decimal text as an integer of 10^-scale, by its digits. */
function units(text: string, scale: number): number {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  return Number(whole + fraction.padEnd(scale, '0')) * (text.startsWith('-') ? -1 : 1);
}

const timeText = (us: number): string =>
  `${new Date(Math.floor(us / 1_000)).toISOString().slice(0, -1)}${String(us % 1_000).padStart(3, '0')}`;

interface Seen {
  readonly session: string;
  readonly frame_no: number;
  readonly recv_ts: number;
  readonly raw: string;
}

/** The rule of book_at, told again in integers over the raw frames: who spoke last of the market is followed. */
class Fold {
  readonly #chains = new Map<string, Map<string, Map<string, number>>>();
  readonly #followed = new Map<string, string>();

  take({ session, raw }: Seen): string | undefined {
    const { type, sid, msg } = JSON.parse(raw) as {
      type: string;
      sid: number;
      msg: {
        market_ticker: string;
        side: string;
        price_dollars: string;
        delta_fp: string;
        yes_dollars_fp?: WireLevel[];
        no_dollars_fp?: WireLevel[];
      };
    };
    if (!type.startsWith('orderbook_')) return undefined;
    const market = msg.market_ticker;
    const chains = this.#chainsOf(market);
    const name = `${session} ${sid}`;
    if (type === 'orderbook_snapshot') chains.set(name, levelsOf(msg.yes_dollars_fp, msg.no_dollars_fp));
    const book = chains.get(name);
    if (book === undefined) return market;
    this.#followed.set(market, name);
    if (type === 'orderbook_delta') {
      const level = `${msg.side} ${units(msg.price_dollars, 6)}`;
      book.set(level, (book.get(level) ?? 0) + units(msg.delta_fp, 2));
    }
    return market;
  }

  book(market: string): Book {
    const levels = this.#chains.get(market)?.get(this.#followed.get(market) ?? '') ?? new Map<string, number>();
    return Object.fromEntries([...levels].filter(([, count]) => count !== 0));
  }

  #chainsOf(market: string): Map<string, Map<string, number>> {
    const chains = this.#chains.get(market) ?? new Map<string, Map<string, number>>();
    this.#chains.set(market, chains);
    return chains;
  }
}

function levelsOf(yes: readonly WireLevel[] = [], no: readonly WireLevel[] = []): Map<string, number> {
  const side = (name: string, levels: readonly WireLevel[]) =>
    levels.map(([price, count]) => [`${name} ${units(price, 6)}`, units(count, 2)] as const);
  return new Map([...side('yes', yes), ...side('no', no)]);
}

const MARKETS = ['KXGEN-A', 'KXGEN-B', 'KXGEN-C', 'KXGEN-UNKNOWN', 'KXGEN-NOSNAP'];

/**
 * Two sessions over the same markets: deltas, snapshots in mid-stream, new subscriptions, lost frames, an unknown ticker,
 * a market whose snapshot never came; the second starts later and ends earlier.
 */
function generate(seed: number, steps: number): { tapes: TestTape[]; blocks: Buffer[]; seen: Seen[] } {
  const random = new Random(seed);
  const seen: Seen[] = [];
  const blocks: Buffer[] = [];
  const recorders = ['aaaaaa', 'bbbbbb'].map((name) => ({
    tape: new TestTape({ session_id: `20261123T100000000-${name}`, recorder_id: name }),
    sid: 0,
    seq: 0,
    next: T0,
  }));
  type Recorder = (typeof recorders)[number];
  const put = (recorder: Recorder, raw: string, now: number): void => {
    recorder.next = Math.max(recorder.next + 1, now + random.between(0, 3));
    const recv_ts = recorder.tape.frame(raw, recorder.next);
    seen.push({ session: recorder.tape.session_id, frame_no: recorder.tape.frames, recv_ts, raw });
    if (random.oneIn(23)) blocks.push(recorder.tape.cut().record);
  };
  const priceOf = (): string => (random.between(1, 12) / 100).toFixed(random.oneIn(2) ? 2 : 4);
  const levels = (): WireLevel[] =>
    [...new Set(Array.from({ length: random.below(5) }, priceOf).map(Number))].map((price) => [
      price.toFixed(4),
      (random.between(1, 5_000) / 100).toFixed(2),
    ]);
  const snapshot = (recorder: Recorder, market: string, now: number): void => {
    const content = market === 'KXGEN-UNKNOWN' ? {} : { yes: levels(), no: levels() };
    put(recorder, snapshotText(market, recorder.sid, ++recorder.seq, content), now);
  };
  const subscribe = (recorder: Recorder, now: number): void => {
    recorder.sid++;
    recorder.seq = 0;
    for (const market of MARKETS) if (market !== 'KXGEN-NOSNAP' && !random.oneIn(6)) snapshot(recorder, market, now);
  };
  const [a, b] = recorders as [Recorder, Recorder];
  subscribe(a, T0);
  for (let step = 1; step <= steps; step++) {
    const now = T0 + step * 4;
    if (step === Math.floor(steps / 4)) subscribe(b, now);
    const alive = step >= steps / 4 && step < (steps * 3) / 4 ? [a, b] : [a];
    for (const recorder of alive) if (random.oneIn(60)) subscribe(recorder, now);
    const market = random.pick(MARKETS);
    if (random.oneIn(15)) {
      snapshot(random.pick(alive), market, now);
      continue;
    }
    const change = {
      side: random.oneIn(2) ? ('yes' as const) : ('no' as const),
      price: priceOf(),
      delta: (random.between(-2_000, 3_000) / 100).toFixed(2),
      // The exchange's clock runs apart from ours, and is no help in ordering.
      ts_us: now + random.between(-40, 40) - 3_600_000_000,
    };
    for (const recorder of alive) {
      recorder.seq++;
      if (random.oneIn(25)) continue;
      if (random.oneIn(30)) put(recorder, okText(recorder.sid, recorder.seq++), now);
      put(recorder, deltaText(market, recorder.sid, recorder.seq, change), now);
    }
  }
  return { tapes: recorders.map(({ tape }) => tape), blocks, seen };
}

function inOrder(seen: readonly Seen[]): Seen[] {
  return seen.toSorted(
    (x, y) =>
      x.recv_ts - y.recv_ts || (x.session < y.session ? -1 : x.session > y.session ? 1 : x.frame_no - y.frame_no),
  );
}

describe('book_at', () => {
  test('is at every frame of two generated sessions what a fold of the raw frames says, rows doubled or not', async () => {
    const { tapes, blocks, seen } = generate(20261123, 130);
    await load(tapes, blocks);
    const fold = new Fold();
    const frames = inOrder(seen);
    const expected: { readonly market: string; readonly recv_ts: number; readonly book: Book }[] = [];
    for (const [n, frame] of frames.entries()) {
      const market = fold.take(frame);
      if (market !== undefined && frames[n + 1]?.recv_ts !== frame.recv_ts) {
        const other = MARKETS[n % MARKETS.length]!;
        for (const name of new Set([market, other]))
          expected.push({ market: name, recv_ts: frame.recv_ts, book: fold.book(name) });
      }
    }
    expect(expected.filter(({ book }) => Object.keys(book).length > 3).length).toBeGreaterThan(120);
    const check = async (some: typeof expected): Promise<void> => {
      for (let at = 0; at < some.length; at += 4) {
        const four = some.slice(at, at + 4);
        const books = await Promise.all(four.map(({ market, recv_ts }) => bookAt(market, timeText(recv_ts))));
        expect(four.map((one, n) => ({ ...one, book: books[n] }))).toEqual(four);
      }
    };
    await check(expected);

    const columns = 'market_ticker, ts, session_id, sid, seq, frame_offset, side, price, delta, recv_lag_us, ts_source';
    const { client } = warehouse.server;
    await client.command({
      query: `INSERT INTO kalshi.orderbook_deltas (${columns}) SELECT ${columns} FROM kalshi.orderbook_deltas WHERE frame_no % 3 = 0`,
    });
    await client.command({
      query: 'INSERT INTO kalshi.orderbook_snapshots SELECT * FROM kalshi.orderbook_snapshots WHERE frame_no % 2 = 0',
    });
    await check(expected.filter((_, n) => n % 7 === 0));
  });

  test('is empty before the first snapshot, for a market never heard of, and for one of which only deltas came', async () => {
    const tape = new TestTape({ session_id: '20261123T100000000-empty0' });
    tape.frame(deltaText('KXNOSNAP-1', 1, 1), T0 + 1);
    tape.frame(snapshotText('KXLATE-1', 1, 2, { yes: [['0.4000', '1.00']] }), T0 + 1_000);
    await load([tape], []);
    expect(await bookAt('KXNOSNAP-1', timeText(T0 + 5_000))).toEqual({});
    expect(await bookAt('KXNEVER-1', timeText(T0 + 5_000))).toEqual({});
    expect(await bookAt('KXLATE-1', timeText(T0 + 999))).toEqual({});
    expect(await bookAt('KXLATE-1', timeText(T0 + 1_000))).toEqual({ 'yes 400000': 100 });
  });

  test('stays what it was when its session ended and nobody records', async () => {
    const tape = new TestTape({ session_id: '20261123T100000000-ended0' });
    tape.frame(snapshotText('KXENDED-1', 1, 1, { yes: [['0.4000', '1.00']], no: [['0.1000', '2.00']] }), T0);
    tape.frame(deltaText('KXENDED-1', 1, 2, { price: '0.4000', delta: '-1.00' }), T0 + 1);
    await load([tape], []);
    expect(await bookAt('KXENDED-1', '2027-01-01')).toEqual({ 'no 100000': 200 });
  });

  test('follows the session that went on, not the one whose snapshot is newer but which ended', async () => {
    const [long, short] = ['long00', 'short0'].map(
      (name) => new TestTape({ session_id: `20261123T100000000-${name}` }),
    );
    long!.frame(snapshotText('KXTWO-1', 1, 1, { yes: [['0.4000', '1.00']] }), T0);
    short!.frame(snapshotText('KXTWO-1', 1, 1, { yes: [['0.4000', '1.00']] }), T0 + 1_000);
    long!.frame(deltaText('KXTWO-1', 1, 2, { delta: '4.00' }), T0 + 2_000);
    await load([long!, short!], []);
    expect(await bookAt('KXTWO-1', timeText(T0 + 1_500))).toEqual({ 'yes 400000': 100 });
    expect(await bookAt('KXTWO-1', timeText(T0 + 2_500))).toEqual({ 'yes 400000': 500 });
  });

  test('orders what came in one microsecond by frame number: what stood before the snapshot is in the snapshot', async () => {
    const tape = new TestTape({ session_id: '20261123T100000000-equal0' });
    tape.frame(snapshotText('KXEQUAL-1', 1, 1), T0);
    tape.frame(deltaText('KXEQUAL-1', 1, 2, { delta: '3.00' }), T0 + 5);
    tape.frame(snapshotText('KXEQUAL-1', 1, 3, { yes: [['0.4000', '3.00']] }), T0 + 5);
    tape.frame(deltaText('KXEQUAL-1', 1, 4, { delta: '1.00' }), T0 + 5);
    await load([tape], []);
    expect(await bookAt('KXEQUAL-1', timeText(T0 + 5))).toEqual({ 'yes 400000': 400 });
  });

  test('counts a sequence number once, and what the snapshot holds already not at all', async () => {
    const tape = new TestTape({ session_id: '20261123T100000000-again0' });
    const again = deltaText('KXAGAIN-1', 1, 3, { delta: '2.00' });
    const before = deltaText('KXAGAIN-1', 1, 1, { delta: '7.00' });
    const snapshot = snapshotText('KXAGAIN-1', 1, 2, { yes: [['0.4000', '1.00']] });
    const last = deltaText('KXAGAIN-1', 1, 4, { delta: '2.00' });
    [before, snapshot, before, again, again, last].forEach((raw, at) => tape.frame(raw, T0 + at));
    await load([tape], []);
    expect(await bookAt('KXAGAIN-1', timeText(T0 + 9))).toEqual({ 'yes 400000': 500 });
  });

  test.each([
    `'2026-11-23T10:00:00.500000Z'`,
    `'2026-11-23 10:00:00.5'`,
    `'2026-11-23T12:00:00.500+02:00'`,
    `toDateTime64('2026-11-23 10:00:00.5', 6, 'UTC')`,
    `toDateTime64('2026-11-23 10:00:00.5', 3, 'UTC')`,
    `toDateTime64('2026-11-23 10:00:01', 6, 'UTC') - INTERVAL 500 MILLISECOND`,
    `'1795428000.5'`,
  ])('takes its time as %s', async (time) => {
    await loadTimes();
    const rows = await warehouse.rows(`SELECT side, price, count FROM book_at(market = 'KXTIME-1', time = ${time})`);
    expect(rows).toEqual([{ side: 'yes', price: 0.4, count: 2 }]);
  });

  test.each([`now64(6, 'UTC')`, `now('UTC')`])('takes %s', async (time) => {
    await loadTimes();
    const rows = await warehouse.rows(`SELECT side, price, count FROM book_at(market = 'KXTIME-1', time = ${time})`);
    expect(rows).toEqual(Date.now() * 1_000 > T0 + 600_000 ? [{ side: 'yes', price: 0.4, count: 5 }] : []);
  });

  test('reads of a market with a long life only what came between the snapshot and the time', async () => {
    await warehouse.server.client.command({
      query: `INSERT INTO kalshi.orderbook_deltas (market_ticker, ts, session_id, sid, seq, frame_offset, side, price, delta, recv_lag_us)
              SELECT if(number % 2 = 0, 'KXLONG-1', 'KXLONG-2'), fromUnixTimestamp64Micro(${T0} + intDiv(number, 2) * 100000, 'UTC'),
                     '20261123T100000000-long11', 1, number + 2, 1, 'yes', 0.4, 1, 250 FROM numbers(600000)`,
    });
    await warehouse.server.client.command({
      query: `INSERT INTO kalshi.orderbook_snapshots (market_ticker, session_id, sid, seq, frame_no, recv_ts, yes)
              SELECT 'KXLONG-1', '20261123T100000000-long11', 1, number * 20000 + 1, number * 20000 + 2,
                     fromUnixTimestamp64Micro(${T0} + number * 1000000000, 'UTC'), [(0.4, number)] FROM numbers(30)`,
    });
    const view = `kalshi.book_at(market = 'KXLONG-1', time = '${timeText(T0 + 5_000_000_000 + 1_000_300)}')`;
    expect(await warehouse.rows(`SELECT side, price, count FROM ${view}`)).toEqual([
      { side: 'yes', price: 0.4, count: 16 },
    ]);
    const plan = await warehouse.rows<{ explain: string }>(
      `SELECT explain FROM (EXPLAIN indexes = 1 SELECT * FROM ${view})`,
    );
    const text = plan.map(({ explain }) => explain).join('\n');
    const deltas = text.slice(text.indexOf('ReadFromMergeTree (kalshi.orderbook_deltas)'));
    const granules = [...deltas.matchAll(/Granules: (\d+)\/(\d+)/g)].map(([, kept, of]) => [Number(kept), Number(of)]);
    expect(granules[0]?.[1]).toBeGreaterThan(70);
    expect(Number(/Parts: \d+ \| Granules: (\d+)/.exec(deltas)?.[1])).toBeLessThanOrEqual(8);
  });
});

let timesLoaded: Promise<void> | undefined;
function loadTimes(): Promise<void> {
  timesLoaded ??= (async () => {
    const tape = new TestTape({ session_id: '20261123T100000000-times0' });
    tape.frame(snapshotText('KXTIME-1', 1, 1, { yes: [['0.4000', '1.00']] }), T0);
    tape.frame(deltaText('KXTIME-1', 1, 2, { delta: '1.00' }), T0 + 500_000);
    tape.frame(deltaText('KXTIME-1', 1, 3, { delta: '3.00' }), T0 + 500_001);
    await load([tape], []);
  })();
  return timesLoaded;
}

test('frame_no and recv_ts of a delta can be selected, filtered, sorted and grouped by, with FINAL', async () => {
  await loadTimes();
  const rows = await warehouse.rows(
    `SELECT frame_no, toString(recv_ts) AS recv_ts FROM orderbook_deltas FINAL
      WHERE market_ticker = 'KXTIME-1' AND recv_ts >= '2026-11-23 10:00:00.500000' AND frame_no BETWEEN 2 AND 3
      GROUP BY frame_no, recv_ts ORDER BY recv_ts DESC, frame_no`,
  );
  expect(rows).toEqual([
    { frame_no: '3', recv_ts: '2026-11-23 10:00:00.500001' },
    { frame_no: '2', recv_ts: '2026-11-23 10:00:00.500000' },
  ]);
  const [all] = await warehouse.rows<Record<string, unknown>>(
    `SELECT * FROM orderbook_deltas FINAL WHERE market_ticker = 'KXTIME-1' AND frame_no = 2 SETTINGS asterisk_include_alias_columns = 1`,
  );
  expect(all).toMatchObject({ frame_no: '2', recv_ts: '2026-11-23 10:00:00.500000', side: 'yes', delta: 1 });
});
