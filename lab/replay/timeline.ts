import type { SuppressedBy } from '../alarms/suppressor.ts';
import type { AlarmState } from '../alarms/state.ts';
import type { MetricId } from '../metrics/series.ts';

/** An alarm changed its state. All instants are milliseconds since 1970. */
export interface Transition {
  readonly ts_ms: number;
  readonly alarm: string;
  readonly kind: 'metric' | 'composite';
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly reason: string;
  /** The ARNs that were told at once. */
  readonly actions: readonly string[];
  /** Those that were not, and why; after a suppression they may be told later. */
  readonly withheld?: { readonly by: SuppressedBy | 'ActionsDisabled'; readonly actions: readonly string[] };
}

/** Somebody was told. */
export interface Notification {
  readonly ts_ms: number;
  readonly alarm: string;
  readonly state: AlarmState;
  /** The ARN of the topic, or whatever the action is. */
  readonly action: string;
  readonly reason: string;
  /** True: after a suppression had ended, not with the transition. */
  readonly late: boolean;
}

export interface MetricSummary {
  readonly id: MetricId;
  readonly samples: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** What happened between two instants. */
export interface Timeline {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly lines: number;
  readonly transitions: readonly Transition[];
  readonly notifications: readonly Notification[];
  /** Each alarm's state at the end. */
  readonly states: Readonly<Record<string, AlarmState>>;
  readonly metrics: readonly MetricSummary[];
  /** What was not evaluated as AWS would. */
  readonly notes: readonly string[];
}
