import type { BinaryOperator, Comparison, Expression } from './ast.ts';
import { isAggregate } from './aggregates.ts';
import { compareValues } from './compare.ts';
import { InsightsError } from './error.ts';
import { FUNCTIONS } from './functions.ts';
import { refuseReadableTime } from './instant-comparison.ts';
import { cappedPeriod, ceilTo, floorTo, type Period, PERIOD_CAPS } from './period.ts';
import type { Evaluate } from './row.ts';
import type { Scope } from './scope.ts';
import {
  finite,
  Instant,
  looksNumeric,
  numberOf,
  Structure,
  textOf,
  truthOf,
  type Value,
  valueOfJson,
} from './value.ts';

/** What expressions of one run share. */
export interface Context {
  readonly query: string;
  readonly now_ms: number;
  readonly warnings: Set<string>;
}

/** Takes a node over before it is compiled as usual; undefined: it does not. */
export type Override = (expression: Expression) => Evaluate | undefined;

/** The expression as a function of a row. Throws InsightsError where it cannot be evaluated in this place. */
export function compileExpression(
  expression: Expression,
  scope: Scope,
  context: Context,
  override: Override = () => undefined,
): Evaluate {
  const compile = (inner: Expression): Evaluate =>
    override(inner) ?? writtenColumn(inner, scope) ?? compileNode(inner, scope, context, compile);
  return compile(expression);
}

function writtenColumn(expression: Expression, scope: Scope): Evaluate | undefined {
  if (expression.kind !== 'call') return undefined;
  const slot = scope.written(expression.text);
  return slot === undefined ? undefined : (row) => row[slot] ?? null;
}

type Compile = (expression: Expression) => Evaluate;

function compileNode(expression: Expression, scope: Scope, context: Context, compile: Compile): Evaluate {
  switch (expression.kind) {
    case 'literal': {
      const { value } = expression;
      return () => value;
    }
    case 'field':
      return fieldOf(expression.path, scope, context);
    case 'item': {
      const of = compile(expression.of);
      return (row) => below(of(row), expression.path);
    }
    case 'call':
      return callOf(expression, scope, context, compile);
    case 'negate': {
      const of = compile(expression.of);
      return (row) => arithmetic('-', 0, of(row));
    }
    case 'arithmetic': {
      const [left, right] = [compile(expression.left), compile(expression.right)];
      return (row) => arithmetic(expression.operator, left(row), right(row));
    }
    case 'compare':
      refuseReadableTime(expression.left, expression.right, scope, context.query);
      return comparison(expression.operator, expression.left, expression.right, compile);
    case 'contains': {
      const of = compile(expression.of);
      return (row) => {
        const value = of(row);
        return value === null ? null : textOf(value).includes(expression.substring);
      };
    }
    case 'matches': {
      const of = compile(expression.of);
      return (row) => {
        const value = of(row);
        return value === null ? null : expression.regex.test(textOf(value));
      };
    }
    case 'in': {
      for (const item of expression.list) refuseReadableTime(expression.of, item, scope, context.query);
      const of = compile(expression.of);
      const list = expression.list.map(compile);
      return (row) => isIn(of(row), row, list);
    }
    case 'not': {
      const of = compile(expression.of);
      return (row) => {
        const truth = truthOf(of(row));
        return truth === null ? null : !truth;
      };
    }
    case 'and':
    case 'or':
      return logical(expression.kind === 'or', compile(expression.left), compile(expression.right));
    case 'period':
      throw unsupported(
        'a period of time is an argument of bin(), datefloor() and dateceil() only',
        expression,
        context,
      );
    case 'star':
      throw unsupported('* is an argument of count() only', expression, context);
  }
}

function unsupported(message: string, at: Expression, context: Context): InsightsError {
  return new InsightsError(message, context.query, at.at);
}

function fieldOf(path: readonly string[], scope: Scope, context: Context): Evaluate {
  const place = scope.resolve(path);
  if (place === undefined) {
    context.warnings.add(`no column of the stats before is named ${path.join('.')}: it is null`);
    return () => null;
  }
  const { slot, below: rest } = place;
  if (rest.length === 0) return (row) => row[slot] ?? null;
  return (row) => below(row[slot] ?? null, rest);
}

