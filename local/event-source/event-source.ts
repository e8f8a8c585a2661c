import { systemClock } from './clock.ts';
import type { Shard } from './kinesis-stream.ts';
import type { EventSourceOptions, ShardContext } from './options.ts';
import { ShardWorker } from './shard-worker.ts';
import { positionOf, readableShards } from './shards.ts';
import { Counters, type EventSourceStats } from './stats.ts';
import { LOCAL_TIMING, retryDelayMs } from './timing.ts';

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:sink';

/**
 * Polls a stream's shards and invokes a function with their records as Lambda's event source mapping does: at least
 * once, in order within a shard, one batch per shard in flight. Starts once and stops once.
 */
export class EventSource {
  readonly #shared: Omit<ShardContext, 'origin'>;
  readonly #counters = new Counters();
  readonly #stopping = new AbortController();
  readonly #abandoning = new AbortController();
  readonly #workers = new Map<string, ShardWorker>();
  readonly #runs = new Set<Promise<void>>();
  readonly #finished = new Set<string>();
  #firstListing: ReadonlySet<string> | null = null;
  /** Aborted when a shard has finished: its children can begin. */
  #wake = new AbortController();
  #supervision: Promise<void> | null = null;

  constructor(options: EventSourceOptions) {
    this.#shared = {
      ...options,
      clock: options.clock ?? systemClock,
      timing: { ...LOCAL_TIMING, ...options.timing },
      functionArn: options.functionArn ?? FUNCTION_ARN,
      counters: this.#counters,
      stopping: this.#stopping.signal,
      abandoning: this.#abandoning.signal,
    };
  }

  start(): void {
    this.#supervision ??= this.#supervise();
  }

  stats(): EventSourceStats {
    return this.#counters.stats();
  }

  /**
   * Resolves when every record that was in the stream when this was called is settled. Polling goes on afterwards.
   * Rejects with the reason of `signal` or of stop().
   */
  async drain(signal: AbortSignal): Promise<void> {
    const given = AbortSignal.any([signal, this.#stopping.signal]);
    given.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    aborted.promise.catch(() => undefined);
    const onAbort = (): void => aborted.reject(given.reason as Error);
    given.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([this.#drainShards(given), aborted.promise]);
    } finally {
      given.removeEventListener('abort', onAbort);
    }
  }

  /** The invocations under way may finish, and their answers still count; after `stopGraceMs` they are given up. */
  async stop(): Promise<void> {
    const { timing, clock } = this.#shared;
    this.#stopping.abort(new Error('the event source was stopped; what is not settled is delivered at the next start'));
    const done = new AbortController();
    const abandon = clock.sleep(timing.stopGraceMs, done.signal).then(() => {
      if (!done.signal.aborted) this.#abandoning.abort();
    });
    await this.#supervision;
    await Promise.all(this.#runs);
    done.abort();
    await abandon;
  }

  async #supervise(): Promise<void> {
    const { timing, clock, stopping } = this.#shared;
    let failuresInARow = 0;
    while (!stopping.aborted) {
      this.#wake = new AbortController();
      const waking = AbortSignal.any([stopping, this.#wake.signal]);
      const listed = await this.#beginReadable(stopping);
      failuresInARow = listed ? 0 : failuresInARow + 1;
      const pauseMs = listed ? timing.shardListIntervalMs : retryDelayMs(failuresInARow, timing);
      await clock.sleep(pauseMs, waking);
    }
  }

  /** False: the stream did not answer. */
  async #beginReadable(signal: AbortSignal): Promise<boolean> {
    try {
      const listed = await this.#shared.stream.listShards(signal);
      this.#firstListing ??= new Set(listed.map((shard) => shard.shardId));
      const begun = new Set([...this.#workers.keys(), ...this.#finished]);
      for (const shard of readableShards(listed, begun, this.#finished)) await this.#begin(shard, signal);
      return true;
    } catch (error) {
      this.#streamFailed(error, signal);
      return false;
    }
  }

  #streamFailed(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#counters.pollFailures++;
    this.#shared.onEvent({ kind: 'poll_failed', shardId: null, error });
  }

  async #begin({ shardId }: Shard, signal: AbortSignal): Promise<void> {
    const { stream, settings, checkpoints, onEvent } = this.#shared;
    const checkpoint = await checkpoints.read(shardId);
    if (checkpoint.kind === 'shard_end') {
      this.#finish(shardId);
      return;
    }
    if (checkpoint.kind === 'unreadable') onEvent({ kind: 'checkpoint_refused', shardId });
    const position = positionOf(checkpoint, settings.startingPosition, this.#firstListing?.has(shardId) === true);
    const { arn } = await stream.describe(signal);
    const origin = { shardId, streamArn: arn, region: arn.split(':')[3] ?? '' };
    const worker = new ShardWorker(position, { ...this.#shared, origin });
    this.#workers.set(shardId, worker);
    onEvent({ kind: 'shard_started', shardId, position });
    const run = worker.run().then((how) => {
      if (how === 'ended') this.#finish(shardId);
      this.#runs.delete(run);
    });
    this.#runs.add(run);
  }

  #finish(shardId: string): void {
    this.#workers.delete(shardId);
    this.#finished.add(shardId);
    this.#counters.shardFinished(shardId);
    this.#shared.onEvent({ kind: 'shard_finished', shardId });
    this.#wake.abort();
  }

  /** Children of a shard that ends meanwhile are looked for until there are none left. */
  async #drainShards(signal: AbortSignal): Promise<void> {
    const { clock, timing } = this.#shared;
    const drained = new Set<string>();
    while (!signal.aborted) {
      const listed = await this.#list(signal);
      const open = listed.filter(({ shardId }) => !drained.has(shardId) && !this.#finished.has(shardId));
      if (open.length === 0) return;
      const running = open.filter(({ shardId }) => this.#workers.has(shardId));
      if (running.length === 0) await clock.sleep(timing.pollIntervalMs, signal);
      await Promise.all(
        running.map(async ({ shardId }) => {
          await this.#workers.get(shardId)?.drained();
          drained.add(shardId);
        }),
      );
    }
  }

  async #list(signal: AbortSignal): Promise<readonly Shard[]> {
    const { stream, clock, timing } = this.#shared;
    for (let attempt = 1; ; attempt++) {
      try {
        return await stream.listShards(signal);
      } catch (error) {
        signal.throwIfAborted();
        this.#streamFailed(error, signal);
        await clock.sleep(retryDelayMs(attempt, timing), signal);
      }
    }
  }
}
