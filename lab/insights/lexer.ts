import { InsightsError } from './error.ts';

export type Token =
  | { readonly kind: 'name'; readonly path: readonly string[]; readonly quoted: boolean; readonly at: number }
  | { readonly kind: 'string'; readonly text: string; readonly at: number }
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | { readonly kind: 'period'; readonly count: number; readonly unit: string; readonly at: number }
  | { readonly kind: 'regex'; readonly source: string; readonly at: number }
  | { readonly kind: 'symbol'; readonly text: string; readonly at: number }
  | { readonly kind: 'end'; readonly at: number };

const SPACE = /(?:\s|#[^\n]*)*/y;
const NAME_PART = /[A-Za-z0-9_@]+/y;
const NAME_START = /[A-Za-z_@`]/;
const NUMBER = /(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?(?!\w)/y;
const PERIOD = /(\d+)([A-Za-z]+)/y;
const SYMBOL = /=~|!=|<=|>=|==|<>|&&|\|\||[=<>()[\],|+\-*/%^!.]/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', "'": "'", '\\': '\\' };

/** Reads tokens on demand: only the parser knows where a slash begins a regular expression. */
export class Lexer {
  readonly query: string;
  #token: Token;
  /** Where the last token taken ends. */
  #lastEnd = 0;
  #end = 0;

  constructor(query: string) {
    this.query = query;
    this.#token = this.#read(0);
  }

  /** The end of the last token taken. */
  get lastEnd(): number {
    return this.#lastEnd;
  }

  peek(): Token {
    return this.#token;
  }

  next(): Token {
    const token = this.#token;
    this.#lastEnd = this.#end;
    if (token.kind !== 'end') this.#token = this.#read(this.#end);
    return token;
  }

  /** The slash that is next begins a regular expression: it is read as one. */
  regex(): Extract<Token, { kind: 'regex' }> {
    const { at } = this.#token;
    let inClass = false;
    for (let i = at + 1; i < this.query.length; i++) {
      const char = this.query[i];
      if (char === '\\') i++;
      else if (char === '[' && !inClass) {
        inClass = true;
        // What comes first in a class does not end it.
        if (this.query[i + 1] === '^') i++;
        if (this.query[i + 1] === ']') i++;
      } else if (char === ']') inClass = false;
      else if (char === '/' && !inClass) {
        this.#lastEnd = i + 1;
        this.#token = this.#read(i + 1);
        return { kind: 'regex', source: this.query.slice(at + 1, i), at };
      }
    }
    throw this.error('the regular expression has no end', at);
  }

  error(message: string, at: number): InsightsError {
    return new InsightsError(message, this.query, at);
  }

  #read(from: number): Token {
    const at = this.#match(SPACE, from)![0].length + from;
    this.#end = at;
    const char = this.query[at];
    if (char === undefined) return { kind: 'end', at };
    if (char === '"' || char === "'") return this.#string(at, char);
    if (NAME_START.test(char)) return this.#name(at);
    return this.#number(at) ?? this.#symbol(at);
  }

  #number(at: number): Token | undefined {
    const number = this.#match(NUMBER, at);
    if (number !== null) {
      this.#end = at + number[0].length;
      return { kind: 'number', value: Number(number[0]), at };
    }
    const period = this.#match(PERIOD, at);
    if (period === null) return undefined;
    this.#end = at + period[0].length;
    return { kind: 'period', count: Number(period[1]), unit: period[2]!, at };
  }

  #symbol(at: number): Token {
    const symbol = this.#match(SYMBOL, at);
    if (symbol === null) throw this.error(`the character ${JSON.stringify(this.query[at])} is not supported here`, at);
    this.#end = at + symbol[0].length;
    return { kind: 'symbol', text: symbol[0], at };
  }

  #string(at: number, quote: string): Token {
    let text = '';
    for (let i = at + 1; i < this.query.length; i++) {
      const char = this.query[i]!;
      if (char === quote) {
        this.#end = i + 1;
        return { kind: 'string', text, at };
      }
      if (char !== '\\') {
        text += char;
        continue;
      }
      i++;
      const escaped = this.query[i] ?? '';
      text += ESCAPES[escaped] ?? `\\${escaped}`;
    }
    throw this.error('the string has no end', at);
  }

  /** `a.0.b`, `@message`, `` `x-y` ``, `` a.`x-y` ``, `` @`x-y` ``: the parts between the dots. */
  #name(at: number): Token {
    const path: string[] = [];
    let quoted = false;
    let i = at;
    for (;;) {
      let part = this.#match(NAME_PART, i)?.[0] ?? '';
      i += part.length;
      if (this.query[i] === '`' && (part === '' || part === '@')) {
        const close = this.query.indexOf('`', i + 1);
        if (close < 0) throw this.error('the name has no closing backtick', i);
        part += this.query.slice(i + 1, close);
        quoted = true;
        i = close + 1;
      }
      if (part === '') throw this.error('a name must follow the dot', i);
      path.push(part);
      if (this.query[i] !== '.') break;
      i++;
    }
    this.#end = i;
    return { kind: 'name', path, quoted, at };
  }

  #match(pattern: RegExp, at: number): RegExpExecArray | null {
    pattern.lastIndex = at;
    return pattern.exec(this.query);
  }
}
