import type { KinesisStreamRecord } from 'aws-lambda';
import { type Block, type BlockFault, decodeBlock } from '../../core/tape/block.ts';

/** A Kinesis record as the sink sees it. */
export interface Delivery {
  /** What the event source knows it by. */
  readonly sequence_number: string;
  readonly shard_id: string;
  /** Microseconds since 1970. */
  readonly arrival_ts: number;
  readonly bytes: Buffer;
  readonly content: { readonly block: Block } | { readonly fault: BlockFault };
}

/** `shardId-000000000000:4954…` → the shard. */
const SHARD = /^([^:]+):/;

export function readRecord(record: KinesisStreamRecord): Delivery {
  const bytes = Buffer.from(record.kinesis.data, 'base64');
  const decoded = decodeBlock(bytes);
  return {
    sequence_number: record.kinesis.sequenceNumber,
    shard_id: SHARD.exec(record.eventID)?.[1] ?? '',
    arrival_ts: Math.round(record.kinesis.approximateArrivalTimestamp * 1e6),
    bytes,
    content: decoded.ok ? { block: decoded.block } : { fault: decoded.fault },
  };
}
