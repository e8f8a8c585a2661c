import type { Failure } from './failure.ts';
import { FAILURE_CLASSES, isFailureClass } from './classes.ts';

/** What one thrown value shows of itself. Nothing is believed but its shape: any of it may be missing or nonsense. */
export interface Signals {
  /** The value carries a Failure: somebody classified it before. */
  readonly failure: Failure | undefined;
  readonly name: string | undefined;
  readonly message: string;
  readonly clickhouseCode: number | undefined;
  readonly nodeCode: string | undefined;
  readonly httpStatus: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly throttled: boolean;
}

/** A longer Retry-After is cut to this. */
export const RETRY_AFTER_MAX_MS = 120_000;
/** Messages are searched up to here. */
export const MESSAGE_MAX_CHARS = 65_536;

/** Never throws, whatever is given: getters that throw and revoked proxies count as absent. */
export function signalsOf(value: unknown): Signals {
  const headers = [peek(value, 'headers'), peek(value, 'response_headers'), peek(peek(value, '$response'), 'headers')];
  const message = messageOf(value);
  const code = textOf(peek(value, 'code'));
  return {
    failure: carriedFailure(value),
    name: textOf(peek(value, 'name')) ?? textOf(peek(value, 'ErrorCode')),
    message,
    clickhouseCode: clickhouseCodeOf(peek(value, 'clickhouseCode'), code, headers, message),
    nodeCode: code !== undefined && /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? code : undefined,
    httpStatus: httpStatusOf(value),
    retryAfterMs: retryAfterMsOf(headers),
    throttled: peek(peek(value, '$retryable'), 'throttling') === true,
  };
}

/** A property of anything; undefined where there is none or reading it throws. */
export function peek(value: unknown, key: string): unknown {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return undefined;
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** `Code: 241. DB::Exception: …` and the form before 2020, `Code: 241, e.displayText() = DB::Exception: …`; the outermost. */
function clickhouseCodeInText(text: string): number | undefined {
  const found = /\bCode: (\d{1,4})[.,] (?=.{0,100}Exception)/s.exec(text) ?? /^Code: (\d{1,4})\b/.exec(text);
  return found === null ? undefined : positive(Number(found[1]));
}

/** Believed only if its class and category agree. */
function carriedFailure(value: unknown): Failure | undefined {
  const failure = peek(value, 'failure');
  const failureClass = peek(failure, 'class');
  const whole =
    isFailureClass(failureClass) &&
    peek(failure, 'category') === FAILURE_CLASSES[failureClass].category &&
    typeof peek(failure, 'reason') === 'string';
  return whole ? (failure as Failure) : undefined;
}

function messageOf(value: unknown): string {
  const message =
    typeof value === 'string' ? value : (textOf(peek(value, 'message')) ?? textOf(peek(value, 'ErrorMessage')));
  return (message ?? '').slice(0, MESSAGE_MAX_CHARS);
}

/** Only text counts as `code`: DOMException's numeric code of a timeout is 23, which ClickHouse uses for something else. */
function clickhouseCodeOf(
  own: unknown,
  code: string | undefined,
  headers: readonly unknown[],
  message: string,
): number | undefined {
  if (typeof own === 'number') return positive(own);
  if (code !== undefined && /^\d{1,4}$/.test(code)) return positive(Number(code));
  const header = headerOf(headers, 'x-clickhouse-exception-code', 'X-ClickHouse-Exception-Code');
  if (header !== undefined && /^\d{1,4}$/.test(header)) return positive(Number(header));
  return clickhouseCodeInText(message);
}

function httpStatusOf(value: unknown): number | undefined {
  const candidates = [
    peek(value, 'statusCode'),
    peek(value, 'status'),
    peek(value, 'http_status_code'),
    peek(peek(value, '$metadata'), 'httpStatusCode'),
    Number(/\bUnexpected server response: (\d{3})\b/.exec(messageOf(value))?.[1]),
  ];
  return candidates.find((n): n is number => typeof n === 'number' && Number.isInteger(n) && n >= 100 && n <= 599);
}

/** Seconds, or a date (RFC 9110 §10.2.3), which is measured against the `Date` of the same answer. */
function retryAfterMsOf(headers: readonly unknown[]): number | undefined {
  const text = headerOf(headers, 'retry-after', 'Retry-After');
  if (text === undefined) return undefined;
  const sent = headerOf(headers, 'date', 'Date') ?? '';
  const ms = text.endsWith(' GMT') ? Date.parse(text) - Date.parse(sent) : Number(text) * 1000;
  return Number.isFinite(ms) ? Math.min(Math.max(Math.round(ms), 0), RETRY_AFTER_MAX_MS) : undefined;
}

function headerOf(headers: readonly unknown[], ...spellings: readonly string[]): string | undefined {
  for (const one of headers) {
    for (const spelling of spellings) {
      const value = peek(one, spelling);
      const text = textOf(value) ?? textOf(peek(value, '0'));
      if (text !== undefined) return text.trim();
    }
  }
  return undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function positive(n: number): number | undefined {
  return Number.isInteger(n) && n > 0 ? n : undefined;
}
