import { ALARM_STATES, type AlarmState } from '../state.ts';
import { RuleError } from './error.ts';
import { alarmsOf, type RuleNode } from './node.ts';

/** CloudWatch's bounds of one rule. */
const MOST_CHARACTERS = 10_240;
export const MOST_CHILDREN = 100;
export const MOST_ELEMENTS = 500;

const SPACE = /\s*/y;
const WORD = /[A-Za-z_]+/y;
const THRESHOLD = /(\d+)(%?)/y;
/** An alarm's name without quotes: what has no meaning in a rule. */
const BARE_NAME = /[^\s"(),]+/y;
const QUOTED_NAME = /"((?:[^"\\]|\\.)*)"/y;
const WHOLE_PERCENT = 100;

/** Parses an AlarmRule: NOT before AND before OR, parentheses, AT_LEAST. Throws RuleError. */
export function parseRule(rule: string): RuleNode {
  if (rule.length > MOST_CHARACTERS) throw new RuleError(MOST_CHARACTERS, `more than ${MOST_CHARACTERS} characters`);
  const node = new Parser(rule).whole();
  const children = alarmsOf(node).length;
  if (children > MOST_CHILDREN) throw new RuleError(0, `${children} alarms, at most ${MOST_CHILDREN} are allowed`);
  return node;
}

class Parser {
  readonly #rule: string;
  #at = 0;
  /** Alarms, constants and pairs of parentheses. */
  #elements = 0;

  constructor(rule: string) {
    this.#rule = rule;
  }

  whole(): RuleNode {
    const node = this.#any();
    this.#skip();
    if (this.#at < this.#rule.length) throw this.#expected('AND, OR or the end');
    return node;
  }

  #any(): RuleNode {
    return this.#joined('any', 'OR', () => this.#joined('all', 'AND', () => this.#not()));
  }

  #joined(kind: 'all' | 'any', word: string, part: () => RuleNode): RuleNode {
    const parts = [part()];
    while (this.#word(word)) parts.push(part());
    return parts.length === 1 ? parts[0]! : { kind, of: parts };
  }

  #not(): RuleNode {
    if (!this.#word('NOT')) return this.#operand();
    this.#count();
    return { kind: 'not', of: this.#not() };
  }

  #operand(): RuleNode {
    this.#count();
    if (this.#symbol('(')) {
      const node = this.#any();
      this.#need(')');
      return node;
    }
    if (this.#word('TRUE')) return { kind: 'constant', value: true };
    if (this.#word('FALSE')) return { kind: 'constant', value: false };
    if (this.#word('AT_LEAST')) return this.#atLeast();
    const state = this.#state();
    if (state === undefined) throw this.#expected('ALARM, OK, INSUFFICIENT_DATA, AT_LEAST, TRUE, FALSE, NOT or (');
    this.#need('(');
    const alarm = this.#name();
    this.#need(')');
    return { kind: 'state', state, alarm };
  }

  /** AT_LEAST(2 or 60%, [NOT] STATE, (a, b, c)); of a share as many as make it whole. */
  #atLeast(): RuleNode {
    this.#need('(');
    this.#skip();
    const start = this.#at;
    const [, digits, percent] = this.#match(THRESHOLD) ?? [];
    if (digits === undefined) throw this.#expected('a number or a percentage');
    this.#need(',');
    const negated = this.#word('NOT');
    const state = this.#state();
    if (state === undefined) throw this.#expected('ALARM, OK or INSUFFICIENT_DATA');
    this.#need(',');
    this.#need('(');
    const alarms = [this.#name()];
    while (this.#symbol(',')) {
      this.#count();
      alarms.push(this.#name());
    }
    this.#need(')');
    this.#need(')');

    const threshold = Number(digits);
    const most = percent === '%' ? WHOLE_PERCENT : alarms.length;
    if (threshold < 1 || threshold > most) throw new RuleError(start, `expected 1 to ${most}, found ${threshold}`);
    const count = percent === '%' ? Math.ceil((threshold * alarms.length) / WHOLE_PERCENT) : threshold;
    return { kind: 'at_least', count, negated, state, alarms };
  }

  #state(): AlarmState | undefined {
    return ALARM_STATES.find((state) => this.#word(state));
  }

  #name(): string {
    this.#skip();
    const quoted = this.#match(QUOTED_NAME);
    if (quoted !== null) return quoted[1]!.replace(/\\(.)/g, '$1');
    const bare = this.#match(BARE_NAME);
    if (bare === null) throw this.#expected('the name or ARN of an alarm');
    return bare[0];
  }

  #word(word: string): boolean {
    this.#skip();
    WORD.lastIndex = this.#at;
    const found = WORD.exec(this.#rule)?.[0];
    if (found !== word) return false;
    this.#at += word.length;
    return true;
  }

  #symbol(symbol: string): boolean {
    this.#skip();
    if (this.#rule[this.#at] !== symbol) return false;
    this.#at++;
    return true;
  }

  #need(symbol: string): void {
    if (!this.#symbol(symbol)) throw this.#expected(`"${symbol}"`);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#rule);
    if (match !== null) this.#at += match[0].length;
    return match;
  }

  #skip(): void {
    this.#match(SPACE);
  }

  /** Bounds the depth too: no level is without an element. */
  #count(): void {
    if (++this.#elements > MOST_ELEMENTS) throw new RuleError(this.#at, `more than ${MOST_ELEMENTS} elements`);
  }

  #expected(what: string): RuleError {
    this.#skip();
    const found = this.#rule[this.#at];
    return new RuleError(
      this.#at,
      `expected ${what}, found ${found === undefined ? 'the end' : JSON.stringify(found)}`,
    );
  }
}
