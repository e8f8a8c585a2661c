/** A pattern as it was read. What is printed from it (print.ts) reads as the same again. */
export type Pattern =
  | { readonly kind: 'all' }
  | { readonly kind: 'terms'; readonly terms: readonly Term[] }
  | { readonly kind: 'regex'; readonly regex: RegexLiteral }
  | { readonly kind: 'json'; readonly condition: Condition<JsonTest> }
  | { readonly kind: 'fields'; readonly fields: readonly Field[] };

/** all: the event holds it. any: `?`, one of these is enough. none: `-`, the event does not hold it. */
export interface Term {
  readonly role: 'all' | 'any' | 'none';
  readonly text: string;
}

/** && binds tighter than ||; a chain of one operator is one node. */
export type Condition<Test> =
  | { readonly kind: 'or' | 'and'; readonly of: readonly Condition<Test>[] }
  | { readonly kind: 'test'; readonly test: Test };

export type JsonTest =
  | { readonly kind: 'compare'; readonly selector: Selector; readonly operator: Operator; readonly literal: Literal }
  | { readonly kind: 'is'; readonly selector: Selector; readonly what: 'NULL' | 'TRUE' | 'FALSE' }
  | { readonly kind: 'not_exists'; readonly selector: Selector };

/** From the root: `.name`, `[0]`, `.*` of an object, `[*]` of an array. */
export type Selector = readonly Step[];
export type Step =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'every_key' }
  | { readonly kind: 'every_index' };

/** rest: `...`, any number of fields. A field without a name is known by its number. */
export type Field =
  | { readonly kind: 'rest' }
  | { readonly kind: 'field'; readonly name: string; readonly condition?: Condition<FieldTest> };

export interface FieldTest {
  readonly operator: Operator;
  readonly literal: Literal;
}

export type Operator = '=' | '!=' | '>' | '>=' | '<' | '<=';

/** number: unquoted and numeric. text: anything else, where `*` stands for any characters. */
export type Literal =
  { readonly kind: 'number'; readonly text: string } | { readonly kind: 'text'; readonly text: string } | RegexLiteral;

/** As written between the percent signs. */
export interface RegexLiteral {
  readonly kind: 'regex';
  readonly source: string;
}
