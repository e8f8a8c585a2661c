import { PUT_RECORDS_MAX_BYTES, PUT_RECORDS_MAX_RECORDS } from '../../core/contract/limits.ts';
import type { EncodedBlock } from '../../core/tape/block.ts';

/** A record's partition key and bookkeeping beside its data, bytes. */
const RECORD_OVERHEAD_BYTES = 256;

/** The longest head of the queue that one PutRecords may carry. */
export function takeRequest(queue: readonly EncodedBlock[]): readonly EncodedBlock[] {
  let bytes = 0;
  let count = 0;
  for (const { record } of queue) {
    bytes += record.length + RECORD_OVERHEAD_BYTES;
    if (count === PUT_RECORDS_MAX_RECORDS || (count > 0 && bytes > PUT_RECORDS_MAX_BYTES)) break;
    count++;
  }
  return queue.slice(0, count);
}

export function sumOfFrames(blocks: readonly EncodedBlock[]): number {
  return blocks.reduce((sum, { header }) => sum + header.count, 0);
}

export function sumOfBytes(blocks: readonly EncodedBlock[]): number {
  return blocks.reduce((sum, { record }) => sum + record.length, 0);
}
