import { choose } from './choose.ts';
import { fill } from './fill.ts';
import type { Call, MathContext, MathFunction, MathScope } from './scope.ts';
import { array, kept, mapPoints, mapSeries, type MathValue, type Points, scalar, series } from './value.ts';

const SECOND_MS = 1000;

/** What is not evaluated here and why. Naming one is an error, never a wrong result. */
export const UNSUPPORTED: Readonly<Record<string, string>> = {
  SEARCH: 'CloudWatch refuses it in alarms',
  ANOMALY_DETECTION_BAND: 'the model is AWS’s own; give the alarm a band instead',
  INSIGHT_RULE_METRIC: 'Contributor Insights is not here',
  SERVICE_QUOTA: 'the account’s quotas are not known here',
  DB_PERF_INSIGHTS: 'Performance Insights is not here',
  LAMBDA: 'a connected data source is not here',
  SORT: 'several series are no alarm’s result',
  SLICE: 'several series are no alarm’s result',
  REMOVE_EMPTY: 'it depends on how much CloudWatch retrieves',
};

/** Of one series these depend on how much CloudWatch retrieves, which is not published. */
export const COLLAPSING: ReadonlySet<string> = new Set([
  'SUM',
  'AVG',
  'MIN',
  'MAX',
  'STDDEV',
  'DATAPOINT_COUNT',
  'RUNNING_SUM',
]);

/** Every function that an alarm's expression may call. */
export const FUNCTIONS: Readonly<Record<string, MathFunction>> = {
  ABS: perPoint(Math.abs),
  CEIL: perPoint(Math.ceil),
  FLOOR: perPoint(Math.floor),
  LOG: perPoint(Math.log),
  LOG10: perPoint(Math.log10),

  SUM: summary(sum),
  // across an array a missing value counts as 0, so the divisor is the number of series
  AVG: summary(
    (values, places) => sum(values) / places,
    (values) => sum(values) / values.length,
  ),
  MIN: summary((values) => Math.min(...values)),
  MAX: summary((values) => Math.max(...values)),
  STDDEV: summary(deviation),
  DATAPOINT_COUNT: summary((values) => values.length),

  DIFF: perSeries((points, { starts_ms }) => steps(points, starts_ms, (change) => change)),
  DIFF_TIME: perSeries((points, { starts_ms }) => steps(points, starts_ms, (_, seconds) => seconds)),
  RATE: perSeries((points, { starts_ms }) => steps(points, starts_ms, (change, seconds) => change / seconds)),
  RUNNING_SUM: perSeries(runningSum),

  METRICS: metrics,
  METRIC_COUNT: metricCount,
  FIRST: (call, scope) => nth(call, scope, 0),
  LAST: (call, scope) => nth(call, scope, -1),
  PERIOD: period,
  TIME_SERIES: timeSeries,
  FILL: fill,
  IF: choose,

  MINUTE: perTime((date) => date.getUTCMinutes()),
  HOUR: perTime((date) => date.getUTCHours()),
  // Monday is 1, Sunday 7
  DAY: perTime((date) => ((date.getUTCDay() + 6) % 7) + 1),
  DATE: perTime((date) => date.getUTCDate()),
  MONTH: perTime((date) => date.getUTCMonth() + 1),
  YEAR: perTime((date) => date.getUTCFullYear()),
  EPOCH: perTime((date) => Math.floor(date.getTime() / SECOND_MS)),
};

function perPoint(change: (value: number) => number): MathFunction {
  return (call, scope) => mapSeries(anySeries(call, scope), (points) => mapPoints(points, change));
}

function perSeries(change: (points: Points, context: MathContext) => Points): MathFunction {
  return (call, scope) => mapSeries(anySeries(call, scope), (points) => change(points, scope.context).map(kept));
}

function perTime(read: (date: Date) => number): MathFunction {
  return (call, scope) => {
    oneSeries(call, scope);
    return series(scope.context.starts_ms.map((start) => read(new Date(start))));
  };
}

/**
 * Of an array a series, of a series a number. `across` gets the values that exist at one instant and how many series
 * there are; `along` gets those of one series. An instant without any value has none in the result.
 */
function summary(
  across: (values: readonly number[], places: number) => number,
  along: (values: readonly number[]) => number = (values) => across(values, values.length),
): MathFunction {
  return (call, scope) => {
    const value = anySeries(call, scope);
    if (value.kind === 'series') return scalar(along(value.points.filter((point) => point !== undefined)));
    return series(
      scope.context.starts_ms.map((_, index) => {
        const values = value.items.map((points) => points[index]).filter((point) => point !== undefined);
        return values.length === 0 ? undefined : kept(across(values, value.items.length));
      }),
    );
  };
}

/** Each datapoint against the one before it that exists; the first has none before it and is dropped. */
function steps(
  points: Points,
  starts_ms: readonly number[],
  of: (change: number, seconds: number) => number,
): (number | undefined)[] {
  let before: { value: number; start: number } | undefined;
  return points.map((value, index) => {
    if (value === undefined) return undefined;
    const start = starts_ms[index] ?? 0;
    const result = before === undefined ? undefined : of(value - before.value, (start - before.start) / SECOND_MS);
    before = { value, start };
    return result;
  });
}

function runningSum(points: Points): (number | undefined)[] {
  let total = 0;
  return points.map((value) => (value === undefined ? undefined : (total += value)));
}

function metrics(call: Call, scope: MathScope): MathValue {
  const [part] = call.args;
  if (call.args.length > 1 || (part !== undefined && part.kind !== 'string'))
    throw scope.fault(call, 'METRICS takes nothing or one quoted part of an id');
  const { metricIds, values } = scope.context;
  const wanted = metricIds.filter((id) => part === undefined || id.includes(part.value));
  return array(wanted.map((id) => values.get(id) ?? []));
}

function metricCount(call: Call, scope: MathScope): MathValue {
  const value = only(call, scope);
  if (value.kind !== 'array') throw scope.fault(call, 'METRIC_COUNT counts an array');
  return scalar(value.items.length);
}

function period(call: Call, scope: MathScope): MathValue {
  oneSeries(call, scope);
  return scalar(scope.context.period_ms / SECOND_MS);
}

function timeSeries(call: Call, scope: MathScope): MathValue {
  const value = only(call, scope);
  if (value.kind !== 'scalar') throw scope.fault(call, 'TIME_SERIES is made of a number');
  return series(scope.context.starts_ms.map(() => kept(value.value)));
}

function nth(call: Call, scope: MathScope, index: number): MathValue {
  const value = only(call, scope);
  const points = value.kind === 'array' ? value.items.at(index) : undefined;
  if (points === undefined) throw scope.fault(call, `${call.name} takes an array that is not empty`);
  return series(points);
}

function only(call: Call, scope: MathScope): MathValue {
  const [argument] = call.args;
  if (argument === undefined || call.args.length > 1) throw scope.fault(call, `${call.name} takes one argument`);
  return scope.value(argument);
}

function anySeries(call: Call, scope: MathScope): Exclude<MathValue, { kind: 'scalar' }> {
  const value = only(call, scope);
  if (value.kind === 'scalar') throw scope.fault(call, `${call.name} takes a time series or an array of them`);
  return value;
}

function oneSeries(call: Call, scope: MathScope): void {
  if (anySeries(call, scope).kind !== 'series') throw scope.fault(call, `${call.name} takes one time series`);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function deviation(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  return Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / values.length);
}
