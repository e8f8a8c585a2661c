import type { CompiledComposite } from '../alarms/composites.ts';
import type { CompositeAlarm, MetricAlarm } from '../alarms/definition.ts';
import { type AlarmState, INITIAL_STATE } from '../alarms/state.ts';
import { stepSuppression, type SuppressedBy, type Suppression, suppressionOf } from '../alarms/suppressor.ts';
import type { Notification, Transition } from './timeline.ts';

interface Told {
  readonly state: AlarmState;
  readonly reason: string;
}

interface Guarded {
  readonly composite: CompiledComposite;
  suppression: Suppression;
  last: Told;
  deadline_ms: number | undefined;
}

type Outcome = Pick<Transition, 'actions' | 'withheld'>;

/** Carries out the actions of alarms that changed, and those that a suppression delayed. */
export class Teller {
  readonly notifications: Notification[] = [];
  readonly #guarded = new Map<string, Guarded>();

  constructor(composites: readonly CompiledComposite[]) {
    for (const composite of composites) {
      if (composite.suppressor === undefined) continue;
      this.#guarded.set(composite.alarm.name, {
        composite,
        suppression: suppressionOf(INITIAL_STATE),
        last: { state: INITIAL_STATE, reason: '' },
        deadline_ms: undefined,
      });
    }
  }

  /** The next instant at which a suppression may end although no alarm changes. */
  get deadline_ms(): number | undefined {
    const deadlines = [...this.#guarded.values()].flatMap(({ deadline_ms }) => deadline_ms ?? []);
    return deadlines.length === 0 ? undefined : Math.min(...deadlines);
  }

  /** An alarm changed its state: whom it told, and whom not. */
  changed(
    alarm: MetricAlarm | CompositeAlarm,
    change: { readonly ts_ms: number; readonly to: AlarmState; readonly reason: string },
    stateOf: (name: string) => AlarmState,
  ): Outcome {
    const { ts_ms, to, reason } = change;
    const due = alarm.actions.on[to];
    const guarded = this.#guarded.get(alarm.name);
    let by: SuppressedBy | undefined;
    if (guarded !== undefined) {
      guarded.last = { state: to, reason };
      const step = this.#step(guarded, ts_ms, stateOf);
      if (!step.act) by = step.suppressedBy;
      // back to what was told last: there is nothing to tell
      if (!step.act && by === undefined) return { actions: [] };
    }
    if (due.length === 0) return { actions: [] };
    if (!alarm.actions.enabled) return { actions: [], withheld: { by: 'ActionsDisabled', actions: due } };
    if (by !== undefined) return { actions: [], withheld: { by, actions: due } };
    this.#tell(alarm, ts_ms, { state: to, reason }, false);
    return { actions: due };
  }

  /** After all alarms of an instant are known: suppressors may have changed, periods may have ended. */
  settle(at_ms: number, stateOf: (name: string) => AlarmState): void {
    for (const guarded of this.#guarded.values()) {
      if (this.#step(guarded, at_ms, stateOf).act) this.#tell(guarded.composite.alarm, at_ms, guarded.last, true);
    }
  }

  #step(
    guarded: Guarded,
    at_ms: number,
    stateOf: (name: string) => AlarmState,
  ): { act: boolean; suppressedBy: SuppressedBy | undefined } {
    const { composite, suppression, last } = guarded;
    const { suppressor, alarm } = composite;
    if (suppressor === undefined || alarm.suppressor === undefined) return { act: true, suppressedBy: undefined };
    const now = { state: last.state, suppressor: stateOf(suppressor), at_ms };
    const step = stepSuppression(suppression, now, alarm.suppressor);
    guarded.suppression = step.next;
    guarded.deadline_ms = step.deadline_ms;
    return step;
  }

  #tell(alarm: MetricAlarm | CompositeAlarm, ts_ms: number, { state, reason }: Told, late: boolean): void {
    if (!alarm.actions.enabled) return;
    for (const action of alarm.actions.on[state])
      this.notifications.push({ ts_ms, alarm: alarm.name, state, action, reason, late });
  }
}
