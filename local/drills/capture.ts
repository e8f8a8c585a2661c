import { setTimeout as sleep } from 'node:timers/promises';
import type { Drill } from './drill.ts';
import { type Capture, STEADY_MS } from './scale.ts';
import type { Stage } from './stage.ts';

/** Healthy time before the fault: what is repeated, and a little. */
const PRELUDE_MS = STEADY_MS + 200;
const RECOVER_MS = 2_500;

/** Runs one drill on a stage that is well and leaves it well: prelude, fault, recovery, and a steady end. */
export async function capture(drill: Drill, stage: Stage): Promise<Capture> {
  const startAt = Date.now();
  await sleep(PRELUDE_MS);
  const faultAt = Date.now();
  await drill.during(stage);
  const healedAt = Date.now();
  await drill.heal?.(stage);
  await sleep((drill.recoverMs ?? RECOVER_MS) + STEADY_MS);
  const endAt = Date.now();
  const within = <T extends { readonly at: number }>(all: readonly T[]): T[] =>
    all.filter(({ at }) => at >= startAt && at < endAt);
  return { startAt, faultAt, healedAt, endAt, lines: within(stage.lines), samples: within(stage.samples) };
}
