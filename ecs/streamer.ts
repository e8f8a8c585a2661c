import { createHash } from 'node:crypto';
import type { StreamerEnv } from '../core/contract/streamer-env.ts';
import type { Credential } from '../core/kalshi/signature.ts';
import type { EventLog } from '../core/logging/event-log.ts';
import type { KeptBack } from '../core/logging/gate.ts';
import type { BlockHeader, EncodedBlock } from '../core/tape/block.ts';
import { MicroClock } from './clock.ts';
import { HealthFile } from './health-file.ts';
import { type Counters, Heartbeat } from './heartbeat.ts';
import { aboutError } from './log/about-error.ts';
import type { ReceivedFrame } from './log/frame-log.ts';
import type { RecordStream } from './publish/kinesis.ts';
import { Publisher } from './publish/publisher.ts';
import { Spool } from './publish/spool.ts';
import type { RunState } from './run-state.ts';
import { perTurn } from './per-turn.ts';
import { Connection } from './session/connection.ts';
import { plansOf } from './session/plan.ts';
import type { SessionPlan } from './session/state.ts';

export interface StreamerPorts {
  readonly credential: Credential;
  readonly stream: RecordStream;
  readonly runState: RunState;
  readonly log: EventLog;
  readonly version: string;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Lines that the log kept back since the start. */
  readonly logKeptBack?: () => KeptBack;
  /** Hears every frame, in the hot path: leave it out where nobody listens. */
  readonly onFrame?: ((frame: ReceivedFrame) => void) | undefined;
}

/** How often time is told to the connections: the grain of block age, timeouts and silence. */
const TICK_MS = 50;
const ANCHOR_EVERY_MS = 1_000;
const NOTHING_KEPT_BACK: KeptBack = { lines: 0, bytes: 0 };

/** The recorder: connections → blocks → publisher, and a heartbeat whatever happens. */
export class Streamer {
  readonly #env: StreamerEnv;
  readonly #ports: StreamerPorts;
  readonly #clock = new MicroClock();
  readonly #heartbeat: Heartbeat;
  readonly #health: HealthFile | undefined;
  readonly #spool: Spool;
  readonly #publisher: Publisher;
  readonly #connections: readonly Connection[];
  readonly #timers: NodeJS.Timeout[] = [];
  #gaps = 0;
  #framesDropped = 0;
  #dropping = false;

