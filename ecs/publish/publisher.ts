import { BACKOFF_POLICIES, backoffMs } from '../../core/failure/backoff.ts';
import type { BlockHeader, EncodedBlock } from '../../core/tape/block.ts';
import { markerBlocks } from './marker-blocks.ts';
import { sumOfBytes, sumOfFrames, takeRequest } from './request.ts';
import { Sender, type SenderPorts } from './sender.ts';
import type { Spool } from './spool.ts';

export interface PublisherBounds {
  /** Encoded blocks held in memory, bytes; beyond it they go to the spool. As much again may be on its way to the disk. */
  readonly queueMaxBytes: number;
  readonly timeoutMs: number;
  readonly attempts: number;
}

/** The spool, as far as the publisher needs it. */
export type BlockStore = Pick<Spool, 'append' | 'oldest' | 'remove' | 'blocks' | 'frames' | 'oldestTs'>;

export interface PublisherPorts extends Omit<SenderPorts, 'onAcknowledged'> {
  readonly spool: BlockStore;
  /** The block is safe: acknowledged, or on disk. */
  readonly onSafe: (header: BlockHeader) => void;
  /** The block is lost, its frames at least: neither Kinesis nor the disk takes it and memory has no room. */
  readonly onDropped: (header: BlockHeader) => void;
  /** Blocks are kept again after some were dropped. */
  readonly onRecovered: () => void;
}

const CLOSE_POLL_MS = 10;
const NEVER = new AbortController().signal;
/** How often Kinesis is tried while it is away. */
const PROBE_BACKOFF = { ...BACKOFF_POLICIES.short, baseMs: 500, capMs: 5_000, jitter: 'equal' } as const;
/** Spooled blocks sent between two requests of live data: draining never starves them. */
const DRAIN_MAX_BLOCKS = 50;
const DRAIN_MAX_BYTES = 1_048_576;
/** At least this long for the last writes to the disk, when the process ends. */
const LAST_WRITES_MS = 2_000;

/**
 * Brings blocks to Kinesis: live ones first, spooled ones behind them. `offer` never waits, so the socket is always
 * drained. One loop owns all requests.
 */
export class Publisher {
  readonly #bounds: PublisherBounds;
  readonly #ports: PublisherPorts;
  readonly #sender: Sender;
  #queue: EncodedBlock[] = [];
  #queueBytes = 0;
  #inFlight: readonly EncodedBlock[] = [];
  /** On their way to the disk, oldest first. */
  readonly #spooling = new Set<EncodedBlock>();
  #spoolingBytes = 0;
  #dropping = false;
  #closing = false;
  /** Undefined: Kinesis answers. */
  #away: { readonly since: number; probes: number } | undefined;
  #draining: { readonly since: number; blocks: number } | undefined;
  #wake: () => void = () => undefined;
  #loop: Promise<void> | undefined;

  constructor(bounds: PublisherBounds, ports: PublisherPorts) {
    this.#bounds = bounds;
    this.#ports = ports;
    this.#sender = new Sender(bounds.timeoutMs, { ...ports, onAcknowledged: ports.onSafe });
  }

  /** Frames acknowledged by Kinesis since the start. */
  get framesAcknowledged(): number {
    return this.#sender.framesAcknowledged;
  }

  /** Microseconds since 1970; 0 before the first. */
  get lastAckTs(): number {
    return this.#sender.lastAckTs;
  }

