import { AlarmError, type MetricAlarm, type Query } from './definition.ts';
import { MathError } from './math/error.ts';
import { compileMath, type CompiledMath } from './math/evaluate.ts';
import type { MathContext } from './math/scope.ts';
import type { Points } from './math/value.ts';
import { periodOf, quotaFaults } from './quota.ts';
import { evaluationStep } from './schedule.ts';

type MetricQuery = Extract<Query, { kind: 'metric' }>;

/** An alarm ready to be evaluated often. */
export interface CompiledAlarm {
  readonly alarm: MetricAlarm;
  readonly period_ms: number;
  readonly step_ms: number;
  readonly metrics: readonly MetricQuery[];
  /** Expressions, each after those it names. */
  readonly expressions: readonly { readonly id: string; readonly math: CompiledMath }[];
  readonly notes: readonly string[];
}

/** Throws AlarmError: outside CloudWatch's bounds, an expression that is not evaluated here, ids that do not exist or go in a circle. */
export function compileAlarm(alarm: MetricAlarm): CompiledAlarm {
  const faults = quotaFaults(alarm);
  const period_sec = periodOf(alarm);
  if (faults.length > 0 || period_sec === undefined) throw new AlarmError(alarm.name, faults.join('; '));
  const metrics = alarm.queries.filter((query) => query.kind === 'metric');
  const expressions = inOrder(alarm);
  if (!alarm.queries.some(({ id }) => id === alarm.returns))
    throw new AlarmError(alarm.name, `no metric or expression has the id "${alarm.returns}"`);

  const compiled: CompiledAlarm = {
    alarm,
    period_ms: period_sec * 1000,
    step_ms: evaluationStep(period_sec, alarm.n),
    metrics,
    expressions,
    notes: expressions.flatMap(({ math }) => math.notes),
  };
  // once over no data: what an expression cannot do is known before the first evaluation
  const empty: Points = [undefined];
  resultOf(compiled, [0], new Map(metrics.map(({ id }) => [id, empty])));
  return compiled;
}

/** The watched series, from the series of the metrics. Throws AlarmError where an expression does not make one. */
export function resultOf(
  compiled: CompiledAlarm,
  starts_ms: readonly number[],
  metrics: ReadonlyMap<string, Points>,
): Points {
  const values = new Map(metrics);
  const context: MathContext = {
    starts_ms,
    period_ms: compiled.period_ms,
    values,
    metricIds: compiled.metrics.map(({ id }) => id),
  };
  const { name, returns } = compiled.alarm;
  for (const { id, math } of compiled.expressions)
    values.set(
      id,
      explained(name, () => math.evaluate(context)),
    );
  return values.get(returns) ?? [];
}

function inOrder(alarm: MetricAlarm): { id: string; math: CompiledMath }[] {
  const expressions = new Map<string, CompiledMath>();
  for (const query of alarm.queries) {
    if (query.kind === 'expression')
      expressions.set(
        query.id,
        explained(alarm.name, () => compileMath(query.expression)),
      );
  }
  const ordered: { id: string; math: CompiledMath }[] = [];
  const open = new Set<string>();
  const visit = (id: string): void => {
    const math = expressions.get(id);
    if (math === undefined || ordered.some((done) => done.id === id)) return;
    if (open.has(id)) throw new AlarmError(alarm.name, `the expression "${id}" depends on itself`);
    open.add(id);
    math.ids.forEach(visit);
    ordered.push({ id, math });
  };
  visit(alarm.returns);
  return ordered;
}

function explained<T>(alarm: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof MathError) throw new AlarmError(alarm, error.message, error);
    throw error;
  }
}
