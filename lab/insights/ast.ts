import type { Period } from './period.ts';

/** `text` is what stands in the query: the column's name where there is no alias. */
interface Located {
  readonly at: number;
  readonly text: string;
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '^';
export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

export type Expression = Located &
  (
    | { readonly kind: 'field'; readonly path: readonly string[] }
    | { readonly kind: 'literal'; readonly value: string | number | boolean }
    | { readonly kind: 'period'; readonly period: Period }
    | { readonly kind: 'star' }
    | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
    | { readonly kind: 'item'; readonly of: Expression; readonly path: readonly string[] }
    | { readonly kind: 'negate'; readonly of: Expression }
    | {
        readonly kind: 'arithmetic';
        readonly operator: BinaryOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | {
        readonly kind: 'compare';
        readonly operator: Comparison;
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly kind: 'contains'; readonly of: Expression; readonly substring: string }
    | { readonly kind: 'matches'; readonly of: Expression; readonly regex: RegExp }
    | { readonly kind: 'in'; readonly of: Expression; readonly list: readonly Expression[] }
    | { readonly kind: 'not'; readonly of: Expression }
    | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  );

/** An expression and the name of its column, which stands at `nameAt`: an alias, or the expression as it is written. */
export interface Column {
  readonly expression: Expression;
  readonly name: string;
  readonly nameAt: number;
}

export interface SortKey {
  readonly expression: Expression;
  readonly descending: boolean;
}

interface Extraction {
  /** Its groups are `names`, in order. */
  readonly regex: RegExp;
  readonly names: readonly string[];
}

export type Command = { readonly at: number } & (
  | { readonly kind: 'fields' | 'display'; readonly columns: readonly Column[] }
  | { readonly kind: 'filter'; readonly condition: Expression }
  | ({ readonly kind: 'parse'; readonly of: Expression } & Extraction)
  | { readonly kind: 'stats'; readonly columns: readonly Column[]; readonly by: readonly Column[] }
  | { readonly kind: 'sort'; readonly keys: readonly SortKey[] }
  | { readonly kind: 'limit'; readonly count: number }
  | { readonly kind: 'dedup'; readonly fields: readonly Expression[] }
  | { readonly kind: 'unnest'; readonly of: Expression; readonly name: string }
);

export type CommandKind = Command['kind'];
