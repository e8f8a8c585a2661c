import type { _Record } from '@aws-sdk/client-kinesis';
import type { KinesisStreamEvent } from 'aws-lambda';
import type { EventSourceSettings } from '../../../core/contract/event-source.ts';
import type { Checkpoint, Checkpoints } from '../../../local/event-source/checkpoints.ts';
import type { Clock } from '../../../local/event-source/clock.ts';
import type { DiscardedBatch, FailureDestination } from '../../../local/event-source/failure-destination.ts';
import type { Page, Position, Shard, ShardedStream } from '../../../local/event-source/kinesis-stream.ts';

export const SETTINGS: EventSourceSettings = {
  batchSize: 3,
  maximumBatchingWindow_sec: 0,
  maximumRetryAttempts: 2,
  maximumRecordAge_sec: 86_400,
  bisectBatchOnFunctionError: false,
  reportBatchItemFailures: true,
  startingPosition: 'TRIM_HORIZON',
};

export const OK = { kind: 'response', payload: { batchItemFailures: [] } } as const;

/** Time that stands still until somebody awaits through `until`; then it jumps from one sleeper's end to the next. */
export class FakeClock implements Clock {
  time = 1_700_000_000_000;
  readonly #sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();

  readonly now = (): number => this.time;

  readonly sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        this.#sleepers.delete(sleeper);
        resolve();
      };
      const sleeper = { at: this.time + ms, wake };
      this.#sleepers.add(sleeper);
      if (signal.aborted) wake();
      else signal.addEventListener('abort', wake, { once: true });
    });

  async until<T>(work: Promise<T>): Promise<T> {
    const settled = new AbortController();
    void work.catch(() => undefined).finally(() => settled.abort());
    for (let steps = 0; !settled.signal.aborted; steps++) {
      if (steps > 20_000) throw new Error('the clock was wound 20,000 times and nothing came of it');
      for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
      const [next] = [...this.#sleepers].sort((a, b) => a.at - b.at);
      if (next === undefined) continue;
      this.time = Math.max(this.time, next.at);
      next.wake();
    }
    return work;
  }

  /** Lets everything run that happens within `ms`. */
  pass(ms: number): Promise<void> {
    return this.until(this.sleep(ms, new AbortController().signal));
  }
}

interface FakeShard extends Shard {
  readonly records: _Record[];
  closed: boolean;
}

export class FakeStream implements ShardedStream {
  readonly shards: FakeShard[] = [];
  readonly requests: string[] = [];
  /** Thrown by the next call of the named operation. */
  readonly faults: { readonly operation: string; readonly error: Error }[] = [];
  /** The next page is read, and then held back until this resolves. */
  holdPage: Promise<void> | null = null;
  readonly #clock: FakeClock;
  #nextSequence = 1;

  constructor(clock: FakeClock, ...shardIds: readonly string[]) {
    this.#clock = clock;
    for (const shardId of shardIds) this.addShard(shardId);
  }

  addShard(shardId: string, ...parents: readonly string[]): void {
    this.shards.push({ shardId, parents, records: [], closed: false });
  }

  close(shardId: string): void {
    this.#shard(shardId).closed = true;
  }

  put(shardId: string, ...texts: readonly string[]): void {
    for (const text of texts) {
      this.#shard(shardId).records.push({
        SequenceNumber: String(this.#nextSequence++),
        Data: Buffer.from(text),
        PartitionKey: 'key',
        ApproximateArrivalTimestamp: new Date(this.#clock.time),
      });
    }
  }

  describe(): Promise<{ readonly arn: string }> {
    return this.#answer('describe', () => ({ arn: 'arn:aws:kinesis:us-east-1:000000000000:stream/tape' }));
  }

  listShards(): Promise<readonly Shard[]> {
    return this.#answer('listShards', () => [...this.shards]);
  }

  iterator(shardId: string, position: Position): Promise<string> {
    return this.#answer('iterator', () => {
      const { records } = this.#shard(shardId);
      if (position.kind === 'TRIM_HORIZON') return `${shardId} 0`;
      if (position.kind === 'LATEST') return `${shardId} ${records.length}`;
      const index = records.findIndex((record) => record.SequenceNumber === position.sequenceNumber);
      if (index === -1) throw named('InvalidArgumentException');
      return `${shardId} ${index + 1}`;
    });
  }

  async records(iterator: string, limit: number): Promise<Page> {
    const page = await this.#answer('records', () => {
      const [shardId, from] = iterator.split(' ') as [string, string];
      const shard = this.#shard(shardId);
      const records = shard.records.slice(Number(from), Number(from) + limit);
      const next = Number(from) + records.length;
      const ended = shard.closed && next === shard.records.length;
      return { records, nextIterator: ended ? null : `${shardId} ${next}`, millisBehindLatest: 0 };
    });
    const held = this.holdPage;
    this.holdPage = null;
    await held;
    return page;
  }

  #shard(shardId: string): FakeShard {
    const shard = this.shards.find((candidate) => candidate.shardId === shardId);
    if (shard === undefined) throw new Error(`no shard ${shardId}`);
    return shard;
  }

  async #answer<T>(operation: string, work: () => T): Promise<T> {
    await Promise.resolve();
    this.requests.push(operation);
    const fault = this.faults[0];
    if (fault?.operation === operation) {
      this.faults.shift();
      throw fault.error;
    }
    return work();
  }
}

export class MemoryCheckpoints implements Checkpoints {
  readonly stored = new Map<string, Checkpoint>();

  read(shardId: string): Promise<Checkpoint> {
    return Promise.resolve(this.stored.get(shardId) ?? { kind: 'none' });
  }

  write(shardId: string, checkpoint: Checkpoint): Promise<void> {
    this.stored.set(shardId, checkpoint);
    return Promise.resolve();
  }
}

export class MemoryDestination implements FailureDestination {
  readonly batches: DiscardedBatch[] = [];
  readonly faults: Error[] = [];

  write(discarded: DiscardedBatch): Promise<string> {
    const fault = this.faults.shift();
    if (fault !== undefined) return Promise.reject(fault);
    this.batches.push(discarded);
    return Promise.resolve(`memory:${this.batches.length}`);
  }

  texts(): string[][] {
    return this.batches.map(({ batch }) => batch.records.map((record) => textOf(record.event.kinesis.data)));
  }
}

export function textsOf(event: KinesisStreamEvent): string[] {
  return event.Records.map((record) => textOf(record.kinesis.data));
}

export function failuresOf(...sequenceNumbers: readonly string[]) {
  const batchItemFailures = sequenceNumbers.map((itemIdentifier) => ({ itemIdentifier }));
  return { kind: 'response', payload: { batchItemFailures } } as const;
}

export function named(name: string): Error {
  return Object.assign(new Error(name), { name });
}

function textOf(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}
