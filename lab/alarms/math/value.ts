/** A time series over the periods of the evaluation range, oldest first; undefined where nobody reported. */
export type Points = readonly (number | undefined)[];

/** What an expression can be: a number, a time series, an array of time series. */
export type MathValue =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'series'; readonly points: Points }
  | { readonly kind: 'array'; readonly items: readonly Points[] };

export const scalar = (value: number): MathValue => ({ kind: 'scalar', value });
export const series = (points: Points): MathValue => ({ kind: 'series', points });
export const array = (items: readonly Points[]): MathValue => ({ kind: 'array', items });

/** Numbers only: a result that is none (division by zero, logarithm of zero) is a datapoint dropped. */
export function kept(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

/** Each series of the value through `change`. */
export function mapSeries(
  value: Exclude<MathValue, { kind: 'scalar' }>,
  change: (points: Points) => Points,
): MathValue {
  return value.kind === 'series' ? series(change(value.points)) : array(value.items.map(change));
}

/** Each datapoint that exists. */
export function mapPoints(points: Points, change: (value: number) => number): Points {
  return points.map((value) => (value === undefined ? undefined : kept(change(value))));
}
