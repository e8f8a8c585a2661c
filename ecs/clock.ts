/** How far wall time may be from ours before ours follows it, microseconds. */
const MAX_DRIFT_US = 5_000;
/** How fast our clock runs while wall time is behind it: spans get a twentieth longer, no more. */
const SLOW_RATE = 0.95;

/**
 * Microseconds since 1970 that never go back: the monotonic clock, anchored to wall time. Where wall time was set forward
 * ours jumps with it; where it was set back ours runs slower until they meet, so that no wait gets long.
 */
export class MicroClock {
  readonly #wall_us: () => number;
  readonly #monotonic_us: () => number;
  /** Since the last anchoring: our time = base + rate × what passed since then. */
  #base_us: number;
  #anchoredAt_us: number;
  #rate = 1;

  constructor(wall_us: () => number = wallMicros, monotonic_us: () => number = monotonicMicros) {
    this.#wall_us = wall_us;
    this.#monotonic_us = monotonic_us;
    this.#anchoredAt_us = monotonic_us();
    this.#base_us = wall_us();
  }

  now(): number {
    return Math.round(this.#base_us + this.#rate * (this.#monotonic_us() - this.#anchoredAt_us));
  }

  /** Call every second or so: follows a corrected wall clock. */
  anchor(): void {
    const ours_us = this.now();
    const drift_us = this.#wall_us() - ours_us;
    this.#anchoredAt_us = this.#monotonic_us();
    this.#base_us = drift_us > MAX_DRIFT_US ? ours_us + drift_us : ours_us;
    this.#rate = drift_us < -MAX_DRIFT_US ? SLOW_RATE : 1;
  }
}

function wallMicros(): number {
  return Date.now() * 1_000;
}

function monotonicMicros(): number {
  return performance.now() * 1_000;
}