/** What a path finds in a map or list; null where it finds nothing. */
function below(value: Value, path: readonly string[]): Value {
  let json: unknown = value instanceof Structure ? value.json : undefined;
  for (const key of path) {
    if (typeof json !== 'object' || json === null || !Object.hasOwn(json, key)) return null;
    json = (json as Record<string, unknown>)[key];
  }
  return json === undefined ? null : valueOfJson(json);
}

function callOf(
  call: Extract<Expression, { kind: 'call' }>,
  scope: Scope,
  context: Context,
  compile: Compile,
): Evaluate {
  const { name } = call;
  if (isAggregate(name)) throw unsupported(`${name}() is for stats only`, call, context);
  if (name === 'now') {
    const seconds = Math.floor(context.now_ms / 1_000);
    return () => seconds;
  }
  if (name === 'bin' || name === 'datefloor' || name === 'dateceil') return timeOf(call, scope, context, compile);
  const args = call.args.map(compile);
  const { call: apply } = FUNCTIONS[name]!;
  return (row) => apply(args.map((arg) => arg(row)));
}

function timeOf(
  call: Extract<Expression, { kind: 'call' }>,
  scope: Scope,
  context: Context,
  compile: Compile,
): Evaluate {
  const last = call.args.at(-1)!;
  if (last.kind !== 'period') throw unsupported(`${call.name}() needs a period such as 5m or 1h`, last, context);
  const period = cappedPeriod(last.period);
  if (period !== last.period) {
    context.warnings.add(
      `${call.text} is ${period.count}${period.unit}: its unit is capped at ${PERIOD_CAPS[period.unit]!}`,
    );
  }
  const of = call.name === 'bin' ? timestampOf(call, scope, context) : compile(call.args[0]!);
  return rounding(of, period, call.name === 'dateceil' ? ceilTo : floorTo);
}

function timestampOf(call: Expression, scope: Scope, context: Context): Evaluate {
  const place = scope.resolve(['@timestamp']);
  if (place === undefined)
    throw unsupported('bin() needs @timestamp, which the stats before does not have', call, context);
  return (row) => row[place.slot] ?? null;
}

/** Events come mostly in order of time: the last instant made is mostly the one that is wanted again. */
function rounding(of: Evaluate, period: Period, round: (ms: number, period: Period) => number): Evaluate {
  let last = new Instant(NaN);
  return (row) => {
    const value = of(row);
    const ms = value === null ? undefined : numberOf(value);
    if (ms === undefined) return null;
    const rounded = round(ms, period);
    if (rounded !== last.ms) last = new Instant(rounded);
    return last;
  };
}

function arithmetic(operator: BinaryOperator, left: Value, right: Value): Value {
  const a = left === null ? undefined : numberOf(left);
  const b = right === null ? undefined : numberOf(right);
  return a === undefined || b === undefined ? null : finite(calculate(operator, a, b));
}

function calculate(operator: BinaryOperator, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '^':
      return a ** b;
  }
}

function comparison(operator: Comparison, leftNode: Expression, rightNode: Expression, compile: Compile): Evaluate {
  const left = compile(leftNode);
  const right = compile(rightNode);
  const holds = HOLDS[operator];
  if (rightNode.kind !== 'literal' || typeof rightNode.value !== 'string' || looksNumeric(rightNode.value)) {
    return (row) => compared(left(row), right(row), holds);
  }
  // The most frequent comparison, with a text that is no number: texts are compared as they are.
  const text = rightNode.value;
  const isEqual = operator === '=';
  return (row) => {
    const value = left(row);
    if (isEqual && typeof value === 'string') return value === text;
    return compared(value, text, holds);
  };
}

const HOLDS: Readonly<Record<Comparison, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function compared(left: Value, right: Value, holds: (order: number) => boolean): Value {
  return left === null || right === null ? null : holds(compareValues(left, right));
}

function isIn(value: Value, row: Parameters<Evaluate>[0], list: readonly Evaluate[]): Value {
  if (value === null) return null;
  return list.some((item) => {
    const wanted = item(row);
    return wanted !== null && compareValues(value, wanted) === 0;
  });
}

/** `dominant`: the truth that decides alone. Null is neither, and stays where nothing decides. */
function logical(dominant: boolean, left: Evaluate, right: Evaluate): Evaluate {
  return (row) => {
    const a = truthOf(left(row));
    if (a === dominant) return dominant;
    const b = truthOf(right(row));
    if (b === dominant) return dominant;
    return a === null || b === null ? null : !dominant;
  };
}
