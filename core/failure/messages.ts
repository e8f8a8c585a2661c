import type { FailureClass } from './classes.ts';
import type { Failure } from './failure.ts';

/**
 * The few things that are said only in words. Sources: @clickhouse/client 1.23.1 (a timeout and an abort have no code),
 * Node's http client, and the messages of ClickHouse 18.16 … 26.7 for codes that stand for two things.
 */
const WORDS: readonly (readonly [RegExp, FailureClass])[] = [
  [/^Timeout error\.?$/, 'timeout'],
  [/\b(connect|read|write|request|socket|operation) timed out\b/i, 'timeout'],
  [/^The user aborted a request\.?$/, 'aborted'],
  [/^(This operation was aborted|The operation was aborted\.?|Request aborted)$/, 'aborted'],
  [/\bsocket hang up\b/, 'connection_lost'],
  [/^(aborted|Premature close|terminated|other side closed)$/, 'connection_lost'],
  [/\b(?:read|write) (?:ECONNRESET|EPIPE)\b/, 'connection_lost'],
  [/\bconnect ECONNREFUSED\b/, 'connection_refused'],
  [/\bgetaddrinfo (?:ENOTFOUND|EAI_AGAIN)\b/, 'dns'],
];

export function classOfWords(message: string): FailureClass | undefined {
  return WORDS.find(([pattern]) => pattern.test(message))?.[1];
}

/** Whose memory limit a 241 speaks of; the words have changed over the versions, the three scopes have not. */
export function memoryScopeOf(message: string): Failure['memoryScope'] {
  const said =
    /\b(Query|User|for query|for user|total)\)? memory limit|memory limit \((for query|for user|total)\)/i.exec(
      message,
    );
  const scope = (said?.[1] ?? said?.[2])?.toLowerCase();
  if (scope === undefined) return undefined;
  if (scope.endsWith('query')) return 'query';
  return scope.endsWith('user') ? 'user' : 'server';
}

/** 252 is TOO_MANY_PARTS for both: too many parts in a partition, and too many partitions in one insert. */
export function speaksOfPartitions(message: string): boolean {
  return /too many partitions/i.test(message);
}

/**
 * `(at row 30001)` counts from the start of the payload, 1 is the first.
 * `violated at row 11` (469) counts within a block of the server's choice and is not believed.
 */
export function rowOf(message: string): number | undefined {
  const digits = /\(at row (\d{1,15})\)/.exec(message)?.[1];
  return digits === undefined || Number(digits) === 0 ? undefined : Number(digits);
}
