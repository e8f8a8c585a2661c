import type { Condition, JsonTest, Pattern } from './ast.ts';
import { compileComparison } from './comparison.ts';
import { compileCondition, readCondition } from './condition.ts';
import type { Cursor } from './cursor.ts';
import { parseDocument, parseWritten, WrittenNumber } from './json-document.ts';
import { readComparison } from './literal.ts';
import { mayHold } from './needles.ts';
import { WILDCARD_SELECTORS_MAX, WILDCARDS_PER_SELECTOR_MAX } from './quotas.ts';
import { hasWildcard, isWildcard, readSelector, select, selectOne } from './selector.ts';

/** Reads `{ … }` from behind its opening brace up to the cursor's end, where the closing brace stands. */
export function readJsonPattern(cursor: Cursor): Pattern {
  let wildcardSelectors = 0;
  const readTest = (): JsonTest => {
    const at = cursor.at;
    const test = readJsonTest(cursor);
    if (hasWildcard(test.selector)) wildcardSelectors += 1;
    if (wildcardSelectors > WILDCARD_SELECTORS_MAX) {
      throw cursor.fail(`at most ${WILDCARD_SELECTORS_MAX} selectors with a wildcard`, at);
    }
    return test;
  };
  const condition = readCondition(cursor, readTest);
  if (!cursor.done) throw cursor.fail('&&, || or the end of the pattern');
  return { kind: 'json', condition };
}

/** Whether an event is one JSON document for which the condition holds. The function never throws. */
export function compileJsonPattern(condition: Condition<JsonTest>): (event: string) => boolean {
  const read: Reading = { unwritten: false };
  const holds = compileCondition(condition, (test) => compileJsonTest(test, read));
  const may = mayHold(condition);
  return (event) => {
    if (!may(event)) return false;
    const document = parseDocument(event);
    if (document === undefined) return false;
    read.unwritten = false;
    const held = holds(document);
    if (!missedNumber(read)) return held;
    const written = parseWritten(event);
    return written === undefined ? held : holds(written);
  };
}

/** What an evaluation came across: a number whose written text was needed and not there. */
interface Reading {
  unwritten: boolean;
}

const missedNumber = (read: Reading): boolean => read.unwritten;

const KEYWORD = /(?:IS\s+(?:NULL|TRUE|FALSE)|NOT\s+EXISTS)(?![A-Za-z0-9_])/y;
const WORDS = /\s+/;

function readJsonTest(cursor: Cursor): JsonTest {
  const at = cursor.at;
  const selector = readSelector(cursor);
  if (selector.filter(isWildcard).length > WILDCARDS_PER_SELECTOR_MAX) {
    throw cursor.fail(`at most ${WILDCARDS_PER_SELECTOR_MAX} wildcard in a selector`, at);
  }
  const apart = cursor.at;
  cursor.skipSpace();
  const keyword = cursor.at > apart ? cursor.match(KEYWORD) : undefined;
  if (keyword === undefined) {
    if (/[A-Z]/.test(cursor.char)) throw cursor.fail('a space and IS NULL, IS TRUE, IS FALSE or NOT EXISTS');
    return { kind: 'compare', selector, ...readComparison(cursor) };
  }
  const [first, what] = keyword.split(WORDS);
  if (first === 'NOT') return { kind: 'not_exists', selector };
  return { kind: 'is', selector, what: what as 'NULL' | 'TRUE' | 'FALSE' };
}

const CONSTANTS = { NULL: null, TRUE: true, FALSE: false } as const;

function compileJsonTest(test: JsonTest, read: Reading): (document: object) => boolean {
  const { selector } = test;
  if (test.kind === 'not_exists') return (document) => select(document, selector).length === 0;
  const judge = test.kind === 'is' ? equalTo(CONSTANTS[test.what]) : compareWith(test, read);
  if (!hasWildcard(selector)) return (document) => judge(selectOne(document, selector));
  return (document) => select(document, selector).some(judge);
}

const equalTo = (constant: unknown) => (value: unknown) => value === constant;

/** Only strings and numbers compare. Of anything else, and of what does not exist, nothing holds: neither = nor !=. */
function compareWith(test: JsonTest & { kind: 'compare' }, read: Reading): (value: unknown) => boolean {
  const { text, number } = compileComparison(test);
  return (value) => {
    if (typeof value === 'string') return text(value);
    if (typeof value === 'number') {
      if (number !== undefined) return number(value);
      read.unwritten = true;
      return text(String(value));
    }
    if (!(value instanceof WrittenNumber)) return false;
    return number === undefined ? text(value.source) : number(value.value);
  };
}
