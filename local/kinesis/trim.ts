import database, { type KeyRange, type KinesaliteStore, type StreamMeta } from 'kinesalite/db/index.js';

const HOUR_MS = 3_600_000;

export interface Trimmed {
  readonly records: number;
  readonly shards: number;
}

/**
 * Deletes what is past its stream's retention, shard by shard, and gives the space back to the disk.
 * kinesalite itself deletes expired records only when somebody reads them, and nobody reads from the start.
 * Reads keys only, and of live records at most one per shard.
 */
export async function trimStore(store: KinesaliteStore, now: number, signal: AbortSignal): Promise<Trimmed> {
  let [records, shards] = [0, 0];
  // Read to its end first: LevelDB frees nothing that an open iterator could still see.
  const streams: StreamMeta[] = [];
  for await (const stream of store.metaDb.createValueStream()) streams.push(stream);
  for (const stream of streams) {
    for (let shard = 0; shard < stream.Shards.length && !signal.aborted; shard++) {
      const deleted = await trimShard(store, stream, shard, now);
      records += deleted;
      if (deleted > 0) shards++;
    }
  }
  return { records, shards };
}

async function trimShard(store: KinesaliteStore, stream: StreamMeta, shard: number, now: number): Promise<number> {
  const keptFrom = now - stream.RetentionPeriodHours * HOUR_MS;
  const streamDb = store.getStreamDb(stream.StreamName);
  const all = { gte: database.shardIxToHex(shard), lt: database.shardIxToHex(shard + 1) };
  let expired = 0;
  let firstKept = all.lt;
  for await (const key of streamDb.createKeyStream(all)) {
    if (arrivedAt(key) >= keptFrom) {
      firstKept = key;
      break;
    }
    expired++;
  }
  if (expired === 0) return 0;
  const range = { gte: all.gte, lt: firstKept };
  await streamDb.clear(range);
  await compact(store, stream.StreamName, range);
  return expired;
}

/** A key that cannot be read is kept: it counts as arriving never. */
function arrivedAt(key: string): number {
  try {
    return database.parseSequence(key.slice(key.indexOf('/') + 1)).seqTime ?? Infinity;
  } catch {
    return Infinity;
  }
}

/** LevelDB deletes by writing tombstones; only a compaction frees the disk. The prefix is subleveldown's. */
function compact(store: KinesaliteStore, streamName: string, range: KeyRange): Promise<void> {
  const prefix = `!stream-${streamName}!`;
  return new Promise((resolve, reject) => {
    if (store.db.compactRange === undefined) {
      resolve();
      return;
    }
    store.db.compactRange(prefix + range.gte, prefix + range.lt, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}
