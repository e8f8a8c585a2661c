import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closedMarker, gapClosed, gapMarker, openedMarker, T0, TestTape } from '../../support/blocks.ts';
import { deltaText, snapshotText } from '../../support/blocks-frames.ts';
import { kinesisRecords } from '../../support/kinesis-event.ts';
import { ALL_WELL, sinkOver, startWarehouse, type TestWarehouse } from '../sink/warehouse.ts';

let warehouse: TestWarehouse;
let cases = 0;

beforeAll(async () => {
  warehouse = await startWarehouse();
});
afterAll(() => warehouse.stop());

/** Seconds after T0, in microseconds since 1970. */
const at = (sec: number): number => T0 + sec * 1_000_000;
const timeText = (sec: number): string => new Date(at(sec) / 1_000).toISOString();

interface Hole {
  readonly id: string;
  readonly from: number;
  /** Undefined: never closed. */
  readonly to?: number;
  readonly channel?: string;
  readonly markets?: readonly string[];
  readonly previous?: string;
}

interface Recorded {
  readonly name: string;
  /** Of the first snapshot. */
  readonly from: number;
  readonly closed?: number;
  /** Of a last frame, where it was not closed. */
  readonly lastFrame?: number;
  readonly holes?: readonly Hole[];
}

/** One hand-made world, with a market and sessions of its own; everything goes through the sink. */
async function world(sessions: (market: string, id: (name: string) => string) => readonly Recorded[]) {
  const number = ++cases;
  const market = `KXCOVER-${number}`;
  const id = (name: string): string => `20261123T100000000-${String(number).padStart(4, '0')}${name}`;
  const records = sessions(market, id).flatMap(({ name, from, closed, lastFrame, holes = [] }) => {
    const tape = new TestTape({ session_id: id(name) });
    const cut: Buffer[] = [];
    tape.marker(openedMarker({ opened_ts: at(from) - 2 }), at(from) - 2);
    tape.frame(snapshotText(market, 1, 1, { yes: [['0.4000', '1.00']] }), at(from));
    for (const hole of holes) {
      const { channel = 'orderbook_delta', markets = [market], previous = '' } = hole;
      const gap_id = `${id(name)}:${hole.id}`;
      const opened = gapMarker(gap_id, {
        from_ts: at(hole.from),
        channel,
        markets: [...markets],
        previous_session_id: previous,
      });
      tape.marker(opened);
      cut.push(tape.cut().record);
      if (hole.to !== undefined) tape.marker(gapClosed(opened, at(hole.to)));
    }
    if (lastFrame !== undefined) tape.frame(deltaText(market, 1, 2), at(lastFrame));
    if (closed !== undefined) tape.marker(closedMarker({ opened_ts: at(from) - 2 }), at(closed));
    return [...cut, tape.cut().record];
  });
  // Two batches, so that opening and closing of a hole are two inserts and not one row already.
  for (const half of [0, 1]) {
    const batch = records.filter((_, n) => n % 2 === half);
    expect(await sinkOver(warehouse.port).deliver(kinesisRecords(batch))).toEqual(ALL_WELL);
  }
  return market;
}

async function coverage(market: string, from: number, to: number) {
  const [row] = await warehouse.rows<Record<string, number | string>>(
    `SELECT window_sec, recorded_sec, suspect_sec, clean_sec, clean_pct, gaps, doubled_sec
       FROM coverage(market = {market:String}, from = {from:String}, to = {to:String})`,
    { market, from: timeText(from), to: timeText(to) },
  );
  return row;
}

const answer = (window: number, recorded: number, suspect: number, gaps: number, doubled = 0) => ({
  window_sec: window,
  recorded_sec: recorded,
  suspect_sec: suspect,
  clean_sec: recorded - suspect,
  clean_pct: Math.round((1e5 * (recorded - suspect)) / window) / 1e3,
  gaps: String(gaps),
  doubled_sec: doubled,
});

