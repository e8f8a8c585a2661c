import { describe, expect, test } from 'vitest';
import { TABLES } from '../../../core/contract/names.ts';
import type { KinesisStreamRecord } from 'aws-lambda';
import { Sink } from '../../../functions/sink/sink.ts';
import type { Landed } from '../../../functions/sink/summary.ts';
import { closedMarker, gapMarker, openedMarker, subscribedMarker, T0, TestTape } from '../../support/blocks.ts';
import { deltaText, lifecycleText, snapshotText, tickerText, tradeText } from '../../support/blocks-frames.ts';
import { eventOf, kinesisRecord, kinesisRecords } from '../../support/kinesis-event.ts';
import { failing, type ScriptedClickHouse, scriptedPorts } from './scripted-clickhouse.ts';

const INVOCATION = { requestId: 'request-1', remainingMs: 60_000 };

function setUp() {
  const scripted = scriptedPorts();
  const landed: Landed[] = [];
  const sink = new Sink({ ...scripted.ports, onLanded: (one) => landed.push(one) }, { attempts: 2, timeoutMs: 20_000 });
  return {
    ...scripted,
    landed,
    handle: (records: readonly KinesisStreamRecord[]) => sink.handle(eventOf(records), INVOCATION),
  };
}

/** Three blocks that together have rows for every table but rejects. */
function blocksOfEveryKind() {
  const tape = new TestTape();
  tape.marker(openedMarker());
  tape.marker(subscribedMarker(1, ['KXA-1']));
  tape.frame(snapshotText('KXA-1', 1, 1, { yes: [['0.4000', '10.00']] }));
  const first = tape.cut();
  for (let seq = 2; seq < 5; seq++) tape.frame(deltaText('KXA-1', 1, seq));
  tape.frame(tradeText('KXA-1', 2, 1, 'trade-1'));
  tape.frame(tickerText('KXA-1', 3));
  tape.frame(lifecycleText('KXA-1', 4, 1));
  const second = tape.cut();
  tape.marker(gapMarker('g1'));
  tape.frame('{"type":"new_thing","sid":9,"seq":1,"msg":{}}');
  tape.marker(closedMarker());
  const third = tape.cut();
  return [first, second, third] as const;
}

const itemOf = (record: KinesisStreamRecord) => ({
  batchItemFailures: [{ itemIdentifier: record.kinesis.sequenceNumber }],
});
const NONE = { batchItemFailures: [] };
const tablesOf = (clickhouse: ScriptedClickHouse) => clickhouse.done.map(({ table }) => table);

describe('a batch', () => {
  test('is one insert per table: frames first, blocks last', async () => {
    const { clickhouse, handle } = setUp();
    expect(await handle(kinesisRecords(blocksOfEveryKind().map(({ record }) => record)))).toEqual(NONE);
    expect(tablesOf(clickhouse)).toEqual(TABLES.filter((table) => table !== 'rejects'));
    expect(tablesOf(clickhouse).at(0)).toBe('frames');
    expect(tablesOf(clickhouse).at(-1)).toBe('blocks');
  });

  test('of nothing inserts nothing and answers that all is well', async () => {
    const { clickhouse, handle, landed } = setUp();
    expect(await handle([])).toEqual(NONE);
    expect(clickhouse.tried).toEqual([]);
    expect(landed).toMatchObject([{ blocks: 0, frames: 0, ingest_lag_sec: 0 }]);
  });

  test('counts what it committed, and how old its oldest frame was', async () => {
    const { clock, handle, landed, logged } = setUp();
    const records = kinesisRecords(blocksOfEveryKind().map(({ record }) => record));
    clock.ms = T0 / 1_000 + 2_500;
    await handle([...records, records[0]!]);
    expect(landed).toEqual([
      {
        ...{ aws_request_id: 'request-1', records: 4, blocks: 3, duplicates: 1, torn: 0, frames: 8, rows: 11 },
        ...{
          newest_block_id: blocksOfEveryKind()[0].header.block_id,
          rejects: 0,
          unknownTypes: 1,
          duration_ms: 0,
          ingest_lag_sec: 2.499,
        },
      },
    ]);
    expect(logged.at(-1)).toMatchObject({
      event: 'sink_batch',
      level: 'DEBUG',
      fields: { records: 4, blocks: 3, duplicates: 1, torn: 0 },
    });
    expect(logged.find(({ event }) => event === 'schema_drift')?.fields).toMatchObject({ drift: ['type:new_thing'] });
  });

  test('delivered twice has the same bytes under the same tokens', async () => {
    const runs = [setUp(), setUp()];
    const records = kinesisRecords(blocksOfEveryKind().map(({ record }) => record));
    for (const { handle, clock } of runs) {
      clock.ms += 10_000;
      await handle(records);
    }
    const [first, second] = runs.map(({ clickhouse }) => clickhouse.done.map(({ table, token }) => ({ table, token })));
    expect(first).toEqual(second);
    expect(new Set(first?.map(({ token }) => token)).size).toBe(first?.length);
  });

  test('of blocks that are all there inserts nothing', async () => {
    const { clickhouse, handle, landed } = setUp();
    const blocks = blocksOfEveryKind();
    clickhouse.rowsFor = () => blocks.map(({ header }) => ({ landed: 1, id: header.block_id }));
    expect(await handle(kinesisRecords(blocks.map(({ record }) => record)))).toEqual(NONE);
    expect(clickhouse.tried).toEqual([]);
    expect(landed).toMatchObject([{ blocks: 0, duplicates: 3 }]);
  });

  test('counts a torn block in full, once, when it is committed', async () => {
    const { clickhouse, handle, landed, logged } = setUp();
    const [, second] = blocksOfEveryKind();
    clickhouse.rowsFor = (sql) => {
      if (sql.includes('UNION ALL')) return [{ landed: 0, id: `${second.header.session_id}:2` }];
      return sql.includes('FROM frames') ? [2, 3, 4, 5, 6, 7].map((n) => ({ key: [String(n)] })) : [];
    };
    await handle([kinesisRecord(0, second.record)]);
    expect(tablesOf(clickhouse)).not.toContain('frames');
    expect(landed).toMatchObject([{ frames: 6, rows: 6 }]);
    expect(logged.at(-1)?.fields).toMatchObject({ torn: 1 });
  });
});

