import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TABLES, type TableName } from '../../../core/contract/names.ts';
import { formatOf, jsonRow, recordReject, rejectRow, tokenOf } from '../../../functions/sink/table-rows.ts';
import { readRecord } from '../../../functions/sink/records.ts';
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
