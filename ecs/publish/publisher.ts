import { PUT_RECORDS_MAX_BYTES, PUT_RECORDS_MAX_RECORDS } from '../../core/contract/limits.ts';
import { BACKOFF_POLICIES, backoffMs } from '../../core/failure/backoff.ts';
import { FAILURE_CLASSES } from '../../core/failure/classes.ts';
import { classify } from '../../core/failure/classify.ts';
import type { Failure } from '../../core/failure/failure.ts';
import type { EventLog } from '../../core/logging/event-log.ts';
import { whatFailed } from '../../core/logging/what-failed.ts';
import type { BlockHeader, EncodedBlock } from '../../core/tape/block.ts';
import type { RecordStream } from './kinesis.ts';
import type { Spool } from './spool.ts';

export interface PublisherBounds {
  /** Encoded blocks held in memory, bytes; beyond it they go to the spool. */
  readonly queueMaxBytes: number;
  readonly timeoutMs: number;
  readonly attempts: number;
}

export interface PublisherPorts {
  readonly stream: RecordStream;
  readonly spool: Spool;
  readonly log: EventLog;
  /** Microseconds since 1970. */
  readonly now: () => number;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The block is safe: acknowledged, or on disk. */
  readonly onSafe: (header: BlockHeader) => void;
  /** The block is lost: Kinesis is away and neither disk nor memory has room. */
  readonly onDropped: (header: BlockHeader) => void;
  /** Kinesis answers again after it was away. */
  readonly onRecovered: () => void;
}

/** The longest wait between attempts of one request, while it still counts as a hiccup. */
const RETRY_WAIT_MAX_MS = 2_000;
/** How often Kinesis is tried while it is away. */
const PROBE_BACKOFF = { ...BACKOFF_POLICIES.short, baseMs: 500, capMs: 5_000, jitter: 'equal' } as const;
/** Spooled blocks sent between two requests of live data: draining never starves them. */
const DRAIN_MAX_BLOCKS = 50;
const DRAIN_MAX_BYTES = 1_048_576;
/** A record's partition key and bookkeeping beside its data, bytes. */
const RECORD_OVERHEAD_BYTES = 256;

/**
 * Brings blocks to Kinesis: live ones first, spooled ones behind them. `offer` never waits, so the socket is always
 * drained. One loop owns all requests; only what failed is sent again. A timeout may have succeeded: the block then is
 * on the stream twice, under one block id, and the sink lands it once.
 */
export class Publisher {
  readonly #bounds: PublisherBounds;
  readonly #ports: PublisherPorts;
  readonly #stop = new AbortController();
  #queue: EncodedBlock[] = [];
  #queueBytes = 0;
  #inFlight: readonly EncodedBlock[] = [];
  #spooling = 0;
  /** Undefined: Kinesis answers. */
  #away: { readonly since: number; probes: number } | undefined;
  #draining: { readonly since: number; blocks: number } | undefined;
  #wake: () => void = () => undefined;
  #loop: Promise<void> | undefined;

  #framesSafe = 0;
  #lastAck_us = 0;

  constructor(bounds: PublisherBounds, ports: PublisherPorts) {
    this.#bounds = bounds;
    this.#ports = ports;
  }

  /** Frames acknowledged by Kinesis since the start. */
  get framesAcknowledged(): number {
    return this.#framesSafe;
  }

  /** Microseconds since 1970; 0 before the first. */
  get lastAckTs(): number {
    return this.#lastAck_us;
  }

