import type { Value } from './value.ts';

/** The values of one event or of one line of a result; which field is where, its Scope says. */
export type Row = Value[];

export type Evaluate = (row: Row) => Value;

/**
 * A stage of a running query. The row is the caller's and is written to again after `push`: who keeps it copies it.
 * After `end` nothing is pushed any more.
 */
export interface Sink {
  readonly push: (row: Row) => void;
  readonly end: () => void;
}
