/** The most that is taken at once. */
export const TAKE_MAX = 2_000;
/** What is owed after a long stop: this much is caught up, older debt is forgotten (shed). */
export const DEBT_MAX_MS = 2_000;

/** Open loop: how many messages are due by the clock, however late it is asked. */
export class Pacer {
  /** Messages that were due but are forgotten. */
  shed = 0;
  readonly #perSecond: number;
  #start_ms: number;
  #taken = 0;

  constructor(perSecond: number, now_ms: number) {
    this.#perSecond = perSecond;
    this.#start_ms = now_ms;
  }

  /** Takes what is due, at most TAKE_MAX; what is left is due at the next call. */
  take(now_ms: number): number {
    if (this.#perSecond === 0) return 0;
    let due = Math.floor(((now_ms - this.#start_ms) * this.#perSecond) / 1_000) - this.#taken;
    const debtMax = Math.max(1, Math.floor((DEBT_MAX_MS * this.#perSecond) / 1_000));
    if (due > debtMax) {
      const forgotten = due - debtMax;
      this.shed += forgotten;
      this.#start_ms += (forgotten * 1_000) / this.#perSecond;
      due = debtMax;
    }
    const count = Math.max(0, Math.min(due, TAKE_MAX));
    this.#taken += count;
    return count;
  }

  /** When the message `fromLast` before the last taken one (0: that one) was due. */
  dueAt_ms(fromLast: number): number {
    return this.#start_ms + ((this.#taken - fromLast) * 1_000) / this.#perSecond;
  }

  /** Owes nothing and counts from now. */
  restart(now_ms: number): void {
    this.#start_ms = now_ms;
    this.#taken = 0;
  }
}
