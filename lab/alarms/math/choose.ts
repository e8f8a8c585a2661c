import type { Call, MathScope } from './scope.ts';
import { kept, type MathValue, series } from './value.ts';

const MOST_ARGUMENTS = 3;

/**
 * IF(condition, then, else?), evaluated where the condition has a datapoint. Where it holds and `then` has none, the
 * result is 0; where it does not hold and `else` has none, or is omitted, the datapoint is dropped. So it is in the
 * tables of the documentation ("Using IF expressions").
 */
export function choose(call: Call, scope: MathScope): MathValue {
  const [condition, then, otherwise] = call.args;
  if (condition === undefined || then === undefined || call.args.length > MOST_ARGUMENTS)
    throw scope.fault(call, 'IF takes a condition, a value and perhaps another');
  const held = scope.value(condition);
  const yes = scope.value(then);
  const no = otherwise === undefined ? undefined : scope.value(otherwise);
  if ([held, yes, no].some((value) => value?.kind === 'array'))
    throw scope.fault(call, 'IF takes time series and numbers, not arrays');
  if (held.kind === 'scalar' && yes.kind === 'scalar')
    throw scope.fault(call, 'IF over a number chooses between time series');

  const { starts_ms } = scope.context;
  if (held.kind === 'scalar') {
    const chosen = held.value === 0 ? no : yes;
    return series(starts_ms.map((_, index) => at(chosen, index)));
  }
  return series(
    starts_ms.map((_, index) => {
      const value = at(held, index);
      if (value === undefined) return undefined;
      return kept(value === 0 ? at(no, index) : (at(yes, index) ?? 0));
    }),
  );
}

function at(value: MathValue | undefined, index: number): number | undefined {
  if (value?.kind === 'scalar') return value.value;
  return value?.kind === 'series' ? value.points[index] : undefined;
}