describe('coverage', () => {
  test('of a market nobody recorded is nothing', async () => {
    expect(await coverage('KXNOBODY', 0, 100)).toEqual(answer(100, 0, 0, 0));
  });

  test('reaches from the first snapshot to the close, within the window', async () => {
    const market = await world(() => [{ name: 'a', from: 10, closed: 60 }]);
    expect(await coverage(market, 0, 100)).toEqual(answer(100, 50, 0, 0));
    expect(await coverage(market, 20, 30)).toEqual(answer(10, 10, 0, 0));
    expect(await coverage(market, 70, 90)).toEqual(answer(20, 0, 0, 0));
  });

  test('of a session that never said it closed ends with its last block', async () => {
    const market = await world(() => [{ name: 'a', from: 10, lastFrame: 45 }]);
    expect(await coverage(market, 0, 100)).toEqual(answer(100, 35, 0, 0));
  });

  test('counts time under two holes once', async () => {
    const holes = [
      { id: 'g1', from: 20, to: 40 },
      { id: 'g2', from: 30, to: 50 },
      { id: 'g3', from: 35, to: 36 },
    ];
    const market = await world(() => [{ name: 'a', from: 0, closed: 100, holes }]);
    expect(await coverage(market, 0, 100)).toEqual(answer(100, 100, 30, 3));
    expect(await coverage(market, 0, 30)).toEqual(answer(30, 30, 10, 1));
    expect(await coverage(market, 60, 100)).toEqual(answer(40, 40, 0, 0));
  });

  test('ends a hole that was never closed with its session, though a later session recorded on', async () => {
    const market = await world(() => [
      { name: 'a', from: 0, closed: 40, holes: [{ id: 'g1', from: 30 }] },
      { name: 'b', from: 50, closed: 90 },
    ]);
    expect(await coverage(market, 0, 100)).toEqual(answer(100, 80, 10, 1));
  });

  test('ends a hole that was never closed with the last block, where the session died', async () => {
    const market = await world(() => [
      { name: 'a', from: 0, lastFrame: 40, holes: [{ id: 'g1', from: 30 }] },
      { name: 'b', from: 50, lastFrame: 90 },
    ]);
    expect(await coverage(market, 0, 100)).toEqual(answer(100, 80, 10, 1));
  });

  test('doubts what every channel or every market lost, and not what trades or another market lost', async () => {
    const holes = [
      { id: 'g1', from: 10, to: 20, channel: '', markets: [] },
      { id: 'g2', from: 30, to: 35, markets: [] },
      { id: 'g3', from: 50, to: 60, channel: 'trade' },
      { id: 'g4', from: 70, to: 80, markets: ['KXOTHER-1'] },
    ];
    const market = await world(() => [{ name: 'a', from: 0, closed: 100, holes }]);
    expect(await coverage(market, 0, 100)).toEqual(answer(100, 100, 15, 2));
  });

  test('is clean where one of two recorders was, whatever the other lost', async () => {
    const market = await world(() => [
      { name: 'a', from: 0, closed: 100, holes: [{ id: 'g1', from: 20, to: 40 }] },
      { name: 'b', from: 30, closed: 100 },
    ]);
    expect(await coverage(market, 0, 100)).toEqual(answer(100, 100, 10, 1, 70));
  });

  test('doubts the end of the session before, where the next one found out that it had gone deaf', async () => {
    const market = await world((_, id) => [
      { name: 'a', from: 0, closed: 50 },
      {
        name: 'b',
        from: 60,
        closed: 100,
        holes: [{ id: 'g1', from: 40, to: 65, channel: '', markets: [], previous: id('a') }],
      },
    ]);
    expect(await coverage(market, 0, 100)).toEqual(answer(100, 90, 15, 1));
  });

  test('says how long two sessions recorded the market side by side, within the window', async () => {
    const market = await world(() => [
      { name: 'a', from: 0, closed: 60 },
      { name: 'b', from: 50, closed: 100 },
    ]);
    expect(await coverage(market, 0, 100)).toEqual(answer(100, 100, 0, 0, 10));
    expect(await coverage(market, 55, 100)).toEqual(answer(45, 45, 0, 0, 5));
    expect(await coverage(market, 0, 50)).toEqual(answer(50, 50, 0, 0, 0));
  });

  test('counts as doubled what a session that never said it closed recorded until its last block', async () => {
    const market = await world(() => [
      { name: 'a', from: 0, lastFrame: 60 },
      { name: 'b', from: 50, closed: 100 },
    ]);
    expect(await coverage(market, 0, 100)).toEqual(answer(100, 100, 0, 0, 10));
  });

  test('counts an instant of three sessions as doubled twice, and each meeting of a chain', async () => {
    const three = await world(() => [
      { name: 'a', from: 0, closed: 60 },
      { name: 'b', from: 50, closed: 100 },
      { name: 'c', from: 55, closed: 80 },
    ]);
    // 50 to 55 two, 55 to 60 three, 60 to 80 two.
    expect(await coverage(three, 0, 100)).toEqual(answer(100, 100, 0, 0, 5 + 2 * 5 + 20));
    const chain = await world(() => [
      { name: 'a', from: 0, closed: 40 },
      { name: 'b', from: 30, closed: 70 },
      { name: 'c', from: 65, closed: 100 },
    ]);
    expect(await coverage(chain, 0, 100)).toEqual(answer(100, 100, 0, 0, 15));
  });

  test('counts doubled time whether or not a session has a hole there', async () => {
    const market = await world(() => [
      { name: 'a', from: 0, closed: 60, holes: [{ id: 'g1', from: 52, to: 56 }] },
      { name: 'b', from: 50, closed: 100 },
    ]);
    expect(await coverage(market, 0, 100)).toEqual(answer(100, 100, 0, 1, 10));
  });

  test('is not touched by a hole of a recorder that does not record the market', async () => {
    const market = await world(() => [{ name: 'a', from: 0, closed: 100 }]);
    await world(() => [
      { name: 'z', from: 0, closed: 100, holes: [{ id: 'g1', from: 20, to: 40, channel: '', markets: [] }] },
    ]);
    expect(await coverage(market, 0, 100)).toEqual(answer(100, 100, 0, 0));
  });
});

describe('gaps_of', () => {
  test('has each hole of the market once, closed where it was closed, oldest first', async () => {
    const holes = [
      { id: 'g2', from: 50 },
      { id: 'g1', from: 10, to: 20 },
      { id: 'g3', from: 60, to: 70, channel: '', markets: [] },
      { id: 'g4', from: 80, to: 85, markets: ['KXOTHER-1'] },
    ];
    const market = await world(() => [{ name: 'a', from: 0, closed: 100, holes }]);
    const rows = await warehouse.rows<{ gap_id: string; to_ts: string | null; repair: string }>(
      `SELECT gap_id, toString(to_ts) AS to_ts, repair FROM gaps_of(market = {market:String}) WHERE session_id LIKE {session:String}`,
      { market, session: `%${String(cases).padStart(4, '0')}a` },
    );
    expect(rows.map(({ gap_id, to_ts, repair }) => [gap_id.split(':')[1], to_ts, repair])).toEqual([
      ['g1', '2026-11-23 10:00:20.000000', 'resubscribe'],
      ['g2', null, ''],
      ['g3', '2026-11-23 10:01:10.000000', 'resubscribe'],
    ]);
  });
});
