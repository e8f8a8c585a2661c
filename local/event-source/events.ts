import type { FunctionError } from '../lambda/invoke-outcome.ts';
import type { DiscardCondition, FailureReason } from './decide.ts';
import type { Position } from './kinesis-stream.ts';

/** What somebody watching wants to know as it happens; what is counted is in stats.ts. */
export type EventSourceEvent =
  | { readonly kind: 'shard_started'; readonly shardId: string; readonly position: Position }
  | { readonly kind: 'shard_finished'; readonly shardId: string }
  | { readonly kind: 'batch_done'; readonly shardId: string; readonly records: number; readonly iteratorAgeMs: number }
  | {
      readonly kind: 'batch_failed';
      readonly shardId: string;
      readonly records: number;
      readonly reason: FailureReason;
      readonly error: FunctionError | null;
      /** Null: nothing is left of it to retry. */
      readonly retryInMs: number | null;
    }
  /** AWS takes such a batch for done. If the function did not mean that, these records are lost. */
  | {
      readonly kind: 'response_not_understood';
      readonly shardId: string;
      readonly records: number;
      readonly payload: unknown;
    }
  | {
      readonly kind: 'sent_to_destination';
      readonly shardId: string;
      readonly records: number;
      readonly condition: DiscardCondition;
      readonly path: string;
    }
  /** Tried again until it succeeds; the shard waits. */
  | { readonly kind: 'destination_failed'; readonly shardId: string; readonly error: unknown }
  | { readonly kind: 'poll_failed'; readonly shardId: string | null; readonly error: unknown }
  | { readonly kind: 'iterator_renewed'; readonly shardId: string }
  /** The checkpoint is not one of this stream, or cannot be read: the shard is read from its start. */
  | { readonly kind: 'checkpoint_refused'; readonly shardId: string }
  /** Work goes on; a restart would deliver again what was settled since. */
  | { readonly kind: 'checkpoint_failed'; readonly shardId: string; readonly error: unknown };
