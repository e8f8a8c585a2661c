/** kinesalite 3.3.3 ships no types: what of it we use, read from its source. */
declare module 'kinesalite' {
  import type { Server } from 'node:http';

  /** Spans in milliseconds: how long a stream stays CREATING, UPDATING, DELETING. Without `path` the store is in memory. */
  export interface KinesaliteOptions {
    readonly path?: string;
    readonly createStreamMs?: number;
    readonly updateStreamMs?: number;
    readonly deleteStreamMs?: number;
    readonly shardLimit?: number;
  }

  const kinesalite: (options: KinesaliteOptions) => Server;
  export default kinesalite;
}

declare module 'kinesalite/db/index.js' {
  import type { KinesaliteOptions } from 'kinesalite';

  export interface KeyRange {
    readonly gte: string;
    readonly lt: string;
  }

  export interface StreamDb {
    createKeyStream(range: KeyRange): AsyncIterable<string>;
    clear(range: KeyRange): Promise<void>;
  }

  /** Present on a store on disk only. */
  export interface LevelDb {
    compactRange?: (from: string, to: string, callback: (error: Error | null | undefined) => void) => void;
  }

  export interface StreamMeta {
    readonly StreamName: string;
    readonly RetentionPeriodHours: number;
    readonly Shards: readonly unknown[];
  }

  export interface KinesaliteStore {
    readonly db: LevelDb;
    readonly metaDb: { createValueStream(): AsyncIterable<StreamMeta> };
    getStreamDb(streamName: string): StreamDb;
  }

  /** A record's key is `<shard, 8 hex digits>/<sequence number>`; `seqTime` is milliseconds since 1970. */
  const database: {
    create: (options: KinesaliteOptions) => KinesaliteStore;
    readonly parseSequence: (sequenceNumber: string) => { readonly seqTime?: number };
    readonly shardIxToHex: (shardIndex: number) => string;
  };
  export default database;
}
