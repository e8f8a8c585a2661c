import type { Condition, Field, FieldTest, JsonTest, Literal, Pattern, Selector, Term } from './ast.ts';

/** The pattern as text that reads as the same pattern again. */
export function printPattern(pattern: Pattern): string {
  switch (pattern.kind) {
    case 'all':
      return '';
    case 'terms':
      return pattern.terms.map(printTerm).join(' ');
    case 'regex':
      return printLiteral(pattern.regex);
    case 'json':
      return `{ ${printCondition(pattern.condition, printJsonTest)} }`;
    case 'fields':
      return `[${pattern.fields.map(printField).join(', ')}]`;
  }
}

function printSelector(selector: Selector): string {
  return `$${selector
    .map((step) => {
      switch (step.kind) {
        case 'key':
          return PLAIN_KEY.test(step.key) ? `.${step.key}` : `.['${step.key.replaceAll(/['\\]/g, '\\$&')}']`;
        case 'index':
          return `[${step.index}]`;
        case 'every_key':
          return '.*';
        case 'every_index':
          return '[*]';
      }
    })
    .join('')}`;
}

const PLAIN_KEY = /^[A-Za-z0-9_-]+$/;
const SIGNS = { all: '', any: '?', none: '-' } as const;

const quote = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
const printTerm = ({ role, text }: Term): string => `${SIGNS[role]}${quote(text)}`;

function printField(field: Field): string {
  if (field.kind === 'rest') return '...';
  const { name, condition } = field;
  if (condition === undefined) return name;
  return printCondition(condition, (test) => `${name} ${printComparison(test)}`);
}

function printCondition<Test>(condition: Condition<Test>, printTest: (test: Test) => string): string {
  if (condition.kind === 'test') return printTest(condition.test);
  const parts = condition.of.map((part) => {
    const text = printCondition(part, printTest);
    return part.kind === 'test' ? text : `(${text})`;
  });
  return parts.join(condition.kind === 'and' ? ' && ' : ' || ');
}

function printJsonTest(test: JsonTest): string {
  const selector = printSelector(test.selector);
  switch (test.kind) {
    case 'compare':
      return `${selector} ${printComparison(test)}`;
    case 'is':
      return `${selector} IS ${test.what}`;
    case 'not_exists':
      return `${selector} NOT EXISTS`;
  }
}

const printComparison = ({ operator, literal }: FieldTest): string => `${operator} ${printLiteral(literal)}`;

function printLiteral(literal: Literal): string {
  switch (literal.kind) {
    case 'number':
      return literal.text;
    case 'text':
      return quote(literal.text);
    case 'regex':
      return `%${literal.source}%`;
  }
}
