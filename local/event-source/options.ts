import type { KinesisStreamEvent } from 'aws-lambda';
import type { EventSourceSettings } from '../../core/contract/event-source.ts';
import type { InvokeOutcome } from '../lambda/invoke-outcome.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { Clock } from './clock.ts';
import type { EventSourceEvent } from './events.ts';
import type { FailureDestination } from './failure-destination.ts';
import type { ShardedStream } from './kinesis-stream.ts';
import type { RecordOrigin } from './source-record.ts';
import type { Counters } from './stats.ts';
import type { Timing } from './timing.ts';

export interface EventSourceOptions {
  readonly stream: ShardedStream;
  readonly settings: EventSourceSettings;
  readonly invoke: Invoke;
  readonly checkpoints: Checkpoints;
  readonly failureDestination: FailureDestination;
  readonly onEvent: (event: EventSourceEvent) => void;
  readonly clock?: Clock;
  readonly timing?: Partial<Timing>;
  readonly functionArn?: string;
}

/** A rejection counts as a function error. The signal aborts only when stop() has waited long enough. */
type Invoke = (event: KinesisStreamEvent, signal: AbortSignal) => Promise<InvokeOutcome>;

/** What the loops of one shard share. */
export interface ShardContext extends Required<EventSourceOptions> {
  readonly timing: Timing;
  readonly origin: RecordOrigin;
  readonly counters: Counters;
  /** No new poll, invocation or wait. */
  readonly stopping: AbortSignal;
  /** The invocation under way is given up as well. */
  readonly abandoning: AbortSignal;
}
