import { describe, expect, test } from 'vitest';
import { standingOf, withoutThere } from '../../../functions/sink/ledger.ts';
import { type EncodedRow, jsonRow, recordReject, rejectRow } from '../../../functions/sink/table-rows.ts';
import { readRecord } from '../../../functions/sink/records.ts';
import { idOf, openedMarker, readBack, T0, TestTape } from '../../support/blocks.ts';
import { deltaText } from '../../support/blocks-frames.ts';
import { kinesisRecord } from '../../support/kinesis-event.ts';
import { ScriptedClickHouse } from './scripted-clickhouse.ts';

/** Blocks of three frames each, then one of a marker only. */
function threeBlocksAndAMarker() {
  const tape = new TestTape();
  const blocks = [1, 4, 7].map((first) => {
    for (let n = first; n < first + 3; n++) tape.frame(deltaText('KXA-1', 1, n));
    return readBack(tape.cut().record);
  });
  tape.marker(openedMarker());
  return [...blocks, readBack(tape.cut().record)];
}

describe('the standing of a batch', () => {
  test('of nothing is nothing, and nobody is asked', async () => {
    const clickhouse = new ScriptedClickHouse();
    expect((await standingOf(clickhouse, [])).landed.size).toBe(0);
    expect(clickhouse.asked).toEqual([]);
  });

  test('is one question, whatever the number of blocks', async () => {
    const clickhouse = new ScriptedClickHouse();
    await standingOf(clickhouse, threeBlocksAndAMarker());
    expect(clickhouse.asked).toHaveLength(1);
    expect(clickhouse.asked[0]?.params).toMatchObject({ firsts: [1, 4, 7, 10], ends: [1, 3, 4, 6, 7, 9] });
  });

  test.each([
    ['the first frame', 4],
    ['the last frame, as when midnight was in between,', 6],
  ])('is torn where %s is there and the block is not', async (_, frame_no) => {
    const blocks = threeBlocksAndAMarker();
    const clickhouse = new ScriptedClickHouse();
    const { session_id } = blocks[0]!.header;
    clickhouse.rowsFor = () => [
      { landed: 1, id: idOf(blocks[0]!) },
      { landed: 0, id: `${session_id}:1` },
      { landed: 0, id: `${session_id}:${frame_no}` },
    ];
    const { landed, torn, doubtful } = await standingOf(clickhouse, blocks);
    expect([...landed]).toEqual([idOf(blocks[0]!)]);
    expect([...torn]).toEqual([idOf(blocks[1]!)]);
    expect([...doubtful]).toEqual([idOf(blocks[1]!), idOf(blocks[3]!)]);
  });

  test('is not mixed up between sessions that have the same frame numbers', async () => {
    const [a, b] = ['20261123T100000000-aaaaaa', '20261123T100000000-bbbbbb'].map((session_id) => {
      const tape = new TestTape({ session_id });
      tape.frame(deltaText('KXA-1', 1, 1));
      return readBack(tape.cut().record);
    });
    const clickhouse = new ScriptedClickHouse();
    clickhouse.rowsFor = () => [{ landed: 0, id: `${a!.header.session_id}:1` }];
    expect([...(await standingOf(clickhouse, [a!, b!])).torn]).toEqual([idOf(a!)]);
  });
});

describe('rows of a torn block', () => {
  const source = (frame_no: number, block_id = 'torn') => ({
    block_id,
    session_id: 's',
    frame_no,
    recv_ts: T0 + frame_no,
    raw: Buffer.alloc(0),
  });
  const delta = (frame_no: number, block_id?: string): EncodedRow =>
    jsonRow(
      ['KXA-1', T0 - frame_no, 's', 1, frame_no, 0, 'yes', '0.1', '1', 5, 'exchange'],
      source(frame_no, block_id),
    );

  test('that are there are left out; rows of whole and new blocks pass without a question', async () => {
    const clickhouse = new ScriptedClickHouse();
    clickhouse.rowsFor = () => [{ key: ['2'] }, { key: ['9'] }];
    const rows = [delta(1), delta(2), delta(9, 'new')];
    expect(await withoutThere(clickhouse, 'orderbook_deltas', rows, new Set(['torn']))).toEqual([rows[0], rows[2]]);
    expect(await withoutThere(clickhouse, 'orderbook_deltas', rows, new Set())).toBe(rows);
    expect(clickhouse.asked).toHaveLength(1);
  });

  test('are looked for by primary key: market, exchange time and frames of just these rows', async () => {
    const clickhouse = new ScriptedClickHouse();
    await withoutThere(clickhouse, 'orderbook_deltas', [delta(3), delta(5)], new Set(['torn']));
    expect(clickhouse.asked[0]?.params).toEqual({
      session_id: 's',
      market_ticker: ['KXA-1'],
      ts_least: T0 - 5,
      ts_most: T0 - 3,
      frame_no_least: 3,
      frame_no_most: 5,
    });
  });

  test('of two sessions are asked for session by session', async () => {
    const clickhouse = new ScriptedClickHouse();
    clickhouse.rowsFor = (_, { session_id }) => (session_id === 's' ? [{ key: ['1'] }] : []);
    const other = jsonRow(delta(1).cells!, { ...source(1), session_id: 't' });
    const rows = [delta(1), other];
    expect(await withoutThere(clickhouse, 'orderbook_deltas', rows, new Set(['torn']))).toEqual([other]);
    expect(clickhouse.asked.map(({ params }) => params['session_id'])).toEqual(['s', 't']);
  });

  test.each([
    ['sessions', 14, ['1']],
    ['subscriptions', 5, ['7', '1']],
    ['gaps', 17, ['g1', '1']],
  ] as const)('of %s are told by their own key, for a marker has no frame', async (table, last, key) => {
    const clickhouse = new ScriptedClickHouse();
    clickhouse.rowsFor = () => [{ key }];
    const cells = (version: number) => {
      const row: (string | number)[] = Array.from({ length: last + 1 }, () => '');
      row[table === 'gaps' ? 0 : 1] = table === 'gaps' ? 'g1' : 7;
      row[last] = version;
      return jsonRow(row, source(0));
    };
    const rows = [cells(1), cells(2)];
    expect(await withoutThere(clickhouse, table, rows, new Set(['torn']))).toEqual([rows[1]]);
  });

  test('of rejects are told by block, frame, time, table and reason', async () => {
    const delivery = readRecord(kinesisRecord(4, Buffer.from('poison')));
    const reject = recordReject(delivery, 'not_a_block');
    const clickhouse = new ScriptedClickHouse();
    clickhouse.rowsFor = () => [{ key: [reject.block_id, '0', String(delivery.arrival_ts), '', 'undecodable_record'] }];
    const rows = [rejectRow(reject), rejectRow({ ...reject, reason: 'not_json' })];
    const left = await withoutThere(clickhouse, 'rejects', rows, new Set([reject.block_id]));
    expect(left).toEqual([rows[1]]);
    expect(clickhouse.asked[0]?.params).toMatchObject({ block_id: [reject.block_id] });
  });
});