  /** Frames of this run that Kinesis has not acknowledged, on disk too. */
  get framesWaiting(): number {
    const inMemory = sumOfFrames(this.#queue) + sumOfFrames(this.#inFlight) + sumOfFrames([...this.#spooling]);
    return inMemory + this.#ports.spool.frames;
  }

  /** Microseconds since 1970 of the oldest entry that Kinesis has not acknowledged; undefined where there is none. */
  get oldestTs(): number | undefined {
    const candidates = [
      this.#inFlight[0]?.header.first_recv_ts,
      this.#queue[0]?.header.first_recv_ts,
      this.#spooling.values().next().value?.header.first_recv_ts,
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

  /**
   * Waits until nothing is in memory, `timeoutMs` at most; what is left then goes to the spool, in what is left of that
   * time or a little more. Ends the loop. Resolves to the frames that neither Kinesis nor the disk took.
   */
  async close(timeoutMs: number): Promise<{ readonly framesLost: number }> {
    const deadline = this.#ports.now() + timeoutMs * 1_000;
    await this.#until(() => !this.#isSending || this.#isAway(), deadline);
    this.#closing = true;
    this.#sender.stop();
    this.#wake();
    // A request that is cut off here sends its blocks to the spool.
    await this.#loop;
    const left = this.#queue;
    this.#queue = [];
    this.#queueBytes = 0;
    for (const block of left) this.#toSpool(block);
    const lastWrites = Math.max(deadline, this.#ports.now() + LAST_WRITES_MS * 1_000);
    await this.#until(() => this.#spooling.size === 0, lastWrites);
    // What the disk refused is lost when the process ends.
    for (const block of this.#queue) this.#rescueMarkers(block);
    await this.#until(() => this.#spooling.size === 0, lastWrites);
    this.#sender.close();
    return { framesLost: sumOfFrames(this.#queue) + sumOfFrames([...this.#spooling]) };
  }

  /** A method, because it changes between two looks at it and the compiler believes it cannot. */
  #isAway(): boolean {
    return this.#away !== undefined;
  }

  #isStopped(): boolean {
    return this.#sender.stopped.aborted;
  }

  get #isSending(): boolean {
    return this.#queue.length > 0 || this.#inFlight.length > 0 || this.#spooling.size > 0;
  }

  async #until(holds: () => boolean, deadline: number): Promise<void> {
    while (!holds() && this.#ports.now() < deadline) await this.#wait(CLOSE_POLL_MS, NEVER);
  }

  /** Ends early where the signal aborts. */
  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    await this.#ports.sleep(ms, signal).catch(() => undefined);
  }

  #fits(block: EncodedBlock): boolean {
    return this.#queueBytes + block.record.length <= this.#bounds.queueMaxBytes;
  }

  #enqueue(block: EncodedBlock): void {
    this.#queue.push(block);
    this.#queueBytes += block.record.length;
    this.#wake();
  }

  /** To disk; where the disk has no room or is slow, to memory; where that has none, the block is lost. */
  #toSpool(block: EncodedBlock): void {
    const bytes = block.record.length;
    if (!this.#closing && this.#spoolingBytes + bytes > this.#bounds.queueMaxBytes) return this.#toMemory(block);
    this.#spooling.add(block);
    this.#spoolingBytes += bytes;
    void this.#ports.spool.append(block).then((kept) => {
      this.#spooling.delete(block);
      this.#spoolingBytes -= bytes;
      if (kept) this.#ports.onSafe(block.header);
      else this.#toMemory(block);
      this.#wake();
    });
  }

  #toMemory(block: EncodedBlock): void {
    if (this.#closing || this.#fits(block)) this.#enqueue(block);
    else this.#drop(block);
  }

  /** The frames are lost, and the recorder tells their hole. */
  #drop(block: EncodedBlock): void {
    this.#dropping = true;
    this.#ports.onDropped(block.header);
    this.#rescueMarkers(block);
  }

  /** Markers tell of other holes: they are small and get a try of their own. */
  #rescueMarkers(block: EncodedBlock): void {
    if (block.header.count === 0) return;
    for (const markers of markerBlocks(block)) this.#toSpool(markers);
  }

  /** Half of the memory is free again: what comes now will be kept. */
  #tellRecovered(): void {
    if (!this.#dropping || this.#queueBytes > this.#bounds.queueMaxBytes / 2) return;
    this.#dropping = false;
    this.#ports.onRecovered();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped()) {
      if (this.#isAway()) await this.#probe();
      else if (this.#queue.length > 0 || this.#ports.spool.blocks > 0) await this.#publish();
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async #publish(): Promise<void> {
    if (this.#queue.length > 0) await this.#publishLive();
    if (this.#isAway() || this.#isStopped()) return;
    if (this.#ports.spool.blocks > 0) await this.#drain(DRAIN_MAX_BLOCKS);
    if (!this.#isAway()) this.#tellRecovered();
  }

  async #publishLive(): Promise<void> {
    const blocks = takeRequest(this.#queue);
    this.#queue = this.#queue.slice(blocks.length);
    this.#inFlight = blocks;
    const left = await this.#send(blocks);
    this.#queueBytes -= sumOfBytes(blocks);
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
    await this.#wait(backoffMs(PROBE_BACKOFF, away.probes, this.#ports.random()), this.#sender.stopped);
    if (this.#isStopped()) return;
    const answered = this.#ports.spool.blocks > 0 ? (await this.#drain(1)) > 0 : await this.#probeWithQueue();
    if (!answered) return;
    this.#away = undefined;
    const duration_ms = Math.round((this.#ports.now() - away.since) / 1_000);
    this.#ports.log('publish_recovered', { spool_blocks: this.#ports.spool.blocks, duration_ms });
    this.#tellRecovered();
  }

  async #probeWithQueue(): Promise<boolean> {
    const head = this.#queue[0];
    if (head === undefined) return false;
    const left = await this.#send([head]);
    if (left.length > 0) return false;
    this.#queue = this.#queue.filter((block) => block !== head);
    this.#queueBytes -= head.record.length;
    return true;
  }

  /** Sends the oldest spooled blocks; returns how many were acknowledged. */
  async #drain(maxBlocks: number): Promise<number> {
    const { spool, log } = this.#ports;
    const oldest = await spool.oldest(maxBlocks, DRAIN_MAX_BYTES);
    if (oldest.length === 0) return 0;
    this.#draining ??= { since: this.#ports.now(), blocks: 0 };
    const left = new Set(await this.#send(oldest.map(({ block }) => block)));
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
    if (left.size > 0 && this.#away === undefined && !this.#isStopped()) this.#goAway([]);
    return oldest.length - left.size;
  }

  /** Returns what was not acknowledged. While Kinesis is away, one attempt asks whether it is back. */
  async #send(blocks: readonly EncodedBlock[]): Promise<readonly EncodedBlock[]> {
    const isAway = this.#isAway();
    return await this.#sender.send(blocks, { attempts: isAway ? 1 : this.#bounds.attempts, tells: !isAway });
  }
}
