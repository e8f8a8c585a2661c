import type { Judgement } from './judgement.ts';
import { shortName } from './watch.ts';

const MINUTE_MS = 60_000;

/** What a person reads of one drill: minutes from the fault, states, who was told, and the message. */
export function timelineOf({ drill, watched, shown, faults }: Judgement): string {
  const { timeline, scaled } = watched;
  const minute = (ts_ms: number): string => {
    const from = Math.round((ts_ms - scaled.fault_ms) / MINUTE_MS);
    return `${from < 0 ? '' : '+'}${from} min`.padStart(9);
  };
  const told = timeline.notifications.map(({ ts_ms, alarm, state, late }) => ({
    ts_ms,
    text: `TOLD ${shortName(alarm)} ${state}${late ? ' (held back until now)' : ''}`,
  }));
  const changed = timeline.transitions.map(({ ts_ms, alarm, from, to, withheld }) => ({
    ts_ms,
    text: `${shortName(alarm)} ${from} → ${to}${withheld === undefined ? '' : ` (withheld: ${withheld.by})`}`,
  }));
  const marks = [
    { ts_ms: scaled.fault_ms, text: `FAULT ${drill.fault}` },
    { ts_ms: scaled.healed_ms, text: 'HEALED' },
  ];
  const events = [...marks, ...changed, ...told].filter(({ ts_ms }) => ts_ms >= scaled.fault_ms);
  const thresholds = Object.entries(drill.thresholds ?? {}).map(([name, value]) => `${name} = ${value}`);
  return [
    drill.name,
    ...(thresholds.length === 0 ? [] : [`thresholds of this drill: ${thresholds.join(', ')}`]),
    ...events.toSorted((a, b) => a.ts_ms - b.ts_ms).map(({ ts_ms, text }) => `${minute(ts_ms)}  ${text}`),
    ...(shown === undefined ? [] : ['', shown.message]),
    '',
    ...(faults.length === 0 ? ['as expected'] : faults.map((fault) => `FAULT: ${fault}`)),
  ].join('\n');
}
