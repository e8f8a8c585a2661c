export interface Totals {
  readonly received: number;
  /** Taken by Kinesis. */
  readonly published: number;
  readonly dropped: number;
  /** Runs that ended without a word: what they had received since their last heartbeat is not in these numbers. */
  readonly crashes: number;
}

/** Without a heartbeat for this long, five of them locally, what the last one said is not said of now. */
const SILENT_AFTER_MS = 5_000;

const NOTHING: Totals = { received: 0, published: 0, dropped: 0, crashes: 0 };

/** What the supervisor reads off the streamer's own log lines, as an operator would. */
export class StreamerWatch {
  readonly sessions: string[] = [];
  readonly #lineOf = new Map<string, Record<string, unknown>>();
  /** Of runs that ended, and of the one that lives, up to its last heartbeat. */
  #before = NOTHING;
  #now = NOTHING;
  #isRunning = false;
  readonly #clock_ms: () => number;
  #beatAt_ms: number | undefined;

  /** `clock_ms`: milliseconds since any instant. */
  constructor(clock_ms: () => number = () => performance.now()) {
    this.#clock_ms = clock_ms;
  }

  /** One line of stdout. Lines that are not ours are left alone. */
  read(line: string): void {
    const entry = parse(line);
    const event = entry?.['event'];
    if (entry === undefined || typeof event !== 'string') return;
    this.#lineOf.set(event, entry);
    if (event === 'ws_connected') this.sessions.push(String(entry['session_id']));
    if (event === 'startup_config') {
      const crashed = this.#isRunning ? { ...this.#now, crashes: 1 } : this.#now;
      this.#before = sumOf(this.#before, crashed);
      this.#now = NOTHING;
      this.#isRunning = true;
    }
    if (event === 'shutdown_complete') this.#isRunning = false;
    if (event === 'heartbeat') {
      this.#beatAt_ms = this.#clock_ms();
      this.#now = {
        received: Number(entry['frames_received_total']),
        published: Number(entry['rows_written_total']),
        dropped: Number(entry['dropped_frames_total']),
        crashes: 0,
      };
    }
  }

  /** Frames of all runs of the streamer, up to the last heartbeat of each. */
  get totals(): Totals {
    return sumOf(this.#before, this.#now);
  }

  /** A number of the newest heartbeat; 0 before the first. */
  count(field: string): number {
    return Number(this.#lineOf.get('heartbeat')?.[field] ?? 0);
  }

  /** Seconds since the last heartbeat; 0 while they come, and before the first. */
  get silent_sec(): number {
    const now_ms = this.#clock_ms();
    const silent_ms = now_ms - (this.#beatAt_ms ?? now_ms);
    return silent_ms < SILENT_AFTER_MS ? 0 : silent_ms / 1_000;
  }

  get ws_state(): string {
    if (this.silent_sec > 0) return `unknown: the streamer is silent for ${Math.floor(this.silent_sec)} s`;
    const state = this.#lineOf.get('heartbeat')?.['ws_state'];
    return typeof state === 'string' ? state : 'starting';
  }
}

function sumOf(a: Totals, b: Totals): Totals {
  return {
    received: a.received + b.received,
    published: a.published + b.published,
    dropped: a.dropped + b.dropped,
    crashes: a.crashes + b.crashes,
  };
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
