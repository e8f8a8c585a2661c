import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** How fresh the file is while the streamer lives. */
const WRITE_EVERY_MS = 1_000;

/**
 * A file that is fresh while a connection lives: `{"ts": "…", "ws_state": "live"}`, for the container's health check, which
 * asks how old it is. Help only: a disk that refuses lets it grow old and changes nothing else.
 */
export class HealthFile {
  readonly #path: string;
  #writtenAt_ms = Number.NEGATIVE_INFINITY;
  #writing: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Call often, while a socket lives. `now_ms`: milliseconds since 1970. */
  alive(ws_state: string, now_ms: number): void {
    const since_ms = now_ms - this.#writtenAt_ms;
    // Wall time may be set back: then it is long ago all the same.
    if (this.#writing !== undefined || (since_ms >= 0 && since_ms < WRITE_EVERY_MS)) return;
    this.#writtenAt_ms = now_ms;
    const text = `${JSON.stringify({ ts: new Date(now_ms).toISOString(), ws_state })}\n`;
    this.#writing = this.#write(text).finally(() => (this.#writing = undefined));
  }

  /** What was begun is written or has failed. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** Whole or not at all: who reads it never sees half of it. */
  async #write(text: string): Promise<void> {
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      await writeFile(`${this.#path}.part`, text);
      await rename(`${this.#path}.part`, this.#path);
    } catch {
      // The file grows old, which is what the health check asks for.
    }
  }
}
