import type { FieldsOf } from '../../core/logging/event-log.ts';

/** A line in so many seconds says how publishing goes. */
export const PUBLISH_OK_EVERY_SEC = 30;

export interface Published {
  readonly blocks: number;
  readonly rows: number;
  readonly bytes: number;
  readonly duration_ms: number;
}

const NOTHING: Published = { blocks: 0, rows: 0, bytes: 0, duration_ms: 0 };

/** Sums of what was acknowledged, told at most every PUBLISH_OK_EVERY_SEC: the first at once, no row twice, none left out. */
export class PublishSums {
  #sum = NOTHING;
  /** Microseconds; undefined before the first. */
  #toldAt: number | undefined;

  /** Returns the sums where they are due. `now_us`: microseconds. */
  add(published: Published, now_us: number): FieldsOf<'publish_ok'> | undefined {
    const { blocks, rows, bytes, duration_ms } = this.#sum;
    this.#sum = {
      blocks: blocks + published.blocks,
      rows: rows + published.rows,
      bytes: bytes + published.bytes,
      duration_ms: Math.max(duration_ms, published.duration_ms),
    };
    const isDue = this.#toldAt === undefined || now_us - this.#toldAt >= PUBLISH_OK_EVERY_SEC * 1e6;
    return isDue ? this.rest(now_us) : undefined;
  }

  /** What was not told yet; undefined where that is nothing. */
  rest(now_us: number): FieldsOf<'publish_ok'> | undefined {
    if (this.#sum.blocks === 0) return undefined;
    const span_us = now_us - (this.#toldAt ?? now_us);
    const fields = { ...this.#sum, span_sec: Math.round(span_us / 1_000) / 1_000 };
    this.#sum = NOTHING;
    this.#toldAt = now_us;
    return fields;
  }
}
