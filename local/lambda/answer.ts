import type { FunctionError } from './invoke-outcome.ts';

/** Lambda: an invocation's response, bytes (AWS quota, buffered responses). */
const RESPONSE_LIMIT_BYTES = 6 * 1_048_576;

/** The handler's result as Lambda sends it: JSON, where undefined is null. Throws what Lambda reports as the function's error. */
export function serialiseResult(result: unknown): string {
  // JSON.stringify gives undefined for undefined and functions, which its type does not say.
  const text = (JSON.stringify(result) as string | undefined) ?? 'null';
  if (Buffer.byteLength(text) > RESPONSE_LIMIT_BYTES) {
    throw Object.assign(new Error(`the response is larger than ${RESPONSE_LIMIT_BYTES} bytes; it was not returned`), {
      name: 'Function.ResponseSizeTooLarge',
    });
  }
  return text;
}

/** {errorType, errorMessage, trace}, as Lambda's Node runtime makes it of what a handler threw. */
export function functionErrorOf(thrown: unknown): FunctionError {
  if (thrown instanceof Error) {
    const trace = (thrown.stack ?? '').split('\n');
    return { errorType: thrown.name, errorMessage: thrown.message, trace };
  }
  return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
}
