import type { KeptBack } from '../../core/logging/gate.ts';

/** The descriptor and time, as far as Stdout needs them. */
export interface StdoutPorts {
  /** One write that never waits; returns the bytes taken. Throws EAGAIN where the reader is behind, or what else failed. */
  readonly writeSome: (bytes: Uint8Array) => number;
  readonly later: (action: () => void, ms: number) => void;
  /** Holds up the whole thread: for the end of the process only. */
  readonly pause: (ms: number) => void;
}

/** Lines that wait for a reader who is behind, bytes; beyond it the oldest are lost and counted. */
const QUEUE_MAX_BYTES = 1_048_576;
const RETRY_MS = 20;
const NEWLINE = Buffer.from('\n');

/**
 * Lines to stdout. What the reader takes is written at once, in the same turn: a crash line is out before the process is.
 * A reader who is slow, gone or a full disk never holds up or ends the recording; lines it cost are counted.
 */
export class Stdout {
  readonly #ports: StdoutPorts;
  /** The line that is on its way, and how many of its bytes are out. */
  #current: Buffer | undefined;
  #out = 0;
  /** Behind it, from `#first` on. */
  #queue: Buffer[] = [];
  #first = 0;
  #queuedBytes = 0;
  /** The last line that is out was cut off: the next one begins on a line of its own. */
  #torn = false;
  #waiting = false;
  #lines = 0;
  #bytes = 0;

  constructor(ports: StdoutPorts) {
    this.#ports = ports;
  }

  /** Lines that did not get out since the start. */
  get lost(): KeptBack {
    return { lines: this.#lines, bytes: this.#bytes };
  }

  readonly write = (line: string): void => {
    const bytes = Buffer.from(line);
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    while (this.#queuedBytes > QUEUE_MAX_BYTES) this.#lose(this.#next()!);
    if (!this.#waiting) this.#send();
  };

  /** Waits for the reader, `timeoutMs` at most, holding up the thread. */
  flushSync(timeoutMs: number): void {
    for (let waited_ms = 0; ; waited_ms += RETRY_MS) {
      if (this.#sent() || waited_ms >= timeoutMs) return;
      this.#ports.pause(RETRY_MS);
    }
  }

  #send(): void {
    this.#waiting = !this.#sent();
    if (this.#waiting) this.#ports.later(() => this.#send(), RETRY_MS);
  }

  /** False: the reader is behind. */
  #sent(): boolean {
    try {
      for (;;) {
        this.#current ??= this.#next();
        if (this.#current === undefined) return true;
        if (this.#torn) this.#torn = this.#ports.writeSome(NEWLINE) === 0;
        const taken = this.#ports.writeSome(this.#current.subarray(this.#out));
        if (taken === 0) return false;
        this.#out += taken;
        if (this.#out < this.#current.length) continue;
        this.#current = undefined;
        this.#out = 0;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
      this.#loseAll();
      return true;
    }
  }

  /** The oldest line that waits. */
  #next(): Buffer | undefined {
    const line = this.#queue[this.#first];
    if (line === undefined) return undefined;
    this.#first++;
    this.#queuedBytes -= line.length;
    if (this.#first * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#first);
      this.#first = 0;
    }
    return line;
  }

  #loseAll(): void {
    this.#torn ||= this.#out > 0;
    this.#out = 0;
    for (let line = this.#current; line !== undefined; line = this.#next()) this.#lose(line);
    this.#current = undefined;
  }

  #lose(line: Buffer): void {
    this.#lines++;
    this.#bytes += line.length;
  }
}
