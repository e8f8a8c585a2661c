import {
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  type _Record,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';

/** Where reading a shard begins. */
export type Position =
  | { readonly kind: 'TRIM_HORIZON' }
  | { readonly kind: 'LATEST' }
  | { readonly kind: 'after'; readonly sequenceNumber: string };

export interface Shard {
  readonly shardId: string;
  readonly parents: readonly string[];
}

export interface Page {
  readonly records: readonly _Record[];
  /** Null: the shard is closed and this was its end. */
  readonly nextIterator: string | null;
  readonly millisBehindLatest: number;
}

/** The little the event source needs of Kinesis. Errors are the SDK's, told apart by `name`. */
export interface ShardedStream {
  describe(signal: AbortSignal): Promise<{ readonly arn: string }>;
  listShards(signal: AbortSignal): Promise<readonly Shard[]>;
  iterator(shardId: string, position: Position, signal: AbortSignal): Promise<string>;
  records(iterator: string, limit: number, signal: AbortSignal): Promise<Page>;
}

export function kinesisStream(client: KinesisClient, streamName: string): ShardedStream {
  return {
    async describe(abortSignal) {
      const answer = await client.send(new DescribeStreamSummaryCommand({ StreamName: streamName }), { abortSignal });
      return { arn: answer.StreamDescriptionSummary?.StreamARN ?? '' };
    },

    async listShards(abortSignal) {
      const shards: Shard[] = [];
      let token: string | undefined;
      do {
        const command = new ListShardsCommand(token === undefined ? { StreamName: streamName } : { NextToken: token });
        const answer = await client.send(command, { abortSignal });
        for (const shard of answer.Shards ?? []) {
          const parents = [shard.ParentShardId, shard.AdjacentParentShardId].filter((id) => id !== undefined);
          shards.push({ shardId: shard.ShardId ?? '', parents });
        }
        token = answer.NextToken;
      } while (token !== undefined);
      return shards;
    },

    async iterator(shardId, position, abortSignal) {
      const from =
        position.kind === 'after'
          ? ({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: position.sequenceNumber } as const)
          : { ShardIteratorType: position.kind };
      const command = new GetShardIteratorCommand({ StreamName: streamName, ShardId: shardId, ...from });
      const answer = await client.send(command, { abortSignal });
      return answer.ShardIterator ?? '';
    },

    async records(iterator, limit, abortSignal) {
      const answer = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: limit }), {
        abortSignal,
      });
      return {
        records: answer.Records ?? [],
        nextIterator: answer.NextShardIterator ?? null,
        millisBehindLatest: answer.MillisBehindLatest ?? 0,
      };
    },
  };
}
