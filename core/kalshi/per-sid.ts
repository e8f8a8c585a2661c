/** Sids up to this are kept in an array: the exchange counts them from 1 per connection. */
const DENSE_SIDS = 1_024;

/** A number for each subscription of a connection; 0 where none was set. An array for the sids that occur, a map for any other. */
export class PerSid {
  readonly #dense: number[] = new Array<number>(DENSE_SIDS).fill(0);
  readonly #sparse = new Map<number, number>();

  get(sid: number): number {
    return (sid < DENSE_SIDS ? this.#dense[sid] : this.#sparse.get(sid)) ?? 0;
  }

  set(sid: number, value: number): void {
    if (sid < DENSE_SIDS) this.#dense[sid] = value;
    else this.#sparse.set(sid, value);
  }
}
