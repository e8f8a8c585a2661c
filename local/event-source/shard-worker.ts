import { LAMBDA_PAYLOAD_LIMIT_BYTES } from '../../core/contract/limits.ts';
import { runBatch } from './batch-runner.ts';
import { cutBatch } from './cut-batch.ts';
import type { Position } from './kinesis-stream.ts';
import type { ShardContext } from './options.ts';
import { ShardReader, type ShardPage } from './shard-reader.ts';
import { sourceRecord, type SourceRecord } from './source-record.ts';
import { retryDelayMs } from './timing.ts';

/** Records asked for at once. The emulator keeps to no byte limit of its own: 40 of our largest blocks are 10 MB. */
const MAX_READ_RECORDS = 40;

/**
 * The loop of one shard, its only owner: poll, gather a batch, settle it, and only then poll again.
 * So at most one batch and one page are in memory, and one batch is in flight.
 */
export class ShardWorker {
  readonly #context: ShardContext;
  readonly #reader: ShardReader;
  #gathered: readonly SourceRecord[] = [];
  #gatheringSince = 0;
  #polls = 0;
  #failedPollsInARow = 0;
  #ended = false;
  #finished = false;
  readonly #drains = new Set<{ readonly afterPoll: number; readonly done: () => void }>();

  constructor(position: Position, context: ShardContext) {
    this.#context = context;
    this.#reader = new ShardReader(position, context);
  }

  /** Resolves with `ended` when the shard is closed and every record of it settled, else when the event source stops. */
  async run(): Promise<'ended' | 'stopped'> {
    const { stopping, checkpoints, origin, onEvent } = this.#context;
    while (!stopping.aborted) {
      const batch = await this.#nextBatch();
      if (batch === null) break;
      await runBatch(batch, this.#context);
    }
    if (stopping.aborted) return 'stopped';
    await checkpoints.write(origin.shardId, { kind: 'shard_end' }).catch((error: unknown) => {
      onEvent({ kind: 'checkpoint_failed', shardId: origin.shardId, error });
    });
    this.#finished = true;
    for (const drain of this.#drains) drain.done();
    return 'ended';
  }

  /** Resolves when a poll begun after this call found nothing more and nothing is in flight. Batches wait for no window. */
  async drained(): Promise<void> {
    if (this.#finished) return;
    await new Promise<void>((resolve) => {
      const drain = {
        afterPoll: this.#polls,
        done: () => {
          this.#drains.delete(drain);
          resolve();
        },
      };
      this.#drains.add(drain);
    });
  }

  /** Null: stopping, or the shard has ended and nothing of it is left. */
  async #nextBatch(): Promise<readonly SourceRecord[] | null> {
    const { settings, timing, clock, stopping } = this.#context;
    while (!stopping.aborted) {
      const cut = cutBatch(this.#gathered, settings.batchSize, LAMBDA_PAYLOAD_LIMIT_BYTES);
      if (cut.full || (cut.count > 0 && this.#waitedLongEnough())) {
        const batch = this.#gathered.slice(0, cut.count);
        this.#gathered = this.#gathered.slice(cut.count);
        this.#gatheringSince = clock.now();
        return batch;
      }
      if (this.#ended) return null;
      const page = await this.#poll();
      if (page?.atTip === true) await clock.sleep(timing.pollIntervalMs, stopping);
    }
    return null;
  }

  #waitedLongEnough(): boolean {
    const { settings, clock } = this.#context;
    const windowMs = settings.maximumBatchingWindow_sec * 1_000;
    return this.#ended || this.#drains.size > 0 || clock.now() - this.#gatheringSince >= windowMs;
  }

  async #poll(): Promise<ShardPage | null> {
    const { settings, clock, stopping, counters, origin, onEvent, timing } = this.#context;
    const poll = ++this.#polls;
    let page: ShardPage;
    try {
      page = await this.#reader.read(Math.min(settings.batchSize, MAX_READ_RECORDS), stopping);
      this.#failedPollsInARow = 0;
    } catch (error) {
      if (stopping.aborted) return null;
      counters.pollFailures++;
      onEvent({ kind: 'poll_failed', shardId: origin.shardId, error });
      await clock.sleep(retryDelayMs(++this.#failedPollsInARow, timing), stopping);
      return null;
    }
    counters.polled += page.records.length;
    if (this.#gathered.length === 0) this.#gatheringSince = clock.now();
    this.#gathered = [...this.#gathered, ...page.records.map((record) => sourceRecord(record, origin, clock.now()))];
    this.#ended = page.ended;
    if (page.atTip) this.#tipReached(poll);
    return page;
  }

  /** While somebody drains, what is gathered is settled before the next poll: at that poll's tip nothing is left. */
  #tipReached(poll: number): void {
    for (const drain of this.#drains) if (poll > drain.afterPoll) drain.done();
  }
}
