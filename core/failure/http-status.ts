import type { FailureClass } from './classes.ts';

const STATUSES: ReadonlyMap<number, FailureClass> = new Map([
  [401, 'auth'],
  [403, 'auth'],
  [404, 'schema'],
  [407, 'node_config'],
  [408, 'timeout'],
  [413, 'size'],
  [429, 'overload'],
  [505, 'node_config'],
  [507, 'space'],
  [511, 'node_config'],
]);

/** HTTP status without a word from the service itself → class. A 2xx that somebody threw is an answer nobody understood. */
export function classOfStatus(status: number): FailureClass {
  const known = STATUSES.get(status);
  if (known !== undefined) return known;
  if (status >= 500) return 'unavailable';
  return status >= 300 && status < 400 ? 'node_config' : 'unknown';
}
