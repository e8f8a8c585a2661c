import type { _Record } from '@aws-sdk/client-kinesis';
import type { Page, Position } from './kinesis-stream.ts';
import type { ShardContext } from './options.ts';

export interface ShardPage {
  readonly records: readonly _Record[];
  readonly atTip: boolean;
  /** The shard is closed and read to its end. */
  readonly ended: boolean;
}

type ReaderContext = Pick<ShardContext, 'stream' | 'origin' | 'onEvent'>;

/** Reads one shard from a position on, each record once. An iterator lives five minutes; one that expired is renewed. */
export class ShardReader {
  readonly #context: ReaderContext;
  #position: Position;
  #iterator: string | null = null;

  constructor(position: Position, context: ReaderContext) {
    this.#position = position;
    this.#context = context;
  }

  /** Rejects with the SDK's error; the position is then as it was. */
  async read(limit: number, signal: AbortSignal): Promise<ShardPage> {
    const page = await this.#page(limit, signal);
    const last = page.records.at(-1)?.SequenceNumber;
    if (last !== undefined) this.#position = { kind: 'after', sequenceNumber: last };
    this.#iterator = page.nextIterator;
    return {
      records: page.records,
      atTip: page.records.length === 0 && page.millisBehindLatest === 0,
      ended: page.nextIterator === null,
    };
  }

  async #page(limit: number, signal: AbortSignal): Promise<Page> {
    const { stream, origin, onEvent } = this.#context;
    this.#iterator ??= await this.#newIterator(signal);
    try {
      return await stream.records(this.#iterator, limit, signal);
    } catch (error) {
      if (!isNamed(error, 'ExpiredIteratorException', 'InvalidArgumentException')) throw error;
    }
    onEvent({ kind: 'iterator_renewed', shardId: origin.shardId });
    this.#iterator = await this.#newIterator(signal);
    return stream.records(this.#iterator, limit, signal);
  }

  /** A sequence number that is not this stream's is a checkpoint of another, deleted one. */
  async #newIterator(signal: AbortSignal): Promise<string> {
    const { stream, origin, onEvent } = this.#context;
    try {
      return await stream.iterator(origin.shardId, this.#position, signal);
    } catch (error) {
      if (this.#position.kind !== 'after' || !isNamed(error, 'InvalidArgumentException')) throw error;
    }
    onEvent({ kind: 'checkpoint_refused', shardId: origin.shardId });
    this.#position = { kind: 'TRIM_HORIZON' };
    return stream.iterator(origin.shardId, this.#position, signal);
  }
}

function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}
