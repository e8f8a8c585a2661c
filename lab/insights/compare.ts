import { Instant, numberOf, textOf, type Value } from './value.ts';

/**
 * As numbers where both are numbers or look like numbers, else as text by code units: below 0, 0 or above 0. NaN, of
 * which no comparison but != holds, where one is a number or an instant and the other does not look like a number.
 */
export function compareValues(left: Exclude<Value, null>, right: Exclude<Value, null>): number {
  if (typeof left === 'boolean' || typeof right === 'boolean') return compareBooleans(left, right);
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== undefined && b !== undefined) return a === b ? compareLongIntegers(left, right, a) : a - b;
  if (isNumber(left) || isNumber(right)) return NaN;
  return compareText(textOf(left), textOf(right));
}

function isNumber(value: Exclude<Value, null>): boolean {
  return typeof value === 'number' || value instanceof Instant;
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** The order of sort, ascending: null first, then what is no number in natural order, then numbers. */
export function sortOrder(left: Value, right: Value): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? -1 : 1;
  const a = numberOf(left);
  const b = numberOf(right);
  if (a === undefined) return b === undefined ? naturalOrder(textOf(left), textOf(right)) : -1;
  if (b === undefined) return 1;
  return a === b ? compareText(textOf(left), textOf(right)) : a - b;
}

const CHUNKS = /\d+|\D+/g;
const DIGIT = /^\d/;

/** Runs of digits are ordered by length and then by value, everything else by code units. */
export function naturalOrder(left: string, right: string): number {
  if (left === right) return 0;
  const a = left.match(CHUNKS) ?? [];
  const b = right.match(CHUNKS) ?? [];
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (x === y) continue;
    if (DIGIT.test(x) && DIGIT.test(y) && x.length !== y.length) return x.length - y.length;
    return compareText(x, y);
  }
  return a.length - b.length;
}

/** true is 1 and "true", false is 0 and "false". */
function compareBooleans(left: Exclude<Value, null>, right: Exclude<Value, null>): number {
  const a = booleanNumber(left);
  const b = booleanNumber(right);
  return a !== undefined && b !== undefined ? a - b : compareText(textOf(left), textOf(right));
}

function booleanNumber(value: Exclude<Value, null>): number | undefined {
  if (value === 'true') return 1;
  return value === 'false' ? 0 : numberOf(value);
}

const INTEGER = /^[+-]?\d+$/;

/** Ids of more than 15 digits that differ are the same double: then their digits decide. */
function compareLongIntegers(left: Exclude<Value, null>, right: Exclude<Value, null>, double: number): number {
  if (Number.isSafeInteger(double) || typeof left !== 'string' || typeof right !== 'string') return 0;
  if (!INTEGER.test(left) || !INTEGER.test(right)) return 0;
  const difference = BigInt(left) - BigInt(right);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}
