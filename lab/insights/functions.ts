import { isInSubnet, isValidIp } from './ip.ts';
import { finite, Instant, numberOf, Structure, textOf, type Value, valueOfJson } from './value.ts';

export interface ScalarFunction {
  readonly min: number;
  readonly max: number;
  readonly call: (args: readonly Value[]) => Value;
}

const MANY = Infinity;

/** Functions of values; those of time and of the query itself are in expression.ts. A missing text or number gives null. */
export const FUNCTIONS: Readonly<Record<string, ScalarFunction>> = {
  abs: numeric(Math.abs),
  ceil: numeric(Math.ceil),
  floor: numeric(Math.floor),
  log: numeric(Math.log),
  sqrt: numeric(Math.sqrt),
  greatest: { min: 1, max: MANY, call: (args) => extreme(args, Math.max) },
  least: { min: 1, max: MANY, call: (args) => extreme(args, Math.min) },

  ispresent: { min: 1, max: 1, call: ([value]) => value !== null },
  isempty: { min: 1, max: 1, call: ([value]) => (orNull(value, textOf) ?? '') === '' },
  isblank: { min: 1, max: 1, call: ([value]) => (orNull(value, textOf) ?? '').trim() === '' },
  coalesce: { min: 1, max: MANY, call: (args) => args.find((value) => value !== null) ?? null },

  strlen: textual(1, 1, (text) => Array.from(text).length),
  toupper: textual(1, 1, (text) => text.toUpperCase()),
  tolower: textual(1, 1, (text) => text.toLowerCase()),
  trim: textual(1, 2, (text, chars) => trimmed(text, chars, true, true)),
  ltrim: textual(1, 2, (text, chars) => trimmed(text, chars, true, false)),
  rtrim: textual(1, 2, (text, chars) => trimmed(text, chars, false, true)),
  replace: textual(3, 3, (text, search = '', by = '') => (search === '' ? text : text.replaceAll(search, () => by))),
  strcontains: textual(2, 2, (text, search = '') => (text.includes(search) ? 1 : 0)),
  substr: { min: 2, max: 3, call: substring },
  concat: { min: 1, max: MANY, call: (args) => args.map((value) => orNull(value, textOf) ?? '').join('') },

  tomillis: { min: 1, max: 1, call: ([value]) => orNull(value, (v) => numberOf(v) ?? null) },
  frommillis: { min: 1, max: 1, call: ([value]) => orNull(value, instantOf) },

  jsonparse: { min: 1, max: 1, call: ([value]) => orNull(value, parsed) },
  jsonstringify: { min: 1, max: 1, call: ([value]) => orNull(value, stringified) },

  isvalidip: textual(1, 1, (text) => isValidIp(text, undefined)),
  isvalidipv4: textual(1, 1, (text) => isValidIp(text, 4)),
  isvalidipv6: textual(1, 1, (text) => isValidIp(text, 6)),
  isipinsubnet: textual(2, 2, (text, subnet = '') => isInSubnet(text, subnet, undefined)),
  isipv4insubnet: textual(2, 2, (text, subnet = '') => isInSubnet(text, subnet, 4)),
  isipv6insubnet: textual(2, 2, (text, subnet = '') => isInSubnet(text, subnet, 6)),
};

/** Number of arguments of the functions that are not in FUNCTIONS. */
const OTHERS: Readonly<Record<string, readonly [number, number]>> = {
  ...{ bin: [1, 1], datefloor: [2, 2], dateceil: [2, 2], now: [0, 0] },
  ...{ count: [0, 1], sum: [1, 1], avg: [1, 1], min: [1, 1], max: [1, 1], median: [1, 1], stddev: [1, 1] },
  ...{ pct: [2, 2], count_distinct: [1, 1], earliest: [1, 1], latest: [1, 1], sortsfirst: [1, 1], sortslast: [1, 1] },
};

/** Why a call of this (lower case) name with so many arguments is not evaluated. */
export function arityFault(name: string, count: number): string | undefined {
  const scalar = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  const other = Object.hasOwn(OTHERS, name) ? OTHERS[name] : undefined;
  if (scalar === undefined && other === undefined) return `the function "${name}" is unknown or not supported`;
  const [min, max] = scalar === undefined ? other! : [scalar.min, scalar.max];
  if (count >= min && count <= max) return undefined;
  const wanted = min === max ? String(min) : max === MANY ? `${min} or more` : `${min} to ${max}`;
  return `${name}() takes ${wanted} arguments, not ${count}`;
}

function numeric(call: (number: number) => number): ScalarFunction {
  const ofNumber = (value: Exclude<Value, null>): Value => {
    const number = numberOf(value);
    return number === undefined ? null : finite(call(number));
  };
  return { min: 1, max: 1, call: ([value]) => orNull(value, ofNumber) };
}

function textual(
  min: number,
  max: number,
  call: (text: string, ...more: (string | undefined)[]) => Value,
): ScalarFunction {
  return {
    min,
    max,
    call: (args) => {
      const texts: string[] = [];
      for (const value of args) {
        if (value === null) return null;
        texts.push(textOf(value));
      }
      const [text = '', ...more] = texts;
      return call(text, ...more);
    },
  };
}

function orNull<T>(value: Value | undefined, call: (value: Exclude<Value, null>) => T): T | null {
  return value === null || value === undefined ? null : call(value);
}

/** Of the arguments that are numbers; null where none is. */
function extreme(args: readonly Value[], of: (...numbers: number[]) => number): Value {
  const numbers = args.map(numberOfOrNone).filter((number) => number !== undefined);
  return numbers.length === 0 ? null : of(...numbers);
}

function numberOfOrNone(value: Value): number | undefined {
  return value === null ? undefined : numberOf(value);
}

/** From both ends as asked: white space, or any of the characters given. */
function trimmed(text: string, chars: string | undefined, left: boolean, right: boolean): string {
  const all = Array.from(text);
  const drop = (char: string | undefined) =>
    char !== undefined && (chars === undefined ? /\s/.test(char) : chars.includes(char));
  let from = 0;
  let to = all.length;
  while (left && from < to && drop(all[from])) from++;
  while (right && to > from && drop(all[to - 1])) to--;
  return all.slice(from, to).join('');
}

/** Counted from 0 in code points; the third argument is a length. */
function substring([value, start, length]: readonly Value[]): Value {
  const from = numberOfOrNone(start ?? null);
  const count = length === undefined ? Infinity : numberOfOrNone(length);
  if (value === null || value === undefined || from === undefined || count === undefined) return null;
  const first = Math.max(0, Math.trunc(from));
  return Array.from(textOf(value))
    .slice(first, first + Math.max(0, Math.trunc(count)))
    .join('');
}

function instantOf(value: Exclude<Value, null>): Value {
  const number = numberOf(value);
  return number === undefined ? null : new Instant(number);
}

function parsed(value: Exclude<Value, null>): Value {
  if (value instanceof Structure) return value;
  try {
    return valueOfJson(JSON.parse(textOf(value)));
  } catch {
    return null;
  }
}

function stringified(value: Exclude<Value, null>): string {
  if (value instanceof Instant) return JSON.stringify(textOf(value));
  return JSON.stringify(value instanceof Structure ? value.json : value);
}
