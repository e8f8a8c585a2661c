import type { FieldTest, Literal, Operator } from './ast.ts';
import { compileGlob } from './glob.ts';
import { compileRegex } from './regex.ts';

/** How one operator and literal judge a value. */
export interface Comparison {
  /** A text: = and != by characters. Order never holds for a text, even one that looks like a number. */
  readonly text: (text: string) => boolean;
  /** A number by its value; undefined where its written text is compared instead. */
  readonly number: ((value: number) => boolean) | undefined;
}

/** An unquoted number compares with numbers by value; everything else compares with what is written. */
export function compileComparison({ operator, literal }: FieldTest): Comparison {
  const wanted = operator === '=';
  const equals = equality(literal);
  const text =
    operator === '=' || operator === '!=' ? (value: string) => equals(value) === wanted : (): boolean => false;
  return { text, number: literal.kind === 'number' ? numberTest(operator, Number(literal.text)) : undefined };
}

function equality(literal: Literal): (text: string) => boolean {
  switch (literal.kind) {
    case 'number':
      return (text) => text === literal.text;
    case 'text':
      return compileGlob(literal.text);
    case 'regex':
      return compileRegex(literal);
  }
}

function numberTest(operator: Operator, than: number): (value: number) => boolean {
  switch (operator) {
    case '=':
      return (value) => value === than;
    case '!=':
      return (value) => value !== than;
    case '>':
      return (value) => value > than;
    case '>=':
      return (value) => value >= than;
    case '<':
      return (value) => value < than;
    case '<=':
      return (value) => value <= than;
  }
}
