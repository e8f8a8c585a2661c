/**
 * `now`, read once in a turn of the event loop. What one read of the socket brought arrived together, whenever we come to
 * it, and reading the clock costs more than copying a frame.
 */
export function perTurn(now: () => number): () => number {
  let known: number | undefined;
  const forget = (): void => {
    known = undefined;
  };
  return () => {
    if (known === undefined) {
      known = now();
      queueMicrotask(forget);
    }
    return known;
  };
}
