import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { AlarmState } from '../../../lab/alarms/state.ts';
import { stepSuppression, type SuppressedBy, suppressionOf } from '../../../lab/alarms/suppressor.ts';

const PERIODS = { wait_ms: 60, extension_ms: 60 };
type Moment = readonly [at_ms: number, state: AlarmState, suppressor: AlarmState];

/** Steps through moments from OK: the instants at which it acted and in which state, and what held it back at the end. */
function acted(
  moments: readonly Moment[],
  periods = PERIODS,
): { acts: (readonly [number, AlarmState])[]; by: SuppressedBy | undefined; deadline_ms: number | undefined } {
  const acts: (readonly [number, AlarmState])[] = [];
  let suppression = suppressionOf('OK');
  let by: SuppressedBy | undefined;
  let deadline_ms: number | undefined;
  for (const [at_ms, state, suppressor] of moments) {
    const step = stepSuppression(suppression, { state, suppressor, at_ms }, periods);
    if (step.act) acts.push([at_ms, state]);
    suppression = step.next;
    by = step.suppressedBy;
    deadline_ms = step.deadline_ms;
  }
  return { acts, by, deadline_ms };
}

describe('with a suppressor an alarm', () => {
  test('waits for it, and acts when it did not come', () => {
    expect(acted([[0, 'ALARM', 'OK']])).toEqual({ acts: [], by: 'WaitPeriod', deadline_ms: 60 });
    expect(
      acted([
        [0, 'ALARM', 'OK'],
        [60, 'ALARM', 'OK'],
      ]).acts,
    ).toEqual([[60, 'ALARM']]);
  });

  test('is silent when the suppressor came within the wait', () => {
    const { acts, by } = acted([
      [0, 'ALARM', 'OK'],
      [20, 'ALARM', 'ALARM'],
      [60, 'ALARM', 'ALARM'],
      [500, 'ALARM', 'ALARM'],
    ]);
    expect({ acts, by }).toEqual({ acts: [], by: 'Alarm' });
  });

  test('says nothing of what came and went within the wait', () => {
    expect(
      acted([
        [0, 'ALARM', 'OK'],
        [30, 'OK', 'OK'],
        [60, 'OK', 'OK'],
        [90, 'OK', 'OK'],
      ]).acts,
    ).toEqual([]);
  });

  test('acts at once where it waits for nothing', () => {
    expect(acted([[0, 'ALARM', 'OK']], { wait_ms: 0, extension_ms: 0 }).acts).toEqual([[0, 'ALARM']]);
  });

  test('stays silent for the extension after the suppressor left, and says nothing if it recovered meanwhile', () => {
    const down: Moment[] = [
      [0, 'OK', 'ALARM'],
      [10, 'ALARM', 'ALARM'],
      [100, 'ALARM', 'OK'],
    ];
    expect(acted(down)).toEqual({ acts: [], by: 'ExtensionPeriod', deadline_ms: 160 });
    expect(acted([...down, [130, 'OK', 'OK'], [160, 'OK', 'OK']]).acts).toEqual([]);
  });

  test('acts after the extension where it is still in ALARM', () => {
    const moments: Moment[] = [
      [0, 'OK', 'ALARM'],
      [10, 'ALARM', 'ALARM'],
      [100, 'ALARM', 'OK'],
      [160, 'ALARM', 'OK'],
    ];
    expect(acted(moments).acts).toEqual([[160, 'ALARM']]);
  });

  test('says that it recovered only where it had said that it alarmed', () => {
    const told: Moment[] = [
      [0, 'ALARM', 'OK'],
      [60, 'ALARM', 'OK'],
      [200, 'OK', 'OK'],
      [260, 'OK', 'OK'],
    ];
    expect(acted(told).acts).toEqual([
      [60, 'ALARM'],
      [260, 'OK'],
    ]);
  });
});

const moments = fc
  .array(
    fc.tuple(
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom<AlarmState>('OK', 'ALARM'),
      fc.constantFrom<AlarmState>('OK', 'ALARM'),
    ),
    { maxLength: 40 },
  )
  .map((steps) => {
    let at_ms = 0;
    return steps.map(([after, state, suppressor]): Moment => [(at_ms += after), state, suppressor]);
  });

property.prop([moments])('never acts while the suppressor is in ALARM, nor twice for one state', (sequence) => {
  const { acts } = acted(sequence);
  for (const [at] of acts) expect(sequence.find(([instant]) => instant === at)?.[2]).toBe('OK');
  acts.forEach(([, state], index) => expect(state).not.toBe(index === 0 ? 'OK' : acts[index - 1]?.[1]));
});

property.prop([moments])('when all has been quiet long enough, what was told last is the state', (sequence) => {
  const last = sequence.at(-1);
  if (last === undefined) return;
  const [at, state] = last;
  const quiet: Moment[] = [1, 100, 200].map((after) => [at + after, state, 'OK']);
  expect(acted([...sequence, ...quiet]).acts.at(-1)?.[1] ?? 'OK').toBe(state);
});
