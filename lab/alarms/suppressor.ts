import type { AlarmState } from './state.ts';

export type SuppressedBy = 'Alarm' | 'WaitPeriod' | 'ExtensionPeriod';

/** What a composite remembers between instants about telling. All instants in milliseconds. */
export interface Suppression {
  /** The state that was last told, or that needed no telling. */
  readonly told: AlarmState;
  readonly state: AlarmState;
  readonly suppressor: AlarmState;
  readonly waitUntil_ms: number;
  readonly extendUntil_ms: number;
}

export interface SuppressionPeriods {
  readonly wait_ms: number;
  readonly extension_ms: number;
}

export interface SuppressionStep {
  readonly next: Suppression;
  /** True: the actions of the present state are due now. */
  readonly act: boolean;
  readonly suppressedBy: SuppressedBy | undefined;
  /** When it must be asked again although nothing changed. */
  readonly deadline_ms: number | undefined;
}

export function suppressionOf(state: AlarmState): Suppression {
  return { told: state, state, suppressor: 'INSUFFICIENT_DATA', waitUntil_ms: 0, extendUntil_ms: 0 };
}

/**
 * Whether a composite may act (User Guide, "Suppressing composite alarm actions"). It may not while the suppressor is in
 * ALARM, while it waits for the suppressor after its own change, and for the extension after the suppressor left ALARM.
 * When none holds any more it acts on the state it then has, unless that is what was told last.
 */
export function stepSuppression(
  before: Suppression,
  now: { readonly state: AlarmState; readonly suppressor: AlarmState; readonly at_ms: number },
  periods: SuppressionPeriods,
): SuppressionStep {
  const { state, suppressor, at_ms } = now;
  const left = before.suppressor === 'ALARM' && suppressor !== 'ALARM';
  const extendUntil_ms = left ? at_ms + periods.extension_ms : before.extendUntil_ms;
  const free = suppressor !== 'ALARM' && at_ms >= extendUntil_ms && at_ms >= before.waitUntil_ms;
  const begins = free && state !== before.state && state !== before.told;
  const waitUntil_ms = begins ? at_ms + periods.wait_ms : before.waitUntil_ms;

  const suppressedBy = suppressionNow(suppressor, at_ms, extendUntil_ms, waitUntil_ms);
  const act = suppressedBy === undefined && state !== before.told;
  const ends = [extendUntil_ms, waitUntil_ms].filter((end) => end > at_ms);
  return {
    next: { told: act ? state : before.told, state, suppressor, waitUntil_ms, extendUntil_ms },
    act,
    suppressedBy,
    deadline_ms: ends.length === 0 ? undefined : Math.min(...ends),
  };
}

function suppressionNow(
  suppressor: AlarmState,
  at_ms: number,
  extendUntil_ms: number,
  waitUntil_ms: number,
): SuppressedBy | undefined {
  if (suppressor === 'ALARM') return 'Alarm';
  if (at_ms < extendUntil_ms) return 'ExtensionPeriod';
  return at_ms < waitUntil_ms ? 'WaitPeriod' : undefined;
}
