import type { BinaryOperator } from './node.ts';
import { array, kept, mapPoints, type MathValue, type Points, scalar, series } from './value.ts';

const truth = (holds: boolean): number => (holds ? 1 : 0);

const APPLY: Readonly<Record<BinaryOperator, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '^': (left, right) => left ** right,
  '==': (left, right) => truth(left === right),
  '!=': (left, right) => truth(left !== right),
  '<': (left, right) => truth(left < right),
  '<=': (left, right) => truth(left <= right),
  '>': (left, right) => truth(left > right),
  '>=': (left, right) => truth(left >= right),
  AND: (left, right) => truth(left !== 0 && right !== 0),
  OR: (left, right) => truth(left !== 0 || right !== 0),
};

/**
 * Point by point. Of two series, where one has a value and the other none, the missing one counts as 0; where both have
 * none there is none. A series with a number has a value where the series has one. Division by zero drops the datapoint.
 * Undefined: these kinds do not go together.
 */
export function applyOperator(operator: BinaryOperator, left: MathValue, right: MathValue): MathValue | undefined {
  const apply = APPLY[operator];
  const pointwise = (a: Points, b: Points): Points => a.map((value, index) => paired(apply, value, b[index]));

  if (left.kind === 'scalar' && right.kind === 'scalar') return scalar(apply(left.value, right.value));
  if (left.kind === 'array' && right.kind === 'array') return undefined;
  const one = (a: Points | number, b: Points | number): Points => {
    if (typeof a === 'number') return typeof b === 'number' ? [] : mapPoints(b, (value) => apply(a, value));
    return typeof b === 'number' ? mapPoints(a, (value) => apply(value, b)) : pointwise(a, b);
  };
  if (left.kind === 'array') return array(left.items.map((points) => one(points, plain(right))));
  if (right.kind === 'array') return array(right.items.map((points) => one(plain(left), points)));
  return series(one(plain(left), plain(right)));
}

function plain(value: MathValue): Points | number {
  if (value.kind === 'scalar') return value.value;
  return value.kind === 'series' ? value.points : [];
}

function paired(
  apply: (left: number, right: number) => number,
  left: number | undefined,
  right: number | undefined,
): number | undefined {
  return left === undefined && right === undefined ? undefined : kept(apply(left ?? 0, right ?? 0));
}