describe('a batch that fails', () => {
  test.each(TABLES.filter((table) => table !== 'rejects'))('at %s answers with its first record', async (table) => {
    const { clickhouse, handle, landed, logged } = setUp();
    clickhouse.answer = (request) => {
      if (request.table === table) throw failing('too_many_parts');
    };
    const records = kinesisRecords(blocksOfEveryKind().map(({ record }) => record));
    expect(await handle(records)).toEqual(itemOf(records[0]!));
    expect(tablesOf(clickhouse)).not.toContain('blocks');
    expect(landed).toEqual([]);
    expect(logged.at(-1)).toMatchObject({
      event: 'sink_batch_failed',
      fields: { table, failure_class: 'too_many_parts' },
    });
  });

  test('answers with the first record that is not committed: duplicates before it are done', async () => {
    const { clickhouse, handle } = setUp();
    const blocks = blocksOfEveryKind();
    clickhouse.rowsFor = (sql) => (sql.includes('UNION ALL') ? [{ landed: 1, id: blocks[0].header.block_id }] : []);
    clickhouse.answer = () => {
      throw failing('too_many_parts');
    };
    const records = kinesisRecords(blocks.map(({ record }) => record));
    expect(await handle(records)).toEqual(itemOf(records[1]!));
  });

  test('answers with an undecodable record that comes before any block', async () => {
    const { clickhouse, handle } = setUp();
    clickhouse.answer = () => {
      throw failing('too_many_parts');
    };
    const records = kinesisRecords([Buffer.from('poison'), blocksOfEveryKind()[0].record]);
    expect(await handle(records)).toEqual(itemOf(records[0]!));
  });

  test('because nobody knows what is there is not begun', async () => {
    const { clickhouse, handle, logged } = setUp();
    clickhouse.rowsFor = () => {
      throw failing('connection_refused');
    };
    const records = kinesisRecords(blocksOfEveryKind().map(({ record }) => record));
    expect(await handle(records)).toEqual(itemOf(records[0]!));
    expect(clickhouse.tried).toEqual([]);
    expect(logged.at(-1)).toMatchObject({
      event: 'sink_batch_failed',
      fields: { table: '', category: 'connection_refused' },
    });
  });
});

