/** How far wall time may be from the anchored clock before it is anchored anew, microseconds. */
const MAX_DRIFT_US = 5_000;

/** Microseconds since 1970. The monotonic clock, anchored to wall time; re-anchored when wall time was corrected. */
export class MicroClock {
  #anchor_us = wallMicros() - monotonicMicros();

  now(): number {
    return Math.round(this.#anchor_us + monotonicMicros());
  }

  /** Call now and then: follows a corrected wall clock. */
  anchor(): void {
    const drift = wallMicros() - (this.#anchor_us + monotonicMicros());
    if (Math.abs(drift) > MAX_DRIFT_US) this.#anchor_us += drift;
  }
}

function wallMicros(): number {
  return Date.now() * 1_000;
}

function monotonicMicros(): number {
  return performance.now() * 1_000;
}
