import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutBatch } from '../../../local/event-source/cut-batch.ts';
import { eventOf, sourceRecord } from '../../../local/event-source/source-record.ts';

const origin = {
  streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/tape',
  region: 'us-east-1',
  shardId: 'shardId-0',
};

describe('cutting a batch', () => {
  it('keeps the payload that is really sent within the bound, and adds as long as it fits', () => {
    const sizes = fc.array(fc.nat(3_000), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 5_000, max: 40_000 }),
        (lengths, max, maxBytes) => {
          const records = lengths.map((length, i) =>
            sourceRecord(
              { SequenceNumber: String(i), PartitionKey: 'schlüssel', Data: Buffer.alloc(length, 7) },
              origin,
              0,
            ),
          );
          const { count, full } = cutBatch(records, max, maxBytes);
          expect(count).toBeGreaterThan(0);
          expect(count).toBeLessThanOrEqual(max);
          const bytes = (n: number) => Buffer.byteLength(JSON.stringify(eventOf(records.slice(0, n))));
          expect(bytes(count)).toBeLessThanOrEqual(maxBytes);
          if (!full) expect(count).toBe(records.length);
          else if (count < max) expect(bytes(count + 1) + 1).toBeGreaterThan(maxBytes);
        },
      ),
    );
  });

  it('lets a record that alone is too large travel alone', () => {
    expect(cutBatch([{ bytes: 900 }, { bytes: 10 }], 10, 500)).toEqual({ count: 1, full: true });
    expect(cutBatch([], 10, 500)).toEqual({ count: 0, full: false });
  });
});
