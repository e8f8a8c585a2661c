import type { Condition, Field, FieldTest, Pattern } from './ast.ts';
import { compileComparison } from './comparison.ts';
import { compileCondition, readCondition } from './condition.ts';
import type { Cursor } from './cursor.ts';
import { NUMERIC, readComparison } from './literal.ts';
import { type EventField, spaceFields } from './space-fields.ts';

/**
 * Reads `[a, b = 4*, ...]` from behind its opening bracket up to the cursor's end, where the closing one stands. `[]` is
 * `[...]`: the reference of TestMetricFilter has it match any event and number its fields.
 */
export function readSpacePattern(cursor: Cursor): Pattern {
  cursor.skipSpace();
  if (cursor.char === '') return { kind: 'fields', fields: [{ kind: 'rest' }] };
  const fields: Field[] = [];
  do fields.push(readField(cursor, fields));
  while (cursor.take(','));
  if (!cursor.done) throw cursor.fail('a comma or the end of the pattern');
  return { kind: 'fields', fields };
}

/**
 * The values of an event that fits: `$name`, and `$n` (counted from 1) where a field has no name or is one of `...`.
 * undefined: it does not fit. Without `...` the last field takes all that is left of the event.
 */
export function compileSpacePattern(fields: readonly Field[]): (event: string) => SpaceValues | undefined {
  const rest = fields.findIndex(({ kind }) => kind === 'rest');
  const columns = fields.filter((field) => field.kind === 'field');
  const tests = columns.map(({ condition }) => condition && compileFieldCondition(condition));
  const before = rest < 0 ? columns.length : rest;
  return (event) => {
    const found = spaceFields(event);
    if (found.length < columns.length) return undefined;
    const values = rest < 0 ? lastTakesAll(event, found, columns.length) : found.map(({ value }) => value);
    const behind = values.length - columns.length;
    const column = (at: number): number => (at < before ? at : at + behind);
    if (!tests.every((test, at) => test === undefined || test(values[column(at)]!))) return undefined;
    const names = values.map((_, at) => `$${at + 1}`);
    columns.forEach(({ name }, at) => {
      if (name !== '') names[column(at)] = `$${name}`;
    });
    return Object.fromEntries(values.map((value, at) => [names[at]!, value]));
  };
}

export type SpaceValues = Readonly<Record<string, string>>;

const NAME = /[A-Za-z0-9_-]+/y;

const fieldEnds = (cursor: Cursor): boolean => cursor.done || cursor.char === ',';

function readField(cursor: Cursor, before: readonly Field[]): Field {
  cursor.skipSpace();
  const at = cursor.at;
  if (cursor.take('...')) {
    if (before.some(({ kind }) => kind === 'rest')) throw cursor.fail('at most one ... in a pattern', at);
    cursor.skipSpace();
    return { kind: 'rest' };
  }
  if (fieldEnds(cursor)) return { kind: 'field', name: '' };
  const plain = cursor.match(NAME);
  cursor.skipSpace();
  if (plain !== undefined && fieldEnds(cursor)) {
    refuseSecond(cursor, plain, at, before);
    return { kind: 'field', name: plain };
  }
  cursor.at = at;
  let name: string | undefined;
  const condition = readCondition(cursor, (): FieldTest => {
    const start = cursor.at;
    const tested = cursor.match(NAME);
    if (tested === undefined) throw cursor.fail("a field's name or ...");
    if (name === undefined) refuseSecond(cursor, tested, start, before);
    name ??= tested;
    // The user guide prints `[w1=ERROR || W1=WARNING, w2]`.
    if (tested.toLowerCase() !== name.toLowerCase()) {
      throw cursor.fail(`${name} again: a field has its own conditions`, start);
    }
    cursor.skipSpace();
    return readComparison(cursor);
  });
  return { kind: 'field', name: name!, condition };
}

/** Of two fields with one name only the later value would be taken out. */
function refuseSecond(cursor: Cursor, name: string, at: number, before: readonly Field[]): void {
  if (before.some((field) => field.kind === 'field' && field.name === name)) {
    throw cursor.fail(`another name than ${name}, which is a field's already`, at);
  }
}

function compileFieldCondition(condition: Condition<FieldTest>): (value: string) => boolean {
  return compileCondition(condition, (test) => {
    const { text, number } = compileComparison(test);
    return (value: string) => (number !== undefined && NUMERIC.test(value) ? number(Number(value)) : text(value));
  });
}

/** The values of `count` columns, the last of which is the event from there to its end. */
function lastTakesAll(event: string, found: readonly EventField[], count: number): string[] {
  const values = found.slice(0, count).map(({ value }) => value);
  if (found.length > count) values[count - 1] = event.slice(found[count - 1]!.at).trimEnd();
  return values;
}
