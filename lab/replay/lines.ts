import { createReadStream } from 'node:fs';

/** Characters of the longest line that is read: half a string of V8's. */
const LINE_MAX_CHARS = 268_435_456;
const BYTE_ORDER_MARK = '\ufeff';

/**
 * The lines of a UTF-8 file without their ends, `\n` or `\r\n`, and without a byte order mark before the first. Only
 * `\n` ends a line: U+2028 and U+2029, where node:readline cuts too, may stand in JSON text as they are. Throws what the
 * file system says, and RangeError at a line longer than LINE_MAX_CHARS.
 */
export async function* linesOf(path: string): AsyncGenerator<string> {
  let begun: string[] = [];
  let chars = 0;
  let isFirst = true;
  for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
    const parts = (isFirst ? withoutMark(chunk) : chunk).split('\n');
    isFirst = false;
    const rest = parts.pop()!;
    for (const part of parts) {
      yield lineOf([...begun, part]);
      begun = [];
      chars = 0;
    }
    begun.push(rest);
    chars += rest.length;
    if (chars > LINE_MAX_CHARS) throw new RangeError(`a line is longer than ${LINE_MAX_CHARS} characters`);
  }
  if (chars > 0) yield lineOf(begun);
}

function withoutMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;
}

function lineOf(parts: readonly string[]): string {
  const line = parts.join('');
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
