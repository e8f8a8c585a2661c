import type { BinaryOperator, Comparison, Expression } from './ast.ts';
import { arityFault } from './functions.ts';
import type { Lexer, Token } from './lexer.ts';
import { unitOf } from './period.ts';
import { regexOf, type Regex } from './regex.ts';

const COMPARISONS: ReadonlySet<string> = new Set(['=', '!=', '<', '<=', '>', '>=']);
const NOT_OURS: Readonly<Record<string, string>> = {
  '==': 'write =',
  '<>': 'write !=',
  '&&': 'write and',
  '||': 'write or',
  '!': 'write not',
};
/** Words that are a field's name only between backticks. */
const RESERVED: ReadonlySet<string> = new Set(['and', 'or', 'not', 'like', 'in', 'as', 'by', 'asc', 'desc', 'null']);

/** An expression; `or` binds least, then `and`, `not`, comparisons, + and -, * / and %, the sign, ^. Throws InsightsError. */
export function parseExpression(lexer: Lexer): Expression {
  return new ExpressionParser(lexer).or();
}

/** Whether the token is this word, in any case. */
export function isWord(token: Token, word: string): boolean {
  return token.kind === 'name' && !token.quoted && token.path.length === 1 && token.path[0]!.toLowerCase() === word;
}

export function isSymbol(token: Token, symbol: string): boolean {
  return token.kind === 'symbol' && token.text === symbol;
}

/** A name that may be a column's: no reserved word. Throws InsightsError. */
export function parseName(lexer: Lexer): readonly string[] {
  const token = lexer.next();
  if (token.kind !== 'name') throw lexer.error('a name is expected here', token.at);
  if (!token.quoted && token.path.length === 1 && RESERVED.has(token.path[0]!.toLowerCase())) {
    throw lexer.error(`"${token.path[0]!}" is a word of the language: as a name it needs backticks`, token.at);
  }
  return token.path;
}

/** The regular expression that begins with the next token, a slash. Throws InsightsError. */
export function parseRegex(lexer: Lexer): Regex {
  const token = lexer.regex();
  const compiled = regexOf(token.source);
  if ('message' in compiled) throw lexer.error(compiled.message, token.at + 1 + compiled.offset);
  return compiled;
}

class ExpressionParser {
  readonly #lexer: Lexer;

  constructor(lexer: Lexer) {
    this.#lexer = lexer;
  }

  or(): Expression {
    const { at } = this.#lexer.peek();
    let left = this.#and();
    while (this.#takeWord('or')) left = this.#node(at, { kind: 'or', left, right: this.#and() });
    return left;
  }

  #and(): Expression {
    const { at } = this.#lexer.peek();
    let left = this.#not();
    while (this.#takeWord('and')) left = this.#node(at, { kind: 'and', left, right: this.#not() });
    return left;
  }

  #not(): Expression {
    const { at } = this.#lexer.peek();
    return this.#takeWord('not') ? this.#node(at, { kind: 'not', of: this.#not() }) : this.#comparison();
  }

