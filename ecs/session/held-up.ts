/** A tick this late says that we were held up, not the exchange. */
const LATE_TICK_US = 250_000;
/** What the exchange sent meanwhile has this long to come in before time counts again. */
const GRACE_US = 1_000_000;
/** Who is always held up is not spared for ever: behind so many late ticks one counts. */
const LATE_TICKS_MAX = 10;

/** Tells the exchange's silence from our own: a machine that stood still has not listened. Instants in microseconds. */
export class HeldUp {
  #last_us: number | undefined;
  #until_us = 0;
  #lateTicks = 0;

  /** Call at each tick; false: too little was heard since we were held up for anybody to be called silent. */
  timeCounts(now: number): boolean {
    const isLate = now - (this.#last_us ?? now) > LATE_TICK_US;
    this.#last_us = now;
    if (isLate && this.#lateTicks < LATE_TICKS_MAX) {
      this.#lateTicks++;
      this.#until_us = now + GRACE_US;
    }
    if (now < this.#until_us) return false;
    this.#lateTicks = 0;
    return true;
  }
}
