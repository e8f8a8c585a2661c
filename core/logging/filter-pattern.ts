import type { Condition, QueryField } from './query.ts';

/** What CloudWatch takes at most. */
const PATTERN_MAX_CHARS = 1_024;
/** In a quoted value a star stands for anything, and a control character has no spelling. */
const NOT_LITERAL = /[*\p{Cc}]/u;

/**
 * CloudWatch metric filters: the fourth dialect of a condition. `present`: fields that must be there besides, as a metric's
 * value must. Throws where the pattern would mean something else or is too long: nothing was rendered then.
 */
export function toFilterPattern(condition: Condition, present: readonly QueryField[] = []): string {
  const parts = [termOf(condition), ...present.map((field) => `${selector(field)} = *`)];
  const pattern = `{ ${joined(parts, '&&')} }`;
  if (pattern.length > PATTERN_MAX_CHARS) {
    throw new Error(`a filter pattern of ${pattern.length} characters was not rendered: ${PATTERN_MAX_CHARS} at most`);
  }
  return pattern;
}

function termOf(condition: Condition): string {
  if ('all' in condition) return joined(condition.all.map(termOf), '&&');
  if ('any' in condition) return joined(condition.any.map(termOf), '||');
  if ('above' in condition) return `${selector(condition.field)} > ${condition.above}`;
  return joined(
    condition.is.map((value) => `${selector(condition.field)} = ${literal(value)}`),
    '||',
  );
}

/** Every operand in parentheses: nobody has to know which of the two binds tighter. */
function joined(terms: readonly string[], operator: '&&' | '||'): string {
  if (terms.length === 0) throw new Error(`an empty condition was not rendered: it would match nothing or everything`);
  return terms.length === 1 ? terms[0]! : terms.map((term) => `(${term})`).join(` ${operator} `);
}

function selector(field: QueryField): string {
  return `$.${field}`;
}

/** A number compares as a number, a quoted text as text. */
function literal(value: string | number): string {
  if (typeof value === 'number') return String(value);
  if (NOT_LITERAL.test(value)) throw new Error(`${JSON.stringify(value)} was not rendered: it is no literal text`);
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
