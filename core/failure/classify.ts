import type { FailureClass } from './classes.ts';
import { CLICKHOUSE_CODES } from './clickhouse-codes.ts';
import { GENERAL_ERROR_NAMES, PROGRAM_ERROR_NAMES, SERVICE_ERROR_NAMES } from './error-names.ts';
import { type Failure, failureOf } from './failure.ts';
import { classOfStatus } from './http-status.ts';
import { classOfWords, memoryScopeOf, rowOf, speaksOfPartitions } from './messages.ts';
import { classOfNodeCode } from './node-codes.ts';
import { peek, type Signals, signalsOf } from './signals.ts';

/** How deep `cause` and `errors` are followed, and how many errors are looked at in all. */
const CAUSE_MAX_DEPTH = 8;
const CAUSE_MAX_ERRORS = 32;

/**
 * What failed, from anything that was thrown: errors of @clickhouse/client, chdb, Node, undici, AWS SDK v3, a PutRecords
 * result, a refused WebSocket upgrade (`{statusCode}`), or one of ours that carries its `failure`. Never throws.
 * The outermost error that says something decides; a bare TypeError counts only if no cause says more.
 */
export function classify(error: unknown): Failure {
  const chain = chainOf(error).map(signalsOf);
  for (const signals of chain) {
    const failure = signals.failure ?? failureFrom(signals, strongClassOf(signals));
    if (failure !== undefined) return failure;
  }
  for (const signals of chain) {
    const failure = failureFrom(signals, PROGRAM_ERROR_NAMES.get(signals.name ?? ''));
    if (failure !== undefined) return failure;
  }
  const spoken = chain.find((signals) => signals.message !== '') ?? chain[0];
  return failureOf(
    'unknown',
    spoken === undefined ? '' : reasonOf(spoken),
    spoken === undefined ? {} : detailsOf(spoken),
  );
}

/** The failure that these signals mean, once their class is known. */
function failureFrom(signals: Signals, failureClass: FailureClass | undefined): Failure | undefined {
  return failureClass === undefined
    ? undefined
    : failureOf(failureClass, reasonOf(signals), { ...detailsOf(signals), row: rowFor(failureClass, signals.message) });
}

/** Codes before names before status before words: the AWS SDK calls a refused connection a TimeoutError, too. */
function strongClassOf(signals: Signals): FailureClass | undefined {
  const { clickhouseCode, nodeCode, name, httpStatus, throttled, message } = signals;
  if (clickhouseCode !== undefined) return classOfClickHouse(clickhouseCode, message, httpStatus);
  return (
    (nodeCode === undefined ? undefined : classOfNodeCode(nodeCode)) ??
    (name === undefined ? undefined : SERVICE_ERROR_NAMES.get(name)) ??
    (throttled ? 'overload' : undefined) ??
    (httpStatus === undefined ? undefined : classOfStatus(httpStatus)) ??
    (name === undefined ? undefined : GENERAL_ERROR_NAMES.get(name)) ??
    classOfWords(message)
  );
}

function classOfClickHouse(code: number, message: string, httpStatus: number | undefined): FailureClass {
  if (code === MEMORY_LIMIT_EXCEEDED && memoryScopeOf(message) === 'query') return 'memory_query';
  if (code === TOO_MANY_PARTS && speaksOfPartitions(message)) return 'too_many_partitions';
  const known = CLICKHOUSE_CODES.get(code);
  if (known !== undefined) return known;
  return httpStatus !== undefined && httpStatus >= 400 && httpStatus < 500 ? classOfStatus(httpStatus) : 'unknown';
}

const MEMORY_LIMIT_EXCEEDED = 241;
const TOO_MANY_PARTS = 252;

function detailsOf({ clickhouseCode, httpStatus, nodeCode, retryAfterMs, message }: Signals) {
  const memoryScope = memoryScopeFor(clickhouseCode, message);
  return { clickhouseCode, httpStatus, nodeCode, retryAfterMs, memoryScope };
}

function memoryScopeFor(code: number | undefined, message: string): Failure['memoryScope'] {
  if (code === MEMORY_LIMIT_EXCEEDED) return memoryScopeOf(message);
  return code !== undefined && CLICKHOUSE_CODES.get(code) === 'memory_server' ? 'server' : undefined;
}

function rowFor(failureClass: FailureClass, message: string): number | undefined {
  return failureClass === 'data' ? rowOf(message) : undefined;
}

function reasonOf({ message, clickhouseCode, httpStatus, nodeCode, name }: Signals): string {
  const status = httpStatus === undefined ? undefined : `HTTP ${httpStatus}`;
  if (message !== '') return clickhouseCode === undefined && status !== undefined ? `${status}: ${message}` : message;
  if (clickhouseCode !== undefined) return `ClickHouse error ${clickhouseCode}`;
  return status ?? nodeCode ?? name ?? 'nothing was said';
}

/** The error, its causes and the errors it gathers, breadth first, each once. */
function chainOf(error: unknown): readonly unknown[] {
  const seen = new Set<unknown>([error]);
  let layer: readonly unknown[] = [error];
  for (let depth = 0; depth < CAUSE_MAX_DEPTH && layer.length > 0; depth += 1) {
    layer = layer.flatMap(innerErrorsOf).filter((inner) => {
      if (inner === undefined || inner === null || seen.has(inner) || seen.size >= CAUSE_MAX_ERRORS) return false;
      seen.add(inner);
      return true;
    });
  }
  return [...seen];
}

function innerErrorsOf(error: unknown): readonly unknown[] {
  const errors = peek(error, 'errors');
  const gathered = Array.from({ length: CAUSE_MAX_ERRORS }, (_, index) => peek(errors, String(index)));
  return [peek(error, 'cause'), ...gathered];
}
