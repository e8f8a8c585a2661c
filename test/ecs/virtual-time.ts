/** Time that passes only when it is told to. */
export class VirtualTime {
  now_us = 1_000_000_000;
  #sleeps: { readonly due_us: number; readonly wake: () => void }[] = [];

  readonly now = (): number => this.now_us;

  /** Rejects where the signal aborts, as timers/promises does. */
  readonly sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    await new Promise<void>((resolve, reject) => {
      if (signal.aborted) reject(new Error('aborted'));
      signal.addEventListener('abort', () => reject(new Error('aborted')));
      this.#sleeps.push({ due_us: this.now_us + ms * 1_000, wake: resolve });
    });
  };

  /** Everything that is due in this span happens, in order, at its time. */
  async pass(ms: number): Promise<void> {
    const end_us = this.now_us + ms * 1_000;
    for (;;) {
      await settled();
      const next = this.#sleeps.filter(({ due_us }) => due_us <= end_us).sort((a, b) => a.due_us - b.due_us)[0];
      if (next === undefined) break;
      this.#sleeps = this.#sleeps.filter((sleep) => sleep !== next);
      this.now_us = Math.max(this.now_us, next.due_us);
      next.wake();
    }
    this.now_us = end_us;
  }
}

/** All that can happen without time passing has happened. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
}
