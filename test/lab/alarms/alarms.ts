import type { Actions, CompositeAlarm, MetricAlarm, Query } from '../../../lab/alarms/definition.ts';
import type { MetricId } from '../../../lab/metrics/series.ts';

export const MINUTE_MS = 60_000;
/** 23 November 2026, 22:00 UTC. */
export const T0 = Date.UTC(2026, 10, 23, 22);
export const LAG: MetricId = { namespace: 'Tape', name: 'Lag', dimensions: {} };
const NOBODY: Actions = { enabled: true, on: { ALARM: [], OK: [], INSUFFICIENT_DATA: [] } };

/** Lag, Maximum over a minute, above 10 in two of three. */
export function metricAlarm(changes: Partial<MetricAlarm> = {}): MetricAlarm {
  return {
    kind: 'metric',
    name: 'lag',
    arn: `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${changes.name ?? 'lag'}`,
    queries: [metric('m1', LAG)],
    returns: 'm1',
    threshold: { kind: 'static', operator: 'GreaterThanThreshold', value: 10 },
    n: 3,
    m: 2,
    missing: 'missing',
    lowSamples: 'evaluate',
    actions: NOBODY,
    ...changes,
  };
}

export function metric(id: string, of: MetricId, stat = 'Maximum', period_sec = 60): Query {
  return { kind: 'metric', id, metric: of, stat, period_sec };
}

export function composite(name: string, rule: string, changes: Partial<CompositeAlarm> = {}): CompositeAlarm {
  const arn = `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${name}`;
  return { kind: 'composite', name, arn, rule, actions: NOBODY, ...changes };
}
