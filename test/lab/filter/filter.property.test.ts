import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { compileFilter } from '../../../lab/filter/compile-filter.ts';
import type { Condition, FieldTest, JsonTest, Literal, Pattern, Step } from '../../../lab/filter/ast.ts';
import { compileGlob } from '../../../lab/filter/glob.ts';
import { PATTERN_MAX_CHARS } from '../../../lab/filter/quotas.ts';
import { parsePattern } from '../../../lab/filter/parse-pattern.ts';
import { PatternError } from '../../../lab/filter/pattern-error.ts';
import { printPattern } from '../../../lab/filter/print-pattern.ts';
import { JSON_CASES, SPACE_CASES, TERM_CASES } from './cases.ts';

const ALL_CASES = [...JSON_CASES, ...SPACE_CASES, ...TERM_CASES];

/** Text that comes near to being a pattern. */
const token = fc.constantFrom(
  ...['{', '}', '[', ']', '(', ')', '$', '.', '.*', '[*]', '[0]', "['", "']", 'a', 'IS', 'NULL', 'NOT EXISTS', '='],
  ...['!=', '>', '<=', '&&', '||', '"', '\\', '%', '*', '...', ',', ' ', '?', '-', '1e3', 'é', '\u0000', '{1,2}', '^'],
);
const likePattern = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(token, { maxLength: 30 }).map((tokens) => tokens.join('')),
  fc.array(token, { maxLength: 30 }).map((tokens) => `{ $.a${tokens.join('')} }`),
  fc.array(token, { maxLength: 30 }).map((tokens) => `[a ${tokens.join('')}]`),
);

const number = fc
  .oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((value): Literal => ({ kind: 'number', text: String(value) }));
const words = fc.string({ unit: fc.constantFrom('a', 'b', '1', '*', '.', '"', '\\', 'é', ' ', '%'), maxLength: 6 });
const text = words.map((written): Literal => ({ kind: 'text', text: written }));
const equality = fc.record({ operator: fc.constantFrom('=' as const, '!=' as const), literal: fc.oneof(number, text) });
const order = fc.record({ operator: fc.constantFrom('>' as const, '<=' as const), literal: number });
const fieldTest: fc.Arbitrary<FieldTest> = fc.oneof(equality, order);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('key' as const), key: fc.constantFrom('a', 'b', 'x y', "'", '\\', '__proto__') }),
  fc.record({ kind: fc.constant('index' as const), index: fc.nat(2) }),
);
const selector = fc.array(step, { minLength: 1, maxLength: 3 });
const jsonTest: fc.Arbitrary<JsonTest> = fc.oneof(
  fc.record({ selector, test: fieldTest }).map(({ selector: of, test: compared }): JsonTest => {
    return { kind: 'compare', selector: of, ...compared };
  }),
  fc.record({ kind: fc.constant('is' as const), selector, what: fc.constantFrom('NULL', 'TRUE', 'FALSE') }),
  fc.record({ kind: fc.constant('not_exists' as const), selector }),
);

/** Chains of one operator are one node, as the reader makes them. */
function conditions<Test>(test: fc.Arbitrary<Test>): fc.Arbitrary<Condition<Test>> {
  const leaf = test.map((one): Condition<Test> => ({ kind: 'test', test: one }));
  const two = (of: fc.Arbitrary<Condition<Test>>) => fc.array(of, { minLength: 2, maxLength: 3 });
  const and = two(leaf).map((of): Condition<Test> => ({ kind: 'and', of }));
  const or = two(fc.oneof(leaf, and)).map((of): Condition<Test> => ({ kind: 'or', of }));
  return fc.oneof(leaf, and, or);
}

const column = fc.constantFrom('a', 'b_1', 'c-d').chain((name) =>
  fc.oneof(
    fc.constant({ kind: 'field' as const, name }),
    conditions(fieldTest).map((condition) => ({ kind: 'field' as const, name, condition })),
  ),
);
const pattern: fc.Arbitrary<Pattern> = fc.oneof(
  conditions(jsonTest).map((condition): Pattern => ({ kind: 'json', condition })),
  fc
    .uniqueArray(column, { selector: ({ name }) => name, minLength: 1 })
    .map((fields): Pattern => ({ kind: 'fields', fields })),
  fc
    .array(
      fc.record({
        role: fc.constantFrom('all' as const, 'any' as const, 'none' as const),
        text: words.filter((word) => word !== ''),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((terms): Pattern => ({ kind: 'terms', terms })),
);

describe('a filter pattern', () => {
  test.prop([likePattern], { numRuns: 3_000 })('compiles or throws a PatternError with a place in it', (written) => {
    try {
      compileFilter(written);
    } catch (error) {
      expect(error).toBeInstanceOf(PatternError);
      expect((error as PatternError).position).toBeLessThanOrEqual(written.length);
    }
  });

  test.prop([pattern])('reads as the same again when it is printed', (built) => {
    const printed = printPattern(built);
    fc.pre(printed.length <= PATTERN_MAX_CHARS);
    expect(parsePattern(printed)).toEqual(built);
  });

  test.prop([fc.constantFrom(...ALL_CASES), fc.oneof(fc.string({ unit: 'binary' }), fc.json())])(
    'never throws on an event',
    ([written], event) => {
      expect(compileFilter(written).matches(event)).toBeTypeOf('boolean');
    },
  );

  test.prop([conditions(jsonTest), fc.jsonValue()])('holds of an object whatever way its JSON is written', (of, a) => {
    const filter = compileFilter(printPattern({ kind: 'json', condition: of }).slice(0, PATTERN_MAX_CHARS));
    const event = JSON.stringify({ a, b: [a] });
    const spaced = JSON.stringify({ a, b: [a] }, undefined, 2);
    // Every letter of a text escaped: the first look over the raw event must not be misled.
    const escaped = event.replaceAll(/(?<=")[ab](?=")/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`);
    expect([filter.matches(spaced), filter.matches(escaped)]).toEqual([filter.matches(event), filter.matches(event)]);
  });
});

describe('a wildcard', () => {
  const abc = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
  const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 });

  test.prop([glob, abc])('never matches where a regular expression would not', (written, value) => {
    const regex = new RegExp(`^${written.replaceAll('*', '.*')}$`);
    if (compileGlob(written)(value)) expect(value).toMatch(regex);
  });

  test.prop([glob.filter((written) => !/\*[ab]+$/.test(written)), abc])(
    'is exactly that expression where the pattern does not end in letters behind an asterisk',
    (written, value) => {
      const regex = new RegExp(`^${written.replaceAll('*', '.*')}$`);
      expect(compileGlob(written)(value)).toBe(regex.test(value));
    },
  );
});
