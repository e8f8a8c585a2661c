import { classify } from './classify.ts';
import { type Failure } from './failure.ts';
import { MESSAGE_MAX_CHARS, peek } from './signals.ts';

/** An answer of ClickHouse over HTTP as it came, header names in lower case. */
export interface ClickHouseResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/**
 * The failure an answer of `client.exec({ignore_error_response: true})` holds, or undefined where it is a success.
 * A 200 is none if the exception-code header is set or if its body holds a late exception (the status was sent before).
 * Takes the body's first and last MESSAGE_MAX_CHARS into account. Never throws.
 */
export function classifyResponse({ status, headers, body }: ClickHouseResponse): Failure | undefined {
  const text = lateExceptionIn(body);
  const refused = status < 200 || status >= 300 || peek(headers, EXCEPTION_CODE_HEADER) !== undefined;
  if (!refused && text === undefined) return undefined;
  return classify({ statusCode: status, headers, message: text ?? body });
}

const EXCEPTION_CODE_HEADER = 'x-clickhouse-exception-code';

/**
 * At the start of a line only: text in JSON rows cannot reach there, because a line break in a JSON string is escaped.
 * `__exception__` from newer servers, the bare text from older ones, and the JSON form if http_write_exception_in_output_format is on.
 */
const LATE_EXCEPTION = /(?:^|\n)(?:__exception__\r?\n|Code: \d{1,4}[.,] [^\n]{0,200}Exception|\{"exception": ?"Code: )/;

function lateExceptionIn(body: string): string | undefined {
  for (const part of [body.slice(0, MESSAGE_MAX_CHARS), body.slice(-MESSAGE_MAX_CHARS)]) {
    const found = LATE_EXCEPTION.exec(part);
    if (found !== null) return part.slice(found.index);
  }
  return undefined;
}
