import type { Condition, JsonTest } from './ast.ts';
import { NUMERIC } from './literal.ts';

/**
 * A cheap first look: false only where the condition cannot hold. What must be equal to a text must be in the event
 * letter by letter, unless the event escapes letters, which takes a backslash.
 */
export function mayHold(condition: Condition<JsonTest>): (event: string) => boolean {
  const needles = needlesOf(condition)
    .sort((a, b) => b.length - a.length)
    .slice(0, NEEDLES_MAX);
  if (needles.length === 0) return () => true;
  return (event) => needles.every((needle) => event.includes(needle)) || event.includes('\\');
}

/** More searches cost more than they spare. */
const NEEDLES_MAX = 2;
/** What JSON writes as it is. */
const AS_IT_IS = /^[^"\\\p{Cc}]*$/u;

function needlesOf(condition: Condition<JsonTest>): string[] {
  if (condition.kind === 'and') return condition.of.flatMap(needlesOf);
  if (condition.kind !== 'test') return [];
  const { test } = condition;
  if (test.kind !== 'compare' || test.operator !== '=' || test.literal.kind !== 'text') return [];
  const pieces = test.literal.text.split('*').filter((piece) => piece !== '' && AS_IT_IS.test(piece));
  const whole = pieces.length === 1 && pieces[0] === test.literal.text && !NUMERIC.test(pieces[0]);
  return whole ? [`"${pieces[0]}"`] : pieces;
}
