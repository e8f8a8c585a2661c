import type { MetricId } from '../metrics/series.ts';
import { type Band, breachesBand, breachesThreshold } from './comparison.ts';
import { type CompiledAlarm, resultOf } from './compile.ts';
import { type Datapoint, decide } from './decide.ts';
import { isLowSample, percentileOf } from './low-samples.ts';
import type { Points } from './math/value.ts';
import { lowSampleReason, reasonOf } from './reason.ts';
import { evaluationRange, periodStarts } from './schedule.ts';
import type { AlarmState } from './state.ts';

/** Where an alarm reads metrics: what lab/metrics/series.ts keeps. */
export interface MetricSource {
  statistic: (id: MetricId, stat: string, from_ms: number, to_ms: number) => number | undefined;
  sampleCount: (id: MetricId, from_ms: number, to_ms: number) => number;
}

/** What an alarm cannot know by itself. */
export interface EvaluationOptions {
  /** How many datapoints are retrieved for n evaluation periods. */
  readonly range?: (n: number) => number;
  /** The band of anomaly detection for a period; undefined: none, and the datapoint is as if missing. */
  readonly band?: (alarm: string, start_ms: number) => Band | undefined;
}

export interface Evaluation {
  readonly state: AlarmState;
  /** What was seen and by which rule it became this state. */
  readonly reason: string;
}

/** The state of an alarm over the window that ends at `at_ms`. */
export function evaluateAlarm(
  compiled: CompiledAlarm,
  source: MetricSource,
  at_ms: number,
  prior: AlarmState,
  options: EvaluationOptions = {},
): Evaluation {
  const { alarm, period_ms } = compiled;
  const samples = lowSamples(compiled, source, at_ms);
  if (samples !== undefined) return { state: prior, reason: lowSampleReason(alarm, samples) };

  const starts_ms = periodStarts(at_ms, period_ms, (options.range ?? evaluationRange)(alarm.n));
  const metrics = new Map(
    compiled.metrics.map(({ id, metric, stat }): [string, Points] => [
      id,
      starts_ms.map((start) => source.statistic(metric, stat, start, start + period_ms)),
    ]),
  );
  const values = resultOf(compiled, starts_ms, metrics);
  const datapoints = values.map((value, index) => datapointOf(compiled, value, starts_ms[index] ?? at_ms, options));
  const decision = decide(alarm, datapoints, prior);
  return { state: decision.state, reason: reasonOf(alarm, decision, values) };
}

function datapointOf(
  { alarm }: CompiledAlarm,
  value: number | undefined,
  start_ms: number,
  { band }: EvaluationOptions,
): Datapoint {
  if (value === undefined) return 'missing';
  const { threshold } = alarm;
  if (threshold.kind === 'static')
    return breachesThreshold(threshold.operator, value, threshold.value) ? 'breaching' : 'ok';
  const limits = band?.(alarm.name, start_ms);
  if (limits === undefined) return 'missing';
  return breachesBand(threshold.operator, value, limits) ? 'breaching' : 'ok';
}

/** The number of samples where it is too low to look at; undefined where the alarm is evaluated. No sample at all is missing data. */
function lowSamples(
  { alarm, metrics, period_ms }: CompiledAlarm,
  source: MetricSource,
  at_ms: number,
): number | undefined {
  if (alarm.lowSamples === 'evaluate') return undefined;
  for (const { metric, stat } of metrics) {
    const percentile = percentileOf(stat);
    if (percentile === undefined) continue;
    const samples = source.sampleCount(metric, at_ms - alarm.n * period_ms, at_ms);
    if (samples > 0 && isLowSample(percentile, samples)) return samples;
  }
  return undefined;
}
