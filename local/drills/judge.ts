import type { AlarmState } from '../../lab/alarms/state.ts';
import { ALARMS } from '../../core/logging/alarms.ts';
import { COMPOSITES } from '../../core/logging/composites.ts';
import type { Drill } from './drill.ts';
import { shortName, type Watched } from './watch.ts';

const MINUTE_MS = 60_000;

/** What came of a drill, by names without their prefix. */
export interface Outcome {
  readonly pages: readonly string[];
  readonly tickets: readonly string[];
  /** Alarms on numbers that fired. */
  readonly fired: readonly string[];
  /** Virtual minutes from the fault to the first notification of an alarm; undefined: none. */
  readonly firstTold_min: number | undefined;
  /** Alarms that were no longer OK when the fault began. */
  readonly sickBefore: readonly string[];
  /** Alarms that are not OK at the end. */
  readonly notOver: readonly string[];
  /** Pages of which nobody was told that they are over. */
  readonly notRecalled: readonly string[];
}

export function outcomeOf({ timeline, scaled }: Watched): Outcome {
  const { transitions, notifications, states } = timeline;
  const since = notifications.filter(({ ts_ms }) => ts_ms >= scaled.fault_ms);
  const told = since.filter(({ state }) => state === 'ALARM');
  const over = new Set(since.filter(({ state }) => state === 'OK').map(({ alarm }) => alarm));
  const names = (all: readonly { readonly alarm: string }[]): string[] =>
    [...new Set(all.map(({ alarm }) => shortName(alarm)))].toSorted();
  const pages = told.filter(({ alarm }) => isPage(alarm));
  const before = new Map<string, AlarmState>();
  for (const { ts_ms, alarm, to } of transitions) if (ts_ms < scaled.fault_ms) before.set(alarm, to);
  const first = Math.min(...told.map(({ ts_ms }) => ts_ms));
  return {
    pages: pages.map(({ alarm }) => shortName(alarm)).toSorted(),
    tickets: names(told.filter(({ alarm }) => !isPage(alarm))),
    fired: names(
      transitions.filter(({ ts_ms, kind, to }) => ts_ms >= scaled.fault_ms && kind === 'metric' && to === 'ALARM'),
    ),
    firstTold_min: Number.isFinite(first) ? Math.round((first - scaled.fault_ms) / MINUTE_MS) : undefined,
    sickBefore: [...before].filter(([, state]) => state === 'ALARM').map(([alarm]) => shortName(alarm)),
    notOver: Object.entries(states)
      .filter(([, state]) => state === 'ALARM')
      .map(([alarm]) => shortName(alarm)),
    notRecalled: names(pages.filter(({ alarm }) => !over.has(alarm))),
  };
}

/** Everything in which the outcome is not what the drill expects, one sentence each; empty: it holds. */
export function faultsOf({ expect }: Drill, outcome: Outcome): readonly string[] {
  const { pages, tickets, fired, firstTold_min, sickBefore, notOver, notRecalled } = outcome;
  const may = new Set<string>([...expect.alarms, ...(expect.may ?? [])]);
  const late = expect.within_min !== undefined && (firstTold_min ?? Infinity) > expect.within_min;
  return [
    ...sickBefore.map((name) => `${name} was in alarm before the fault`),
    ...missing(expect.pages, pages).map((name) => `${name} did not page`),
    ...missing(pages, expect.pages).map((name) => `${name} paged and should not`),
    ...missing(expect.tickets, tickets).map((name) => `${name} wrote no ticket`),
    ...missing(tickets, [...expect.tickets, ...(expect.mayTickets ?? [])]).map(
      (name) => `${name} wrote a ticket and should not`,
    ),
    ...missing(expect.alarms, fired).map((name) => `${name} did not fire`),
    ...fired.filter((name) => !may.has(name)).map((name) => `${name} fired and should not`),
    ...(late ? [`told after ${firstTold_min ?? 'no'} minutes, ${expect.within_min} at most`] : []),
    ...notOver.map((name) => `${name} did not return to OK`),
    ...notRecalled.map((name) => `that ${name} is over was not told`),
  ];
}

/** Both go to one topic: what a person does with it, the catalogue says. */
function isPage(alarm: string): boolean {
  const entries: Readonly<Record<string, { readonly severity: string }>> = { ...ALARMS, ...COMPOSITES };
  return entries[shortName(alarm)]?.severity === 'page';
}

/** What of `wanted` is not in `there`; twice where it is wanted twice. */
function missing(wanted: readonly string[], there: readonly string[]): readonly string[] {
  const left = [...there];
  return wanted.filter((name) => {
    const at = left.indexOf(name);
    if (at === -1) return true;
    left.splice(at, 1);
    return false;
  });
}
