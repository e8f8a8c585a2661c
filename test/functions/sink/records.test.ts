import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRecord } from '../../../functions/sink/records.ts';
import { idOf, TestTape } from '../../support/blocks.ts';
import { deltaText } from '../../support/blocks-frames.ts';
import { kinesisRecord, SHARD } from '../../support/kinesis-event.ts';

function oneBlock() {
  const tape = new TestTape();
  tape.frame(deltaText('KXA-1', 1, 1));
  return tape.cut();
}

describe('a Kinesis record', () => {
  test('is read with its shard, its arrival in microseconds and its block', () => {
    const block = oneBlock();
    const delivery = readRecord(kinesisRecord(3, block.record));
    expect(delivery).toMatchObject({
      shard_id: SHARD,
      arrival_ts: 1_795_428_001_250_000,
      content: { block: { header: block.header } },
    });
    expect(delivery.bytes.equals(block.record)).toBe(true);
    expect('block' in delivery.content && idOf(delivery.content.block)).toBe(block.header.block_id);
  });

  test('with one byte changed anywhere is no block and keeps its bytes', () => {
    const { record } = oneBlock();
    fc.assert(
      fc.property(fc.nat(record.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(record);
        damaged[at] = damaged[at]! ^ change;
        const delivery = readRecord(kinesisRecord(0, damaged));
        expect('fault' in delivery.content).toBe(true);
        expect(delivery.bytes.equals(damaged)).toBe(true);
      }),
    );
  });

  test('of any bytes at all is read without an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, looksRight) => {
        const data = Buffer.concat([Buffer.from(looksRight ? 'KTB\x01' : ''), bytes]);
        expect(readRecord(kinesisRecord(0, data)).content).toHaveProperty('fault');
      }),
    );
  });

  test('without a shard in its event id is read all the same', () => {
    expect(readRecord({ ...kinesisRecord(0, oneBlock().record), eventID: 'odd' }).shard_id).toBe('');
  });
});
