import { BACKOFF_POLICIES, backoffMs } from '../../core/failure/backoff.ts';
import { FAILURE_CLASSES } from '../../core/failure/classes.ts';
import { classify } from '../../core/failure/classify.ts';
import type { Failure } from '../../core/failure/failure.ts';
import type { EventLog } from '../../core/logging/event-log.ts';
import { whatFailed } from '../../core/logging/what-failed.ts';
import type { BlockHeader, EncodedBlock } from '../../core/tape/block.ts';
import type { RecordFailure, RecordStream, StreamRecord } from './kinesis.ts';
import { PublishSums } from './publish-sums.ts';
import { sumOfBytes, sumOfFrames } from './request.ts';

export interface SenderPorts {
  readonly stream: RecordStream;
  readonly log: EventLog;
  /** Microseconds since 1970. */
  readonly now: () => number;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Kinesis acknowledged the block. */
  readonly onAcknowledged: (header: BlockHeader) => void;
}

/** How hard one list of blocks is tried. */
export interface Effort {
  readonly attempts: number;
  /** Giving up is news. */
  readonly tells: boolean;
}

/** The longest wait between attempts of one request, while it still counts as a hiccup. */
const RETRY_WAIT_MAX_MS = 2_000;

/**
 * Sends blocks as PutRecords requests, only what failed again, each request bounded in time. A timeout may have succeeded:
 * the block then is on the stream twice, under one block id, and the sink lands it once.
 */
export class Sender {
  readonly #timeoutMs: number;
  readonly #ports: SenderPorts;
  readonly #stop = new AbortController();
  readonly #sums = new PublishSums();
  #framesAcknowledged = 0;
  #lastAck_us = 0;

  constructor(timeoutMs: number, ports: SenderPorts) {
    this.#timeoutMs = timeoutMs;
    this.#ports = ports;
  }

  /** Frames acknowledged by Kinesis since the start. */
  get framesAcknowledged(): number {
    return this.#framesAcknowledged;
  }

  /** Microseconds since 1970; 0 before the first. */
  get lastAckTs(): number {
    return this.#lastAck_us;
  }

  /** Aborted by `stop`. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  /** Cuts off what is being sent: nobody knows what of it was taken. */
  stop(): void {
    this.#stop.abort();
  }

  /** Ends the stream's client; tells what was published since it was last told. */
  close(): void {
    this.#ports.stream.close();
    const rest = this.#sums.rest(this.#ports.now());
    if (rest !== undefined) this.#ports.log('publish_ok', rest);
  }

  /** Sends until all are acknowledged or the attempts are used up; returns those that are not. */
  async send(blocks: readonly EncodedBlock[], { attempts, tells }: Effort): Promise<readonly EncodedBlock[]> {
    let left = blocks;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#request(left, attempt);
      left = outcome.left;
      if (left.length === 0 || outcome.failure === undefined || this.#isStopped()) return left;
      const { retry } = FAILURE_CLASSES[outcome.failure.class];
      if (attempt >= attempts || retry === 'no' || retry === 'slow') {
        if (tells) this.#logFailed(left, attempt, outcome.failure);
        return left;
      }
      const policy = BACKOFF_POLICIES[retry];
      const asked = backoffMs(policy, attempt, this.#ports.random(), outcome.failure.retryAfterMs);
      const backoff_ms = Math.min(asked, RETRY_WAIT_MAX_MS);
      this.#ports.log('publish_retry', { blocks: left.length, attempt, backoff_ms, ...whatFailed(outcome.failure) });
      await this.#wait(backoff_ms, this.#stop.signal);
      if (this.#isStopped()) return left;
    }
  }

  /** A method, because it changes between two looks at it and the compiler believes it cannot. */
  #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  async #request(
    blocks: readonly EncodedBlock[],
    attempt: number,
  ): Promise<{ readonly left: readonly EncodedBlock[]; readonly failure?: Failure }> {
    const startedAt = this.#ports.now();
    try {
      const records = blocks.map(({ header, record }) => ({ data: record, partitionKey: header.session_id }));
      const failures = await this.#put(records);
      const failed = new Set(failures.map(({ index }) => index));
      const taken = blocks.filter((_, index) => !failed.has(index));
      this.#acknowledge(taken, startedAt, attempt);
      const left = blocks.filter((_, index) => failed.has(index));
      const first = failures[0];
      return first === undefined ? { left } : { left, failure: classify({ name: first.code, message: first.message }) };
    } catch (error) {
      return { left: blocks, failure: classify(error) };
    }
  }

  /** One request, bounded in time whatever the client does: where it is overdue or we stop, nobody knows what was taken. */
  async #put(records: readonly StreamRecord[]): Promise<readonly RecordFailure[]> {
    const request = new AbortController();
    const answered = new AbortController();
    const overdue = async (): Promise<never> => {
      await this.#wait(this.#timeoutMs, AbortSignal.any([this.#stop.signal, answered.signal]));
      const error = this.#isStopped() ? new Error('the recorder stops') : new Error('no answer came in time');
      error.name = this.#isStopped() ? 'AbortError' : 'TimeoutError';
      request.abort(error);
      throw error;
    };
    try {
      return await Promise.race([this.#ports.stream.put(records, request.signal), overdue()]);
    } finally {
      answered.abort();
    }
  }

  /** Ends early where the signal aborts. */
  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    await this.#ports.sleep(ms, signal).catch(() => undefined);
  }

  #acknowledge(blocks: readonly EncodedBlock[], startedAt: number, attempt: number): void {
    if (blocks.length === 0) return;
    const { log, now, onAcknowledged } = this.#ports;
    this.#lastAck_us = now();
    const rows = sumOfFrames(blocks);
    this.#framesAcknowledged += rows;
    const duration_ms = Math.round((this.#lastAck_us - startedAt) / 1_000);
    for (const { header, record } of blocks) {
      const { session_id, block_id, count } = header;
      onAcknowledged(header);
      log('block_published', { session_id, block_id, rows: count, bytes: record.length, attempt, duration_ms });
    }
    const published = { blocks: blocks.length, rows, bytes: sumOfBytes(blocks), duration_ms };
    const due = this.#sums.add(published, this.#lastAck_us);
    if (due !== undefined) log('publish_ok', due);
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