  private constructor(env: StreamerEnv, ports: StreamerPorts, spool: Spool) {
    this.#env = env;
    this.#ports = { ...ports, log: this.#watched(ports.log) };
    this.#spool = spool;
    const now = (): number => this.#clock.now();
    this.#heartbeat = new Heartbeat(now());
    this.#health = env.HEALTH_FILE === '' ? undefined : new HealthFile(env.HEALTH_FILE);
    const { log, random, sleep, stream } = this.#ports;
    this.#publisher = new Publisher(
      {
        queueMaxBytes: env.PUBLISH_QUEUE_MAX_MB * 1_048_576,
        timeoutMs: env.PUBLISH_TIMEOUT_MS,
        attempts: env.PUBLISH_ATTEMPTS,
      },
      {
        stream,
        spool,
        log,
        now,
        random,
        sleep,
        onSafe: (header) => ports.runState.safe(header, Date.now()),
        onDropped: (header) => this.#onDropped(header),
        onRecovered: () => this.#onRecovered(),
      },
    );
    const bounds = {
      rows: env.FLUSH_ROWS_THRESHOLD,
      rawBytes: env.FLUSH_BYTES_THRESHOLD,
      age_us: env.FLUSH_SECS_THRESHOLD * 1e6,
    };
    this.#connections = plansOf(env, ports.version).map((plan) => {
      const { connection: number } = plan;
      const share = shareOf(plan);
      const connectionPorts = {
        credential: ports.credential,
        recorder_id: env.RECORDER_ID,
        bounds,
        log,
        now: perTurn(now),
        wall_ms: () => Date.now(),
        random,
        onBlock: (block: EncodedBlock) => {
          ports.runState.cut(number, share, block.header);
          this.#publisher.offer(block);
        },
        onFrameLost: () => {
          this.#framesDropped++;
        },
        onDroppedTold: () => ports.runState.told(number),
        onFrame: ports.onFrame,
      };
      return new Connection(plan, ports.runState.before(number, share), connectionPorts);
    });
  }

  /** Opens the spool; connects with `start`. */
  static async create(env: StreamerEnv, ports: StreamerPorts): Promise<Streamer> {
    const spool = await Spool.open(env.SPOOL_DIR, env.SPOOL_MAX_MB * 1_048_576, {
      onUnavailable: (error) => ports.log('spool_unavailable', { spool_dir: env.SPOOL_DIR, ...aboutError(error) }),
      onDamaged: (file, reason) => ports.log('spool_damaged', { block_id: file, reason }),
    });
    return new Streamer(env, ports, spool);
  }

  start(): void {
    const { blocks, bytes } = this.#spool;
    if (blocks > 0) this.#ports.log('spool_recovered', { blocks, bytes });
    this.#publisher.start();
    this.#every(this.#env.HEARTBEAT_SECONDS * 1_000, () => this.beat());
    this.#every(ANCHOR_EVERY_MS, () => this.#clock.anchor());
    this.#every(TICK_MS, () => this.#tick());
    for (const connection of this.#connections) connection.start();
  }

  /** Frames received that would be lost if the process ended now. */
  get framesInMemory(): number {
    return this.#framesWaiting() - this.#spool.frames;
  }

  beat(): void {
    this.#ports.log('heartbeat', this.#heartbeat.beat(this.#counters(), this.#clock.now()));
  }

  /** Stops reading, flushes, says how it went. Resolves to the frames that could be neither published nor spooled. */
  async stop(reason: string): Promise<number> {
    const startedAt = this.#clock.now();
    const { log, runState } = this.#ports;
    log('shutdown_requested', { reason, rows_buffered: this.#framesWaiting(), spool_blocks: this.#spool.blocks });
    this.#timers.forEach((timer) => clearInterval(timer));
    for (const connection of this.#connections) connection.stop();
    const { framesLost } = await this.#publisher.close(this.#env.SHUTDOWN_TIMEOUT_MS);
    this.beat();
    this.#heartbeat.close();
    runState.write(framesLost === 0);
    if (framesLost > 0) {
      log('shutdown_forced', {
        reason: 'neither Kinesis nor the spool took the last frames',
        rows_buffered: framesLost,
      });
    } else {
      log('shutdown_complete', {
        duration_ms: Math.round((this.#clock.now() - startedAt) / 1_000),
        rows_written_total: this.#publisher.framesAcknowledged,
        rows_buffered: 0,
        spool_blocks: this.#spool.blocks,
        exit_code: 0,
      });
    }
    return framesLost;
  }

  #tick(): void {
    for (const connection of this.#connections) connection.tick();
    if (this.#health === undefined || this.#live() === 0) return;
    this.#health.alive(this.#wsState(), Date.now());
  }

  #live(): number {
    return this.#connections.filter(({ stateName }) => stateName === 'live').length;
  }

  #wsState(): string {
    return worstOf(this.#connections.map(({ stateName }) => stateName));
  }

  #every(ms: number, action: () => void): void {
    this.#timers.push(setInterval(action, ms));
  }

  #onDropped(header: BlockHeader): void {
    const { session_id, first_frame_no, last_frame_no, first_recv_ts, count } = header;
    this.#framesDropped += count;
    if (!this.#dropping) {
      this.#dropping = true;
      const bytes = header.raw_bytes;
      this.#ports.log('ws_frame_dropped', { session_id, reason: 'spool_full', frames: count, bytes });
    }
    const number = this.#ports.runState.dropped(header);
    const connection = this.#connections.find((candidate) => candidate.number === number);
    connection?.drop({ session_id, first_frame_no, last_frame_no, from_ts: first_recv_ts });
  }

  #onRecovered(): void {
    this.#dropping = false;
    for (const connection of this.#connections) connection.recovered();
  }

  #framesWaiting(): number {
    return this.#publisher.framesWaiting + sum(this.#connections.map((connection) => connection.framesGathered));
  }

  #counters(): Counters {
    const connections = this.#connections;
    const oldest = [this.#publisher.oldestTs, ...connections.map((connection) => connection.oldestTs)];
    const waiting = oldest.filter((ts) => ts !== undefined);
    return {
      recorder_id: this.#env.RECORDER_ID,
      framesReceived: sum(connections.map((connection) => connection.framesReceived)),
      framesAcknowledged: this.#publisher.framesAcknowledged,
      framesWaiting: this.#framesWaiting(),
      framesDropped: this.#framesDropped,
      oldestWaitingTs: waiting.length === 0 ? undefined : Math.min(...waiting),
      lastAckTs: this.#publisher.lastAckTs,
      lastDataFrames: connections.map(({ lastData }) => lastData).filter((frame) => frame !== undefined),
      logKeptBack: this.#ports.logKeptBack?.() ?? NOTHING_KEPT_BACK,
      ws_state: this.#wsState(),
      sessions: this.#live(),
      reconnects_total: sum(connections.map((connection) => connection.lost)),
      gaps_open: sum(connections.map((connection) => connection.openHoles)),
      gaps_total: this.#gaps,
      spool_blocks: this.#spool.blocks,
      spool_bytes: this.#spool.bytes,
    };
  }

  /** The log, with holes counted on their way. */
  #watched(log: EventLog): EventLog {
    return (event, fields) => {
      if (event === 'ws_gap') this.#gaps++;
      log(event, fields);
    };
  }
}

/** The state furthest from live is what a person must know. */
const BY_SEVERITY = ['stopped', 'idle', 'waiting', 'connecting', 'closing', 'live'] as const;

function worstOf(names: readonly (typeof BY_SEVERITY)[number][]): string {
  return BY_SEVERITY.find((name) => names.includes(name)) ?? 'idle';
}

/** Names what a connection records: another list of markets or channels is another share. */
function shareOf({ channels, markets }: SessionPlan): string {
  return createHash('sha256')
    .update(JSON.stringify([channels, markets]))
    .digest('hex')
    .slice(0, 16);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
