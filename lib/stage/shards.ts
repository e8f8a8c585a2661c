/** A frame's share of a block, bytes, rounded up from what `npm run bench -- block` measures. */
const BLOCK_BYTES_PER_MESSAGE = 30;
/** A provisioned shard takes this much a second (AWS quota). */
const SHARD_BYTES_PER_SEC = 1_048_576;
/** Bursts are several times the busiest minute's mean. */
const BURST_FACTOR = 4;

/** Provisioned shards for a stage. Records per second never bind: a block is one record a second per connection. */
export function shardsFor(expectedMessagesPerSecond: number): number {
  return Math.ceil((expectedMessagesPerSecond * BLOCK_BYTES_PER_MESSAGE * BURST_FACTOR) / SHARD_BYTES_PER_SEC);
}