  get framesWaiting(): number {
    return sumOfFrames(this.#queue) + sumOfFrames(this.#inFlight);
  }

  get isAway(): boolean {
    return this.#away !== undefined;
  }

  /** Microseconds since 1970 of the oldest entry that Kinesis has not acknowledged; undefined where there is none. */
  get oldestTs(): number | undefined {
    const candidates = [
      this.#inFlight[0]?.header.first_recv_ts,
      this.#queue[0]?.header.first_recv_ts,
      this.#ports.spool.oldestTs,
    ].filter((ts) => ts !== undefined);
    return candidates.length === 0 ? undefined : Math.min(...candidates);
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Takes a block; never waits. */
  offer(block: EncodedBlock): void {
    if (this.#away !== undefined || !this.#fits(block)) this.#toSpool(block);
    else this.#enqueue(block);
  }

  /** Waits until nothing is in memory, `timeoutMs` at most; what is left then goes to the spool. Ends the loop. */
  async close(timeoutMs: number): Promise<{ readonly framesLost: number }> {
    const deadline = this.#ports.now() + timeoutMs * 1_000;
    while (this.#busy && this.#away === undefined && this.#ports.now() < deadline) await this.#pause(20);
    this.#stop.abort();
    this.#wake();
    await this.#loop;
    const left = [...this.#inFlight, ...this.#queue];
    this.#inFlight = [];
    this.#queue = [];
    let framesLost = 0;
    for (const block of left) if (!(await this.#ports.spool.append(block))) framesLost += block.header.count;
    while (this.#spooling > 0 && this.#ports.now() < deadline) await this.#pause(10);
    this.#ports.stream.close();
    return { framesLost };
  }

  get #busy(): boolean {
    return this.#queue.length > 0 || this.#inFlight.length > 0 || this.#spooling > 0;
  }

  #pause(ms: number): Promise<void> {
    return this.#ports.sleep(ms, new AbortController().signal);
  }

  #fits(block: EncodedBlock): boolean {
    return this.#queueBytes + block.record.length <= this.#bounds.queueMaxBytes;
  }

  #enqueue(block: EncodedBlock): void {
    this.#queue.push(block);
    this.#queueBytes += block.record.length;
    this.#wake();
  }

  /** To disk; where the disk has no room, to memory; where that has none, the block is lost. */
  #toSpool(block: EncodedBlock): void {
    this.#spooling++;
    void this.#ports.spool.append(block).then((kept) => {
      this.#spooling--;
      if (kept) this.#ports.onSafe(block.header);
      else if (this.#fits(block)) this.#enqueue(block);
      else this.#ports.onDropped(block.header);
      this.#wake();
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      if (this.#away !== undefined) {
        await this.#probe();
      } else if (this.#queue.length > 0) {
        await this.#publishLive();
        if (this.#away === undefined) await this.#drain(DRAIN_MAX_BLOCKS);
      } else if (this.#ports.spool.blocks > 0) {
        await this.#drain(DRAIN_MAX_BLOCKS);
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    }
  }

  async #publishLive(): Promise<void> {
    const blocks = takeRequest(this.#queue);
    this.#queue = this.#queue.slice(blocks.length);
    this.#inFlight = blocks;
    const left = await this.#send(blocks, this.#bounds.attempts);
    this.#queueBytes -= sumOfBytes(blocks);
    if (this.#stop.signal.aborted) {
      this.#inFlight = left;
      return;
    }
    this.#inFlight = [];
    if (left.length > 0) this.#goAway(left);
  }

  /** Kinesis stays away: what waits goes to disk, and one block at a time asks whether it is back. */
  #goAway(left: readonly EncodedBlock[]): void {
    this.#away = { since: this.#ports.now(), probes: 0 };
    const waiting = [...left, ...this.#queue];
    this.#queue = [];
    this.#queueBytes = 0;
    for (const block of waiting) this.#toSpool(block);
  }

  async #probe(): Promise<void> {
    const away = this.#away!;
    away.probes++;
    const wait = backoffMs(PROBE_BACKOFF, away.probes, this.#ports.random());
    await this.#ports.sleep(wait, this.#stop.signal).catch(() => undefined);
    if (this.#stop.signal.aborted) return;
    const answered = this.#ports.spool.blocks > 0 ? await this.#drain(1) : await this.#probeWithQueue();
    if (!answered) return;
    this.#away = undefined;
    const duration_ms = Math.round((this.#ports.now() - away.since) / 1_000);
    this.#ports.log('publish_recovered', { spool_blocks: this.#ports.spool.blocks, duration_ms });
    this.#ports.onRecovered();
  }

  async #probeWithQueue(): Promise<boolean> {
    const head = this.#queue[0];
    if (head === undefined) return false;
    const left = await this.#send([head], 1);
    if (left.length > 0) return false;
    this.#queue = this.#queue.slice(1);
    this.#queueBytes -= head.record.length;
    return true;
  }

  /** Sends the oldest spooled blocks; true where all of them were acknowledged. */
  async #drain(maxBlocks: number): Promise<boolean> {
    const { spool, log } = this.#ports;
    const oldest = await spool.oldest(maxBlocks, DRAIN_MAX_BYTES);
    if (oldest.length === 0) return true;
    this.#draining ??= { since: this.#ports.now(), blocks: 0 };
    const left = new Set(
      await this.#send(
        oldest.map(({ block }) => block),
        this.#away === undefined ? this.#bounds.attempts : 1,
      ),
    );
    for (const { number, block } of oldest) {
      if (left.has(block)) continue;
      await spool.remove(number);
      this.#draining.blocks++;
    }
    if (spool.blocks === 0) {
      const duration_ms = Math.round((this.#ports.now() - this.#draining.since) / 1_000);
      log('spool_drained', { blocks: this.#draining.blocks, duration_ms });
      this.#draining = undefined;
    }
    if (left.size > 0 && this.#away === undefined) this.#goAway([]);
    return left.size === 0;
  }

  /** Sends until all are acknowledged or the attempts are used up; returns those that are not. */
  async #send(blocks: readonly EncodedBlock[], attempts: number): Promise<readonly EncodedBlock[]> {
    let left = blocks;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#request(left, attempt);
      left = outcome.left;
      if (left.length === 0 || outcome.failure === undefined || this.#stop.signal.aborted) return left;
      const { retry } = FAILURE_CLASSES[outcome.failure.class];
      if (attempt >= attempts || retry === 'no' || retry === 'slow') {
        if (this.#away === undefined) this.#logFailed(left, attempt, outcome.failure);
        return left;
      }
      const policy = BACKOFF_POLICIES[retry];
      const asked = backoffMs(policy, attempt, this.#ports.random(), outcome.failure.retryAfterMs);
      const backoff_ms = Math.min(asked, RETRY_WAIT_MAX_MS);
      this.#ports.log('publish_retry', { blocks: left.length, attempt, backoff_ms, ...whatFailed(outcome.failure) });
      await this.#ports.sleep(backoff_ms, this.#stop.signal).catch(() => undefined);
      if (this.#stop.signal.aborted) return left;
    }
  }

  async #request(
    blocks: readonly EncodedBlock[],
    attempt: number,
  ): Promise<{ readonly left: readonly EncodedBlock[]; readonly failure?: Failure }> {
    const startedAt = this.#ports.now();
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(this.#bounds.timeoutMs)]);
    try {
      const records = blocks.map(({ header, record }) => ({ data: record, partitionKey: header.session_id }));
      const failures = await this.#ports.stream.put(records, signal);
      const failed = new Set(failures.map(({ index }) => index));
      const taken = blocks.filter((_, index) => !failed.has(index));
      this.#acknowledge(taken, startedAt, attempt);
      const left = blocks.filter((_, index) => failed.has(index));
      const first = failures[0];
      return first === undefined ? { left } : { left, failure: classify({ name: first.code, message: first.message }) };
    } catch (error) {
      return { left: blocks, failure: classify(signal.aborted ? (signal.reason as unknown) : error) };
    }
  }

  #acknowledge(blocks: readonly EncodedBlock[], startedAt: number, attempt: number): void {
    if (blocks.length === 0) return;
    this.#lastAck_us = this.#ports.now();
    const frames = sumOfFrames(blocks);
    this.#framesSafe += frames;
    for (const { header } of blocks) this.#ports.onSafe(header);
    this.#ports.log('publish_ok', {
      blocks: blocks.length,
      frames,
      bytes: sumOfBytes(blocks),
      duration_ms: Math.round((this.#lastAck_us - startedAt) / 1_000),
      attempt,
    });
  }

  #logFailed(left: readonly EncodedBlock[], attempts: number, failure: Failure): void {
    this.#ports.log('publish_failed', {
      blocks: left.length,
      frames: sumOfFrames(left),
      attempts,
      ...whatFailed(failure),
    });
  }
}

/** The longest head of the queue that one PutRecords may carry. */
function takeRequest(queue: readonly EncodedBlock[]): readonly EncodedBlock[] {
  let bytes = 0;
  let count = 0;
  for (const { record } of queue) {
    bytes += record.length + RECORD_OVERHEAD_BYTES;
    if (count === PUT_RECORDS_MAX_RECORDS || (count > 0 && bytes > PUT_RECORDS_MAX_BYTES)) break;
    count++;
  }
  return queue.slice(0, count);
}

function sumOfFrames(blocks: readonly EncodedBlock[]): number {
  return blocks.reduce((sum, { header }) => sum + header.count, 0);
}

function sumOfBytes(blocks: readonly EncodedBlock[]): number {
  return blocks.reduce((sum, { record }) => sum + record.length, 0);
}
