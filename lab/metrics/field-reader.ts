import type { CompiledFilter } from '../filter/compile-filter.ts';
import { parseWritten, WrittenNumber } from '../filter/json-document.ts';
import { PatternError } from '../filter/pattern-error.ts';
import { hasWildcard, parseSelector, selectOne } from '../filter/selector.ts';

/**
 * What a field holds in an event, as text: a string or a number as it is written, true or false. null: there is
 * something else, so nothing to take. undefined: there is no such field.
 */
export type FieldReader = (message: string) => string | null | undefined;

/**
 * Compiles "$.field" of a JSON pattern, "$name" or "$1" of a space-delimited one; a string says what would have been
 * right. Other patterns have no fields.
 */
export function compileField({ pattern, extract }: CompiledFilter, field: string): FieldReader | string {
  if (pattern.kind === 'fields') {
    const names = pattern.fields.flatMap((column) => (column.kind === 'field' ? [`$${column.name}`] : []));
    if (!names.includes(field) && !NUMBERED.test(field)) return `a field of the pattern, not ${field}`;
    return (message) => {
      const values = extract(message);
      return values !== undefined && Object.hasOwn(values, field) ? values[field] : undefined;
    };
  }
  if (pattern.kind !== 'json') return 'a JSON or a space-delimited pattern, others have no fields';
  try {
    const selector = parseSelector(field);
    if (hasWildcard(selector)) return `one field, not ${field}`;
    return (message) => textOf(selectOne(parseWritten(message), selector));
  } catch (error) {
    if (error instanceof PatternError) return `${error.expected} in ${field}`;
    throw error;
  }
}

const NUMBERED = /^\$[1-9]\d{0,3}$/;

function textOf(value: unknown): string | null | undefined {
  if (value === undefined || typeof value === 'string') return value;
  if (value instanceof WrittenNumber) return value.source;
  return typeof value === 'boolean' ? String(value) : null;
}
