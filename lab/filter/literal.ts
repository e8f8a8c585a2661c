import type { Literal, Operator } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { readRegex } from './regex.ts';

/** What CloudWatch reads as a number where it is not quoted: a sign, a decimal, an exponent. */
export const NUMERIC = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Reads an operator and what it compares with. Order is a matter of numbers: `> "1"` and `> abc` are refused. */
export function readComparison(cursor: Cursor): { operator: Operator; literal: Literal } {
  const operator = cursor.match(OPERATOR) as Operator | undefined;
  if (operator === undefined) throw cursor.fail('one of = != > >= < <=');
  cursor.skipSpace();
  const at = cursor.at;
  const literal = readLiteral(cursor);
  if (operator !== '=' && operator !== '!=' && literal.kind !== 'number') {
    throw cursor.fail(`an unquoted number after ${operator}`, at);
  }
  return { operator, literal };
}

/** Reads a quoted text from its opening quote. `\"` and `\\` are a quote and a backslash; any other backslash is itself. */
export function readQuoted(cursor: Cursor): string {
  cursor.take('"');
  let text = '';
  while (!cursor.take('"')) {
    if (cursor.done) throw cursor.fail('the quote that ends the text');
    text += cursor.match(ESCAPED)?.slice(1) ?? cursor.next();
  }
  return text;
}

const ESCAPED = /\\["\\]/y;
const OPERATOR = /[!<>]=|[=<>]/y;
const WORD = /[A-Za-z0-9_.*+-]+/y;
/** What may follow a word: what ends a test, a group or a field. */
const AFTER_WORD = /$|[\s&|)\]},]/y;

function readLiteral(cursor: Cursor): Literal {
  if (cursor.char === '"') return { kind: 'text', text: readQuoted(cursor) };
  if (cursor.char === '%') return readRegex(cursor);
  const text = cursor.match(WORD);
  if (text === undefined) throw cursor.fail('a number, a word, a "text" or a %regular expression%');
  AFTER_WORD.lastIndex = cursor.at;
  if (!AFTER_WORD.test(cursor.pattern)) {
    throw cursor.fail('only letters, digits and _ . * + - in a text without quotes');
  }
  return { kind: NUMERIC.test(text) ? 'number' : 'text', text };
}
