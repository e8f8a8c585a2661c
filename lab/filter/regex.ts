import type { RegexLiteral } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { REGEX_MAX } from './quotas.ts';

/**
 * Reads `%…%` in CloudWatch's restricted syntax: letters, digits, space and : _ # = @ / ; , - with the operators
 * ^ $ ? [ ] { } | \ * + . and the escapes \d \D \s \S \w \W \xhh. No parentheses, nothing outside ASCII.
 */
export function readRegex(cursor: Cursor): RegexLiteral {
  const start = cursor.at;
  if (!cursor.take('%')) throw cursor.fail('a % that begins a regular expression');
  cursor.regexes += 1;
  if (cursor.regexes > REGEX_MAX) throw cursor.fail(`at most ${REGEX_MAX} regular expressions`, start);
  const from = cursor.at;
  while (!cursor.done && cursor.char !== '%') readItem(cursor);
  const source = cursor.pattern.slice(from, cursor.at);
  if (source === '') throw cursor.fail('a regular expression between two %');
  if (!cursor.take('%')) throw cursor.fail('the % that ends the regular expression');
  const regex: RegexLiteral = { kind: 'regex', source };
  try {
    compileRegex(regex);
  } catch {
    throw cursor.fail('a regular expression that can be compiled', start);
  }
  return regex;
}

/** A test that finds the expression anywhere in a text, unless ^ or $ bind it to the ends. */
export function compileRegex({ source }: RegexLiteral): (text: string) => boolean {
  const regex = new RegExp(source.replaceAll(ESCAPED_SYMBOL, '$1'));
  return (text) => regex.test(text);
}

const PLAIN = /[A-Za-z0-9:_#=@/;, ^$?[\]|*+.}-]/y;
const ESCAPE = /\\(?:[dDsSwW]|x[0-9A-Fa-f]{2}|[\^$?[\]{}|\\*+.:_#=@/;,-])/y;
const REPEAT = /\{\d{1,4}(?:,\d{0,4})?\}/y;
/** JavaScript has its own meaning, or none, for an escaped symbol that is no operator. */
const ESCAPED_SYMBOL = /\\([:_#=@/;,])/g;

function readItem(cursor: Cursor): void {
  if (cursor.char === '\\') {
    if (cursor.match(ESCAPE) === undefined) {
      throw cursor.fail('an escape: \\d \\D \\s \\S \\w \\W \\xhh or an escaped operator');
    }
  } else if (cursor.char === '{') {
    if (cursor.match(REPEAT) === undefined) throw cursor.fail('a repetition such as {2} or {1,3}');
  } else if (cursor.match(PLAIN) === undefined) {
    throw cursor.fail('a letter, a digit, a space, one of : _ # = @ / ; , - or an operator ^ $ ? [ ] { } | \\ * + .');
  }
}
