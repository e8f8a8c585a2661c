import { PerSid } from './per-sid.ts';

/**
 * Sequence rules. `seq` counts per subscription (`sid`) of one connection, over every market in it, by one per sequenced
 * message: data, snapshots, `ok`, `unsubscribed` and scoped errors. `ticker` and `subscribed` carry none. A sid starts
 * at 1. Source: PROTOCOL facts 1-3, section 4.
 */
export interface SequenceBreak {
  readonly kind: 'gap' | 'repeat';
  readonly sid: number;
  readonly expected: number;
  readonly got: number;
}

/** One per connection: a new connection counts anew. */
export class SequenceTracker {
  readonly #last = new PerSid();

  /**
   * Takes the next sequenced message; undefined where it is the expected one or carries no seq.
   * Behind a gap counting goes on from `got`; a repeat (never observed on the wire) leaves the count as it is.
   */
  observe(sid: number, seq: number): SequenceBreak | undefined {
    if (sid === 0 || seq === 0) return undefined;
    const expected = this.#last.get(sid) + 1;
    if (seq < expected) return { kind: 'repeat', sid, expected, got: seq };
    this.#last.set(sid, seq);
    return seq === expected ? undefined : { kind: 'gap', sid, expected, got: seq };
  }

  /** The subscription ended; should its number come again, it starts at 1. */
  forget(sid: number): void {
    this.#last.set(sid, 0);
  }
}
