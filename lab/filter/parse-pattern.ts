import type { Condition, FieldTest, JsonTest, Pattern } from './ast.ts';
import { Cursor } from './cursor.ts';
import { readJsonPattern } from './json-pattern.ts';
import { PatternError } from './pattern-error.ts';
import { PATTERN_MAX_CHARS } from './quotas.ts';
import { readRegex } from './regex.ts';
import { readSpacePattern } from './space-pattern.ts';
import { readTerms } from './terms.ts';

/** Reads a filter pattern of any kind. Throws PatternError, and nothing else, where CloudWatch would refuse it. */
export function parsePattern(text: string): Pattern {
  if (text.length > PATTERN_MAX_CHARS) {
    throw new PatternError(text, PATTERN_MAX_CHARS, `at most ${PATTERN_MAX_CHARS} characters`);
  }
  const start = text.length - text.trimStart().length;
  const end = text.trimEnd().length;
  return read(text, start, end);
}

/** How many regular expressions a pattern has. */
export function regexesOf(pattern: Pattern): number {
  switch (pattern.kind) {
    case 'all':
    case 'terms':
      return 0;
    case 'regex':
      return 1;
    case 'json':
      return regexesIn(pattern.condition);
    case 'fields':
      return sum(
        pattern.fields.map((field) =>
          field.kind === 'field' && field.condition !== undefined ? regexesIn(field.condition) : 0,
        ),
      );
  }
}

function read(text: string, start: number, end: number): Pattern {
  if (start >= end) return { kind: 'all' };
  switch (text[start]) {
    case '{':
      return readJsonPattern(inside(text, start, end, '}'));
    case '[':
      return readSpacePattern(inside(text, start, end, ']'));
    case '%': {
      const cursor = new Cursor(text, start, end);
      const regex = readRegex(cursor);
      if (!cursor.done) throw cursor.fail('nothing behind a regular expression: it stands alone, or in { } or [ ]');
      return { kind: 'regex', regex };
    }
    default:
      return readTerms(new Cursor(text, start, end));
  }
}

/** Between the brackets; what opens with one must end with its other. */
function inside(text: string, start: number, end: number, close: string): Cursor {
  if (end - start < 2 || text[end - 1] !== close) {
    throw new PatternError(text, end, `${close} at the end of a pattern that begins with ${text[start]!}`);
  }
  return new Cursor(text, start + 1, end - 1);
}

function regexesIn(condition: Condition<JsonTest | FieldTest>): number {
  if (condition.kind !== 'test') return sum(condition.of.map(regexesIn));
  return 'literal' in condition.test && condition.test.literal.kind === 'regex' ? 1 : 0;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
