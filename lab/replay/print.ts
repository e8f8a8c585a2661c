import type { MetricId } from '../metrics/series.ts';
import type { Timeline, Transition } from './timeline.ts';

const DIGITS = 6;

/** A timeline for people, then one line of JSON with its counts. */
export function printTimeline(timeline: Timeline, out: (line: string) => void): void {
  const { from_ms, to_ms, lines, metrics, transitions, notifications, states, notes } = timeline;
  const names = Object.keys(states);
  out(`${instant(from_ms)} to ${instant(to_ms)}, ${lines} lines, ${names.length} alarms`);
  for (const note of notes) out(`note: ${note}`);

  out('');
  out('metrics');
  const ids = metrics.map(({ id }) => metricText(id));
  const width = Math.max(0, ...ids.map((id) => id.length));
  metrics.forEach(({ samples, sum, minimum, maximum }, index) => {
    const figures = `samples ${samples}  sum ${brief(sum)}  min ${brief(minimum)}  max ${brief(maximum)}`;
    out(`  ${(ids[index] ?? '').padEnd(width)}  ${figures}`);
  });
  if (metrics.length === 0) out('  none');

  out('');
  out('alarm states');
  const longest = Math.max(0, ...transitions.map(({ alarm }) => alarm.length));
  for (const transition of transitions) out(`  ${transitionText(transition, longest)}`);
  if (transitions.length === 0) out('  no alarm changed its state');

  out('');
  out('notifications');
  for (const { ts_ms, alarm, state, action, late } of notifications)
    out(`  ${instant(ts_ms)}  ${alarm} ${state} → ${action}${late ? ' (late, after a suppression)' : ''}`);
  if (notifications.length === 0) out('  nobody was told');

  out('');
  out('at the end');
  for (const state of ['ALARM', 'INSUFFICIENT_DATA', 'OK'] as const) {
    const those = names.filter((name) => states[name] === state);
    if (those.length > 0) out(`  ${state}: ${those.join(', ')}`);
  }
  out(JSON.stringify(countsOf(timeline)));
}

/** What a machine reads: the last line. */
function countsOf({ lines, metrics, transitions, notifications, states }: Timeline): Record<string, number> {
  return {
    lines,
    metrics: metrics.length,
    alarms: Object.keys(states).length,
    transitions: transitions.length,
    to_alarm: transitions.filter(({ to }) => to === 'ALARM').length,
    notifications: notifications.length,
    withheld: transitions.filter(({ withheld }) => withheld !== undefined).length,
    in_alarm: Object.values(states).filter((state) => state === 'ALARM').length,
  };
}

function transitionText({ ts_ms, alarm, from, to, reason, withheld }: Transition, width: number): string {
  const kept = withheld === undefined ? '' : `; actions withheld by ${withheld.by}`;
  return `${instant(ts_ms)}  ${alarm.padEnd(width)}  ${from} → ${to}: ${reason}${kept}`;
}

function metricText({ namespace, name, dimensions }: MetricId): string {
  const pairs = Object.entries(dimensions).map(([key, value]) => `${key}=${value}`);
  return [namespace, name, ...pairs].join(' ');
}

function instant(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

function brief(value: number): string {
  return String(Number(value.toPrecision(DIGITS)));
}
