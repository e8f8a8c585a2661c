import type { Connection } from './connection.ts';
import { Pacer } from './pacer.ts';

/**
 * Plays a tape file's frames, exactly and in order, to one connection at a time: the first that subscribes. When that one
 * is lost, the next connection that subscribes gets what follows. A frame whose send was accepted counts as played.
 */
export class Player {
  position = 0;
  readonly #frames: readonly string[];
  readonly #pacer: Pacer;
  readonly #bufferMaxBytes: number;
  #listener: Connection | undefined;
  #paused = false;

  /** Above bufferMaxBytes the tape waits: unlike the exchange, it loses nothing for a slow reader. */
  constructor(frames: readonly string[], perSecond: number, bufferMaxBytes: number) {
    this.#frames = frames;
    this.#pacer = new Pacer(perSecond, 0);
    this.#bufferMaxBytes = bufferMaxBytes;
  }

  get done(): boolean {
    return this.position === this.#frames.length;
  }

  /** A connection subscribed, to whatever. */
  subscribed(connection: Connection, now_ms: number): void {
    if (this.#listener !== undefined && !this.#listener.isLost) return;
    this.#listener = connection;
    this.#pacer.restart(now_ms);
  }

  tick(now_ms: number): void {
    const listener = this.#listener;
    if (listener === undefined || this.#paused) return;
    const due = this.#pacer.take(now_ms);
    for (let i = 0; i < due && !this.done; i++) {
      if (!listener.takesData || listener.bufferedBytes > this.#bufferMaxBytes) return;
      listener.send(this.#frames[this.position]!, 'data', 0, '');
      this.position++;
    }
  }

  pause(): void {
    this.#paused = true;
  }

  resume(now_ms: number): void {
    this.#paused = false;
    this.#pacer.restart(now_ms);
  }
}
