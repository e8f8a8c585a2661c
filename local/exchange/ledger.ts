/** What one connection was sent: frames handed to its socket, in order. What was in flight when it broke counts as sent. */
export interface SentRecord {
  readonly connection: number;
  /** Undefined where no key is asked for. */
  readonly keyId: string | undefined;
  readonly opened_ts: string;
  /** Undefined while open. */
  readonly closed_ts: string | undefined;
  readonly frames: number;
  readonly bytes: number;
  /** With keepSent: every frame as sent. */
  readonly raws: readonly string[] | undefined;
}

/** Frames that keepSent keeps per connection; more throws, for a ledger with a hole proves nothing. */
const KEPT_FRAMES_MAX = 5_000_000;

export class Ledger {
  frames = 0;
  bytes = 0;
  closedAt: Date | undefined;
  readonly #connection: number;
  readonly #keyId: string | undefined;
  readonly #openedAt: Date;
  readonly #raws: string[] | undefined;

  constructor(connection: number, keyId: string | undefined, openedAt: Date, keepSent: boolean) {
    this.#connection = connection;
    this.#keyId = keyId;
    this.#openedAt = openedAt;
    this.#raws = keepSent ? [] : undefined;
  }

  add(raw: string, bytes: number): void {
    this.frames++;
    this.bytes += bytes;
    if (this.#raws === undefined) return;
    if (this.#raws.length >= KEPT_FRAMES_MAX)
      throw new RangeError(`keepSent keeps ${KEPT_FRAMES_MAX} frames per connection`);
    this.#raws.push(raw);
  }

  record(): SentRecord {
    return {
      connection: this.#connection,
      keyId: this.#keyId,
      opened_ts: this.#openedAt.toISOString(),
      closed_ts: this.closedAt?.toISOString(),
      frames: this.frames,
      bytes: this.bytes,
      raws: this.#raws === undefined ? undefined : [...this.#raws],
    };
  }
}
