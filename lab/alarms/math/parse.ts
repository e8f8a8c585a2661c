import { MathError } from './error.ts';
import type { BinaryOperator, MathNode } from './node.ts';
import { type Token, tokensOf } from './tokens.ts';

/** Loosest first; operators of one row are taken from the left. */
const LEVELS: readonly Readonly<Record<string, BinaryOperator>>[] = [
  { OR: 'OR', '||': 'OR' },
  { AND: 'AND', '&&': 'AND' },
  { '==': '==', '!=': '!=', '<': '<', '<=': '<=', '>': '>', '>=': '>=' },
  { '+': '+', '-': '-' },
  { '*': '*', '/': '/' },
];
const WORDS: readonly string[] = ['REPEAT', 'LINEAR'];
/** Against expressions that would exhaust the stack. */
const MAX_DEPTH = 100;

/** Parses a metric math expression. Ids begin with a small letter, functions are in capitals. Throws MathError. */
export function parseMath(expression: string): MathNode {
  return new Parser(expression).whole();
}

class Parser {
  readonly #expression: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(expression: string) {
    this.#expression = expression;
    this.#tokens = tokensOf(expression);
  }

  whole(): MathNode {
    const node = this.#binary(0);
    const rest = this.#peek();
    if (rest.kind !== 'end') throw this.#unexpected(rest, 'an operator or the end');
    return node;
  }

  #binary(level: number): MathNode {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const token = this.#peek();
      const operator = token.kind === 'operator' || token.kind === 'name' ? operators[token.text] : undefined;
      if (operator === undefined) return left;
      this.#at++;
      left = { kind: 'binary', operator, left, right: this.#binary(level + 1), position: token.position };
    }
  }

  #unary(): MathNode {
    const token = this.#peek();
    if (!this.#take('-')) return this.#power();
    this.#enter(token);
    const node: MathNode = { kind: 'negate', of: this.#unary(), position: token.position };
    this.#depth--;
    return node;
  }

  /** `^` binds closest and from the right: -2^2 is -4, 2^3^2 is 2^9. */
  #power(): MathNode {
    const left = this.#primary();
    const token = this.#peek();
    if (!this.#take('^')) return left;
    this.#enter(token);
    const node: MathNode = { kind: 'binary', operator: '^', left, right: this.#unary(), position: token.position };
    this.#depth--;
    return node;
  }

  #primary(): MathNode {
    const token = this.#peek();
    const { kind, text, position } = token;
    this.#at++;
    if (kind === 'number') return { kind, value: Number(text), position };
    if (kind === 'string') return { kind, value: text, position };
    if (kind === 'name') return this.#named(token);
    this.#enter(token);
    if (kind === 'operator' && text === '(') {
      const inner = this.#binary(0);
      this.#expect(')');
      this.#depth--;
      return inner;
    }
    if (kind === 'operator' && text === '[') {
      const items = this.#list(']');
      this.#depth--;
      return { kind: 'array', items, position };
    }
    throw this.#unexpected(token, 'a number, an id, a function, ( or [');
  }

  #named(token: Token): MathNode {
    const { text: name, position } = token;
    if (this.#take('(')) {
      this.#enter(token);
      const args = this.#list(')');
      this.#depth--;
      return { kind: 'call', name, args, position };
    }
    if (WORDS.includes(name)) return { kind: 'word', name, position };
    if (/^[a-z]/.test(name)) return { kind: 'id', name, position };
    throw this.#unexpected(token, 'an id (it begins with a small letter) or a function with its arguments');
  }

  #list(end: string): MathNode[] {
    if (this.#take(end)) return [];
    const items: MathNode[] = [];
    do items.push(this.#binary(0));
    while (this.#take(','));
    this.#expect(end);
    return items;
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)]!;
  }

  #take(operator: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'operator' || token.text !== operator) return false;
    this.#at++;
    return true;
  }

  #expect(operator: string): void {
    if (!this.#take(operator)) throw this.#unexpected(this.#peek(), `"${operator}"`);
  }

  #enter(token: Token): void {
    if (++this.#depth > MAX_DEPTH)
      throw new MathError(this.#expression, token.position, `nesting over ${MAX_DEPTH} levels`);
  }

  #unexpected(token: Token, expected: string): MathError {
    const found = token.kind === 'end' ? 'the end' : `"${token.text}"`;
    return new MathError(this.#expression, token.position, `expected ${expected}, found ${found}`);
  }
}
