import type { Call, MathScope } from './scope.ts';
import { mapSeries, type MathValue, type Points } from './value.ts';

type Filler = (points: Points, index: number) => number | undefined;

/** FILL(series or array, number | series | REPEAT | LINEAR): missing datapoints get a value. */
export function fill(call: Call, scope: MathScope): MathValue {
  const [target, by] = call.args;
  if (target === undefined || by === undefined || call.args.length > 2)
    throw scope.fault(call, 'FILL takes a time series and what to fill with');
  const value = scope.value(target);
  if (value.kind === 'scalar') throw scope.fault(call, 'FILL takes a time series or an array of them');
  const filler = by.kind === 'word' ? WORDS[by.name]! : fillerOf(scope.value(by));
  if (filler === undefined) throw scope.fault(by, 'FILL fills with a number, a time series, REPEAT or LINEAR');
  return mapSeries(value, (points) => points.map((point, index) => point ?? filler(points, index)));
}

const WORDS: Readonly<Record<string, Filler>> = {
  REPEAT: (points, index) => points.slice(0, index).findLast((point) => point !== undefined),
  LINEAR: (points, index) => {
    const left = points.findLastIndex((point, at) => at < index && point !== undefined);
    const right = points.findIndex((point, at) => at > index && point !== undefined);
    const from = points[left];
    const to = points[right];
    if (from === undefined || to === undefined) return undefined;
    return from + ((to - from) * (index - left)) / (right - left);
  },
};

function fillerOf(value: MathValue): Filler | undefined {
  if (value.kind === 'scalar') return () => value.value;
  return value.kind === 'series' ? (_, index) => value.points[index] : undefined;
}
