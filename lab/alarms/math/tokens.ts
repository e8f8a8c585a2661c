import { MathError } from './error.ts';

type TokenKind = 'number' | 'string' | 'name' | 'operator' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly position: number;
}

/** Longest first: `<=` is not `<` and `=`. */
const OPERATORS = ['&&', '||', '==', '!=', '<=', '>=', '<', '>', '+', '-', '*', '/', '^', '(', ')', '[', ']', ','];
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const STRING = /"([^"]*)"|'([^']*)'/y;
const SPACE = /\s+/y;

/** The words of a metric math expression, then one of kind `end`. Throws MathError where a character begins none. */
export function tokensOf(expression: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    return pattern.exec(expression);
  };
  const add = (kind: TokenKind, text: string, length: number): void => {
    tokens.push({ kind, text, position });
    position += length;
  };

  while (position < expression.length) {
    const space = take(SPACE);
    if (space !== null) {
      position += space[0].length;
      continue;
    }
    const number = take(NUMBER);
    const name = take(NAME);
    const string = take(STRING);
    const operator = OPERATORS.find((text) => expression.startsWith(text, position));
    if (number !== null) add('number', number[0], number[0].length);
    else if (name !== null) add('name', name[0], name[0].length);
    else if (string !== null) add('string', string[1] ?? string[2] ?? '', string[0].length);
    else if (operator !== undefined) add('operator', operator, operator.length);
    else throw new MathError(expression, position, `unexpected ${JSON.stringify(expression[position])}`);
  }
  add('end', '', 0);
  return tokens;
}