  #comparison(): Expression {
    const { at } = this.#lexer.peek();
    const left = this.#sum();
    const token = this.#lexer.peek();
    if (token.kind === 'symbol' && COMPARISONS.has(token.text)) {
      this.#lexer.next();
      return this.#node(at, {
        kind: 'compare',
        operator: token.text as Comparison,
        left,
        right: this.#sum(),
      });
    }
    if (isSymbol(token, '=~') || isWord(token, 'like')) {
      this.#lexer.next();
      return this.#pattern(at, left);
    }
    if (this.#takeWord('in')) return this.#list(at, left);
    if (!isWord(token, 'not')) return this.#refuseForeign(left);
    this.#lexer.next();
    if (this.#takeWord('like')) return this.#node(at, { kind: 'not', of: this.#pattern(at, left) });
    if (this.#takeWord('in')) return this.#node(at, { kind: 'not', of: this.#list(at, left) });
    throw this.#lexer.error('"like" or "in" is expected after "not"', this.#lexer.peek().at);
  }

  #pattern(at: number, of: Expression): Expression {
    const token = this.#lexer.peek();
    if (isSymbol(token, '/')) {
      return this.#node(at, { kind: 'matches', of, regex: parseRegex(this.#lexer).regex });
    }
    this.#lexer.next();
    if (token.kind === 'string') return this.#node(at, { kind: 'contains', of, substring: token.text });
    throw this.#lexer.error('a string or a /regular expression/ is expected here', token.at);
  }

  #list(at: number, of: Expression): Expression {
    this.#expect('[', '"in" without a [list] (a subquery) is not supported');
    const list = this.#untilClosed(']', () => this.#sum());
    this.#expect(']', 'the list has no end');
    return this.#node(at, { kind: 'in', of, list });
  }

  #sum(): Expression {
    const { at } = this.#lexer.peek();
    let left = this.#product();
    for (;;) {
      const operator = this.#takeOneOf(['+', '-']);
      if (operator === undefined) return left;
      left = this.#node(at, { kind: 'arithmetic', operator, left, right: this.#product() });
    }
  }

  #product(): Expression {
    const { at } = this.#lexer.peek();
    let left = this.#sign();
    for (;;) {
      const operator = this.#takeOneOf(['*', '/', '%']);
      if (operator === undefined) return left;
      left = this.#node(at, { kind: 'arithmetic', operator, left, right: this.#sign() });
    }
  }

  #sign(): Expression {
    const { at } = this.#lexer.peek();
    if (this.#takeSymbol('+')) return this.#sign();
    return this.#takeSymbol('-') ? this.#node(at, { kind: 'negate', of: this.#sign() }) : this.#power();
  }

  /** To the right: 2 ^ 3 ^ 2 is 2 ^ 9. */
  #power(): Expression {
    const { at } = this.#lexer.peek();
    const left = this.#operand();
    if (!this.#takeSymbol('^')) return left;
    return this.#node(at, { kind: 'arithmetic', operator: '^', left, right: this.#sign() });
  }

  #operand(): Expression {
    const token = this.#lexer.peek();
    const { at } = token;
    if (this.#takeSymbol('(')) {
      const inner = this.or();
      this.#expect(')', 'a closing parenthesis is expected here');
      return inner;
    }
    if (isWord(token, 'true') || isWord(token, 'false')) {
      this.#lexer.next();
      return this.#node(at, { kind: 'literal', value: isWord(token, 'true') });
    }
    if (token.kind === 'name') return this.#items(at, this.#nameOrCall(token));
    this.#lexer.next();
    switch (token.kind) {
      case 'string':
        return this.#node(at, { kind: 'literal', value: token.text });
      case 'number':
        return this.#node(at, { kind: 'literal', value: token.value });
      case 'period': {
        const unit = unitOf(token.unit);
        if (unit === undefined) throw this.#lexer.error(`"${token.unit}" is no unit of time`, at);
        if (token.count === 0) throw this.#lexer.error('a period of 0 is not supported', at);
        return this.#node(at, { kind: 'period', period: { count: token.count, unit } });
      }
      case 'end':
        throw this.#lexer.error('the query ends where a value is expected', at);
      default:
        throw this.#lexer.error(`a value is expected here, not "${'text' in token ? token.text : '/'}"`, at);
    }
  }

  #nameOrCall(token: Extract<Token, { kind: 'name' }>): Expression {
    const path = parseName(this.#lexer);
    if (token.quoted || path.length > 1 || !isSymbol(this.#lexer.peek(), '(')) {
      return this.#node(token.at, { kind: 'field', path });
    }
    this.#lexer.next();
    const args = this.#untilClosed(')', () => {
      const { at } = this.#lexer.peek();
      return this.#takeSymbol('*') ? this.#node(at, { kind: 'star' }) : this.or();
    });
    this.#expect(')', 'a closing parenthesis is expected here');
    const name = path[0]!.toLowerCase();
    const fault = arityFault(name, args.length);
    if (fault !== undefined) throw this.#lexer.error(fault, token.at);
    return this.#node(token.at, { kind: 'call', name, args });
  }

  /** Items between commas, none where it closes at once. A comma needs another item. */
  #untilClosed(close: string, item: () => Expression): readonly Expression[] {
    if (isSymbol(this.#lexer.peek(), close)) return [];
    const items = [item()];
    while (this.#takeSymbol(',')) items.push(item());
    return items;
  }

  /** `list[0].name` of what jsonParse() made. */
  #items(at: number, of: Expression): Expression {
    let result = of;
    while (this.#takeSymbol('[')) {
      const index = this.#lexer.next();
      if (index.kind !== 'number') throw this.#lexer.error('the index of a list is a number', index.at);
      this.#expect(']', 'the index has no end');
      const path = [String(index.value)];
      if (this.#takeSymbol('.')) path.push(...parseName(this.#lexer));
      result = this.#node(at, { kind: 'item', of: result, path });
    }
    return result;
  }

  #refuseForeign(left: Expression): Expression {
    const token = this.#lexer.peek();
    const hint = token.kind === 'symbol' ? NOT_OURS[token.text] : undefined;
    if (hint === undefined) return left;
    throw this.#lexer.error(`"${(token as { text: string }).text}" is not supported: ${hint}`, token.at);
  }

  #takeWord(word: string): boolean {
    return this.#takeIf(isWord(this.#lexer.peek(), word));
  }

  #takeSymbol(symbol: string): boolean {
    return this.#takeIf(isSymbol(this.#lexer.peek(), symbol));
  }

  #takeIf(wanted: boolean): boolean {
    if (wanted) this.#lexer.next();
    return wanted;
  }

  #takeOneOf(operators: readonly BinaryOperator[]): BinaryOperator | undefined {
    return operators.find((operator) => this.#takeSymbol(operator));
  }

  #expect(symbol: string, otherwise: string): void {
    if (!this.#takeSymbol(symbol)) throw this.#lexer.error(otherwise, this.#lexer.peek().at);
  }

  #node<T extends object>(at: number, node: T): T & { readonly at: number; readonly text: string } {
    return { ...node, at, text: this.#lexer.query.slice(at, this.#lexer.lastEnd) };
  }
}
