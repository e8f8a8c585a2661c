import type { Expression } from './ast.ts';
import { InsightsError } from './error.ts';
import type { Scope } from './scope.ts';
import { looksNumeric } from './value.ts';

const INSTANT_FIELDS: ReadonlySet<string> = new Set(['@timestamp', '@ingestionTime']);
const INSTANT_CALLS: ReadonlySet<string> = new Set(['bin', 'datefloor', 'dateceil', 'frommillis']);

/**
 * Throws InsightsError where one is an instant and the other a text that is no number, `"2026-11-23 22:00"`: the user
 * guide says that queries cannot filter with human readable times, and no row of the service would be what is meant.
 */
export function refuseReadableTime(left: Expression, right: Expression, scope: Scope, query: string): void {
  for (const [instant, text] of [
    [left, right],
    [right, left],
  ] as const) {
    if (text.kind !== 'literal' || typeof text.value !== 'string' || looksNumeric(text.value)) continue;
    if (!isInstant(instant, scope)) continue;
    throw new InsightsError('an instant is compared with milliseconds since 1970, not with a text', query, text.at);
  }
}

function isInstant(expression: Expression, scope: Scope): boolean {
  if (expression.kind === 'call') return INSTANT_CALLS.has(expression.name);
  if (expression.kind !== 'field') return false;
  const name = expression.path.join('.');
  // What fields or parse gave this name may be a text.
  return INSTANT_FIELDS.has(name) && !(scope.ofEvents && scope.isDefined(name));
}
