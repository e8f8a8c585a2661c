import { Pacer } from './pacer.ts';
import type { RenderedEvent } from './rendered-event.ts';
import type { Venue } from './venue.ts';

export interface FeedOptions {
  /** Messages per second; 0: only what `emit` asks for. */
  readonly rate: number;
  /** Event times: of the wall clock, or counted from the venue's start and so the same in every run. */
  readonly clock: 'wall' | 'counted';
  /** Then the feed falls silent. */
  readonly maxEvents: number;
}

/** Times of a counted tape without a rate lie this far apart. */
const COUNTED_STEP_US = 1_000;

/** Makes events when they are due and hands each to `deliver`. */
export class Feed {
  events = 0;
  readonly #venue: Venue;
  readonly #options: FeedOptions;
  readonly #deliver: (event: RenderedEvent) => void;
  readonly #pacer: Pacer;
  #paused = false;

  constructor(venue: Venue, options: FeedOptions, now_ms: number, deliver: (event: RenderedEvent) => void) {
    this.#venue = venue;
    this.#options = options;
    this.#deliver = deliver;
    this.#pacer = new Pacer(options.rate, now_ms);
  }

  get shed(): number {
    return this.#pacer.shed;
  }

  tick(now_ms: number): void {
    if (this.#paused || this.events >= this.#options.maxEvents) return;
    const due = this.#pacer.take(now_ms);
    for (let left = due - 1; left >= 0; left--) this.#one(this.#pacer.dueAt_ms(left));
  }

  /** Events beside the rate, now; returns how many there were. */
  emit(count: number, now_ms: number): number {
    const before = this.events;
    for (let i = 0; i < count; i++) this.#one(now_ms);
    return this.events - before;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(now_ms: number): void {
    this.#paused = false;
    this.#pacer.restart(now_ms);
  }

  #one(due_ms: number): void {
    if (this.events >= this.#options.maxEvents) return;
    const event = this.#venue.next(this.#options.clock === 'wall' ? Math.floor(due_ms * 1_000) : this.#counted_us());
    if (event === undefined) return;
    this.events++;
    this.#deliver(event);
  }

  #counted_us(): number {
    const { rate } = this.#options;
    const step_us = rate === 0 ? COUNTED_STEP_US : 1_000_000 / rate;
    return this.#venue.start_us + Math.floor((this.events + 1) * step_us);
  }
}
