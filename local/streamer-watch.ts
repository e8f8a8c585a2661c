/** What the supervisor reads off the streamer's own log lines, as an operator would. */
export class StreamerWatch {
  readonly sessions: string[] = [];
  readonly #lineOf = new Map<string, Record<string, unknown>>();
  #receivedBefore = 0;
  #received = 0;
  #dropped = 0;

  /** One line of stdout. Lines that are not ours are left alone. */
  read(line: string): void {
    const entry = parse(line);
    const event = entry?.['event'];
    if (entry === undefined || typeof event !== 'string') return;
    this.#lineOf.set(event, entry);
    if (event === 'ws_connected') this.sessions.push(String(entry['session_id']));
    if (event === 'startup_config') {
      this.#receivedBefore += this.#received;
      this.#received = 0;
    }
    if (event === 'heartbeat') {
      this.#received = Number(entry['frames_received_total']);
      this.#dropped = Number(entry['dropped_frames_total']);
    }
  }

  /** Frames received, of all runs of the streamer, up to its last heartbeat. */
  get received(): number {
    return this.#receivedBefore + this.#received;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** A number of the newest heartbeat; 0 before the first. */
  count(field: string): number {
    return Number(this.#lineOf.get('heartbeat')?.[field] ?? 0);
  }

  get ws_state(): string {
    const state = this.#lineOf.get('heartbeat')?.['ws_state'];
    return typeof state === 'string' ? state : 'starting';
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
