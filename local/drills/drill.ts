import type { AlarmName } from '../../core/logging/alarms.ts';
import type { CompositeName } from '../../core/logging/composites.ts';
import type { EventName } from '../../core/logging/events.ts';
import type { MetricName, Program } from '../../core/logging/metrics.ts';
import type { PatternName } from '../../core/logging/patterns.ts';
import type { ThresholdName } from '../../core/logging/thresholds.ts';
import type { Stage } from './stage.ts';

type Telling = AlarmName | CompositeName;

/** A number that CloudWatch makes of a program's lines, or of those of one event. */
type Sighting = `${Program}.${MetricName}` | `${Program}.${MetricName}:${EventName}`;

/** What must come of a fault. Whatever is not named must stay silent. */
export interface Expectation {
  /** Who wakes somebody: one per cause. */
  readonly pages: readonly Telling[];
  readonly tickets: readonly Telling[];
  /** Tickets that are right and depend on the second in which something happens. */
  readonly mayTickets?: readonly Telling[];
  /** Alarms on numbers that must fire, told or not. */
  readonly alarms: readonly AlarmName[];
  /** Consequences that may fire and are told to nobody beside what is named above. */
  readonly may?: readonly AlarmName[];
  /** Numbers that must come of lines since the fault, whether an alarm looks at them or only the dashboard. */
  readonly seen?: readonly Sighting[];
  /** The first notification comes within so many virtual minutes of the fault. */
  readonly within_min?: number;
  /** The heading whose query finds the guilty line, and what that line must hold. */
  readonly query?: PatternName;
  readonly guilty?: Readonly<Record<string, string | number>>;
}

/** One fault in the real path. */
export interface Drill {
  readonly name: string;
  /** For a reader: what goes wrong. */
  readonly fault: string;
  /** Makes the fault and lets it last; a second is a virtual minute. */
  readonly during: (stage: Stage) => Promise<void>;
  /** Removes it. */
  readonly heal?: (stage: Stage) => Promise<void> | void;
  /** Real milliseconds until everything is well again; what is behind is repeated as the healthy time. */
  readonly recoverMs?: number;
  readonly hold_min?: number;
  readonly settle_min?: number;
  /** As a stage may set them: where a drill’s scale wants another number than the default. */
  readonly thresholds?: Readonly<Partial<Record<ThresholdName, number>>>;
  readonly expect: Expectation;
}

export const SILENCE: Expectation = { pages: [], tickets: [], alarms: [] };