describe('the lines about a batch', () => {
  test('name its first block, whatever becomes of it, and the line about a row names the row’s own', async () => {
    const { clickhouse, handle, logged } = setUp();
    const blocks = blocksOfEveryKind();
    const records = kinesisRecords(blocks.map(({ record }) => record));
    clickhouse.answer = ({ table, payload }, nth) => {
      if (nth === 1) throw failing('connection_lost');
      if (table === 'trades' && payload.includes('trade-1')) throw failing('data');
      if (table === 'frames' && nth > 2) throw failing('connection_lost');
      if (table === 'orderbook_deltas' && payload.toString().trim().includes('\n')) throw failing('memory_query');
    };
    expect(await handle(records)).toEqual(NONE);
    expect(await handle(records)).toEqual(itemOf(records[0]!));
    const about = logged.filter(({ event }) => event !== 'insert_dropped' && event !== 'schema_drift');
    expect([...new Set(about.map(({ event }) => event))].toSorted()).toEqual(
      ['insert_done', 'insert_failed', 'insert_retry', 'insert_split', 'sink_batch', 'sink_batch_failed'].toSorted(),
    );
    for (const { event, fields } of about) expect(fields['block_id'], event).toBe(blocks[0].header.block_id);
    const own = logged.filter(({ event }) => event === 'insert_dropped').map(({ fields }) => fields['block_id']);
    expect(own).toEqual([blocks[1].header.block_id]);
  });

  test('name none where it has none', async () => {
    const { handle, logged, landed } = setUp();
    await handle([kinesisRecord(0, Buffer.from('poison'))]);
    expect(logged.map(({ event }) => event)).toEqual(['record_rejected', 'insert_done', 'sink_batch']);
    for (const { event, fields } of logged) expect(fields['block_id'], event).toBeUndefined();
    expect(landed).toMatchObject([{ newest_block_id: undefined }]);
  });
});

describe('what cannot be read', () => {
  test('goes to rejects with its bytes, and the blocks around it land', async () => {
    const { clickhouse, handle, landed, logged } = setUp();
    const [first, second] = blocksOfEveryKind();
    const poison = Buffer.from([0, 1, 2, 0xff]);
    expect(await handle(kinesisRecords([first.record, poison, second.record]))).toEqual(NONE);
    expect(clickhouse.done.find(({ table }) => table === 'rejects')?.payload.includes(poison)).toBe(true);
    expect(landed).toMatchObject([{ blocks: 2, rejects: 1 }]);
    expect(logged.filter(({ event }) => event === 'record_rejected')).toMatchObject([
      { level: 'ERROR', fields: { reason: 'not_a_block', bytes: 4 } },
    ]);
  });

  test('does not hold up a batch that has nothing else', async () => {
    const { clickhouse, handle } = setUp();
    expect(await handle([kinesisRecord(0, Buffer.from('poison'))])).toEqual(NONE);
    expect(tablesOf(clickhouse)).toEqual(['rejects']);
  });

  test('is in rejects before its block is called committed, and the block counts it', async () => {
    const { clickhouse, handle, landed } = setUp();
    const tape = new TestTape();
    tape.frame('no json');
    tape.frame(deltaText('KXA-1', 1, 1, { price: '1.5000' }));
    tape.frame(deltaText('KXA-1', 1, 2));
    clickhouse.answer = ({ table }) => {
      if (table === 'orderbook_deltas') throw failing('data', { row: 1 });
    };
    await handle([kinesisRecord(0, tape.cut().record)]);
    expect(tablesOf(clickhouse)).toEqual(['frames', 'rejects', 'blocks']);
    expect(landed).toMatchObject([{ frames: 3, rows: 0, rejects: 3 }]);
    const mark = JSON.parse(clickhouse.done.at(-1)!.payload.toString()) as unknown[];
    expect(mark[13]).toBe(3);
    // The row that was refused is not among those that its table has.
    expect(mark.at(-1)).toEqual({ frames: 3, rejects: 3 });
  });
});

describe('a recorder that does not know how it ended', () => {
  const restarted = () => {
    const tape = new TestTape();
    tape.marker(openedMarker({ previous_run: 'unknown', opened_ts: T0 + 5_000_000 }));
    return tape.cut();
  };

  test('has its hole told by what the warehouse has of it, asked when the frames of the batch are in', async () => {
    const { clickhouse, handle } = setUp();
    const donesWhenAsked: string[][] = [];
    clickhouse.rowsFor = (sql) => {
      if (!sql.includes('ORDER BY frame_no DESC')) return [];
      donesWhenAsked.push(tablesOf(clickhouse));
      return [{ session_id: 'before', last_ts: String(T0) }];
    };
    const tape = new TestTape({ session_id: '20261122T100000000-000000' });
    tape.frame('{}');
    await handle(kinesisRecords([tape.cut().record, restarted().record]));
    expect(donesWhenAsked).toEqual([['frames', 'sessions']]);
    const gap = JSON.parse(clickhouse.done.find(({ table }) => table === 'gaps')!.payload.toString()) as unknown[];
    expect(gap).toMatchObject({ 3: 'recorder_unknown', 8: T0, 9: T0 + 5_000_000, 15: 'before' });
  });

  test('has none where the warehouse knows nothing of it', async () => {
    const { clickhouse, handle } = setUp();
    await handle([kinesisRecord(0, restarted().record)]);
    expect(tablesOf(clickhouse)).toEqual(['sessions', 'blocks']);
  });
});
