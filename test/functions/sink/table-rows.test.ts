import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TABLES, type TableName } from '../../../core/contract/names.ts';
import { rowsOf } from '../../../core/tape/rows.ts';
import { TABLE_COLUMNS } from '../../../core/tape/tables.ts';
import {
  blockRow,
  type EncodedRow,
  formatOf,
  jsonRow,
  recordReject,
  rejectRow,
  tokenOf,
} from '../../../functions/sink/table-rows.ts';
import { readRecord } from '../../../functions/sink/records.ts';
import { openedMarker, TestTape } from '../../support/blocks.ts';
import { deltaText, snapshotText, tradeText } from '../../support/blocks-frames.ts';
import { kinesisRecord } from '../../support/kinesis-event.ts';

const table = fc.constantFrom(...TABLES);
const bytes = fc.uint8Array({ maxLength: 64 }).map((array) => Buffer.from(array));

test('the same bytes for the same table have the same token, wherever they lie in memory', () =>
  fc.assert(
    fc.property(table, bytes, (name, payload) => {
      const copy = Buffer.concat([Buffer.from('x'), payload, Buffer.from('y')]).subarray(1, 1 + payload.length);
      expect(tokenOf(name, copy)).toBe(tokenOf(name, payload));
    }),
  ));

test('other bytes, or the same bytes for another table, never share a token', () =>
  fc.assert(
    fc.property(table, bytes, table, bytes, (nameA, a, nameB, b) => {
      fc.pre(nameA !== nameB || !a.equals(b));
      expect(tokenOf(nameA, a)).not.toBe(tokenOf(nameB, b));
    }),
  ));

test('a token changes when two rows change places or a row moves to the next insert', () => {
  const [a, b] = [Buffer.from('[1]\n'), Buffer.from('[2]\n')];
  const tokens = [[a, b], [b, a], [a], [b]].map((rows) => tokenOf('trades', Buffer.concat(rows)));
  expect(new Set(tokens).size).toBe(4);
});

test('tables that hold bytes of any kind are sent in binary, the others as JSON', () => {
  const binary = TABLES.filter((name: TableName) => formatOf(name) === 'RowBinary');
  expect(binary).toEqual(['frames', 'rejects']);
});

test('a JSON row is one line, whatever its text holds', () => {
  const source = { block_id: '', session_id: '', frame_no: 1, recv_ts: 1, raw: Buffer.alloc(0) };
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const line = jsonRow([text, 1, null], source).bytes.toString();
      expect(line.indexOf('\n')).toBe(line.length - 1);
      expect(JSON.parse(line)).toEqual([text.toWellFormed(), 1, null]);
    }),
  );
});

test('records that are no block are told apart by shard and sequence number', () => {
  const data = Buffer.from('poison');
  const deliveries = [kinesisRecord(1, data), kinesisRecord(2, data), kinesisRecord(1, data, 'shardId-000000000007')];
  const rejects = deliveries.map((record) => recordReject(readRecord(record), 'not_a_block'));
  expect(new Set(rejects.map(({ block_id }) => block_id)).size).toBe(3);
  expect(new Set(rejects.map((reject) => rejectRow(reject).bytes.toString('hex'))).size).toBe(3);
});

describe('the row of `blocks`', () => {
  const SESSION = '20261123T100000000-rows00';
  const tape = new TestTape({ session_id: SESSION });
  tape.marker(openedMarker());
  tape.frame(snapshotText('KXA-1', 1, 1));
  for (let seq = 2; seq <= 4; seq++) tape.frame(deltaText('KXA-1', 1, seq));
  tape.frame(tradeText('KXA-1', 2, 1, 'trade-1'));
  tape.frame('no json');
  const delivery = readRecord(kinesisRecord(0, tape.cut().record));
  if (!('block' in delivery.content)) throw new Error('the test’s own block cannot be read');
  const made = rowsOf(delivery.content.block);
  const tableRows = (row: EncodedRow) => (JSON.parse(row.bytes.toString()) as unknown[]).at(-1);
  const BROUGHT = { frames: 6, orderbook_snapshots: 1, orderbook_deltas: 3, trades: 1, sessions: 1, rejects: 1 };

  test('has a cell for every column', () => {
    expect(blockRow(made, delivery, 1).cells).toHaveLength(TABLE_COLUMNS.blocks.length);
    expect(TABLE_COLUMNS.blocks.at(-1)).toBe('table_rows');
  });

  test('counts what the block brings to each table, in the order of the tables and without zeros', () => {
    const counted = tableRows(blockRow(made, delivery, made.rejects.length));
    expect(counted).toEqual(BROUGHT);
    const order: readonly string[] = TABLES;
    expect(Object.keys(counted as object)).toEqual(order.filter((name) => name in BROUGHT));
  });

  test('counts a row that ClickHouse refused among the rejects and not in its table', () => {
    const refusal = { ...made.rejects[0]!, table: 'trades', reason: 'refused_by_clickhouse' } as const;
    const ofAnother = { ...refusal, block_id: 'another' };
    expect(tableRows(blockRow(made, delivery, 2, [refusal, ofAnother]))).toEqual({
      ...{ frames: 6, orderbook_snapshots: 1, orderbook_deltas: 3, sessions: 1, rejects: 2 },
    });
  });
});
