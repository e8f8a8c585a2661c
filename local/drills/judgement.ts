import type { LabTemplate } from '../../lab/template/read-template.ts';
import type { Drill } from './drill.ts';
import { faultsShown, type Shown, shownOf } from './evidence.ts';
import { faultsOf, outcomeOf } from './judge.ts';
import { type Capture, scaled } from './scale.ts';
import { faultsUnseen } from './seen.ts';
import type { Row } from './table.ts';
import { watch, type Watched } from './watch.ts';

export interface Judgement extends Row {
  readonly watched: Watched;
  readonly shown: Shown | undefined;
}

/** Everything that follows from a capture: alarms, notifications, the message, and what of it is not as expected. */
export function judged(template: LabTemplate, drill: Drill, captured: Capture): Judgement {
  const watched = watch(template, drill, scaled(captured, drill));
  const outcome = outcomeOf(watched);
  const shown = shownOf(template, drill, watched);
  const faults = [...faultsOf(drill, outcome), ...faultsShown(drill, shown), ...faultsUnseen(template, drill, watched)];
  return { drill, watched, outcome, shown, faults };
}
