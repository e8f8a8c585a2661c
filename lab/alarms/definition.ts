import type { MetricId } from '../metrics/series.ts';
import type { BandOperator, ThresholdOperator } from './comparison.ts';
import type { AlarmState, MissingDataTreatment } from './state.ts';

/** Whom an alarm tells, by the state it goes to: ARNs. None is told where they are not enabled. */
export interface Actions {
  readonly enabled: boolean;
  readonly on: Readonly<Record<AlarmState, readonly string[]>>;
}

/** One entry of an alarm's `Metrics`, or the alarm's single metric. */
export type Query =
  | {
      readonly kind: 'metric';
      readonly id: string;
      readonly metric: MetricId;
      readonly stat: string;
      readonly period_sec: number;
    }
  | { readonly kind: 'expression'; readonly id: string; readonly expression: string };

export type Threshold =
  | { readonly kind: 'static'; readonly operator: ThresholdOperator; readonly value: number }
  /** A band of anomaly detection, which somebody else must know. */
  | { readonly kind: 'band'; readonly operator: BandOperator };

export interface MetricAlarm {
  readonly kind: 'metric';
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly queries: readonly Query[];
  /** The id of the query that is compared with the threshold. */
  readonly returns: string;
  readonly threshold: Threshold;
  readonly n: number;
  readonly m: number;
  readonly missing: MissingDataTreatment;
  /** For percentiles of few samples: `ignore` keeps the state. */
  readonly lowSamples: 'evaluate' | 'ignore';
  readonly actions: Actions;
}

export interface CompositeAlarm {
  readonly kind: 'composite';
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly rule: string;
  /** While this alarm (name or ARN) is in ALARM, actions are withheld. */
  readonly suppressor?: { readonly alarm: string; readonly wait_ms: number; readonly extension_ms: number };
  readonly actions: Actions;
}

/** An alarm that cannot be evaluated: what is wrong with it. */
export class AlarmError extends Error {
  readonly alarm: string;

  constructor(alarm: string, problem: string, cause?: unknown) {
    super(`alarm ${alarm}: ${problem}; it was not evaluated`, { cause });
    this.name = 'AlarmError';
    this.alarm = alarm;
  }
}
