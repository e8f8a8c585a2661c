import { METRICS, type Program as LoggingProgram, programsOf } from '../../core/logging/metrics.ts';
import { ALARMS } from '../../core/logging/alarms.ts';
import { type ThresholdName } from '../../core/logging/thresholds.ts';
import type { MetricAlarm } from '../../lab/alarms/definition.ts';
import type { MetricId } from '../../lab/metrics/series.ts';
import type { Timeline } from '../../lab/replay/timeline.ts';
import { Watcher } from '../../lab/replay/watcher.ts';
import type { LabTemplate } from '../../lab/template/read-template.ts';
import type { Drill } from './drill.ts';
import type { Scaled } from './scale.ts';

/** What the alarms of a template made of a drill. */
export interface Watched {
  readonly timeline: Timeline;
  readonly scaled: Scaled;
}

/** Runs a drill's lines and samples through the template's filters and alarms, in virtual time. */
export function watch(template: LabTemplate, drill: Drill, scaled: Scaled): Watched {
  const watcher = new Watcher({ template: withThresholds(template, drill), from_ms: scaled.from_ms });
  const groups = logGroupsOf(template);
  for (const { program, ts_ms, text } of scaled.lines)
    watcher.line({ log_group: groups[program], ts_ms, message: text });
  const ids = new Map<string, readonly MetricId[]>();
  for (const { name, ts_ms, value } of scaled.samples) {
    if (!ids.has(name)) ids.set(name, awsMetricsOf(template, name));
    for (const id of ids.get(name)!) watcher.sample({ id, sample: { ts_ms, value } });
  }
  watcher.advance(scaled.to_ms);
  return { timeline: watcher.timeline(), scaled };
}

/** `kalshi-tape-prod-heartbeat-missing` is `heartbeat_missing`. */
export function shortName(alarm: string): string {
  return alarm.replace(/^kalshi-tape-[^-]+-/, '').replaceAll('-', '_');
}

/** What stands before the names of a template's alarms, without the hyphen. */
export function prefixOf({ alarms }: LabTemplate): string {
  return /^kalshi-tape-[^-]+/.exec(alarms[0]?.name ?? '')?.[0] ?? '';
}

/** A program's log group is the one that has the filters of its events. Throws where a program has none. */
export function logGroupsOf({ metricFilters }: LabTemplate): Readonly<Record<LoggingProgram, string>> {
  const groups: Partial<Record<LoggingProgram, string>> = {};
  for (const { name, logGroup } of metricFilters) {
    const programs = Object.hasOwn(METRICS, name) ? programsOf(METRICS[name as keyof typeof METRICS]) : [];
    if (programs.length === 1) groups[programs[0]!] = logGroup;
  }
  const { streamer, sink, probe, notify } = groups;
  if (streamer === undefined || sink === undefined || probe === undefined || notify === undefined)
    throw new Error('a program has no log group with a filter of its own; nothing was drilled');
  return { streamer, sink, probe, notify };
}

/** The metrics of that name of AWS's that some alarm looks at: what nobody looks at need not be replayed. */
function awsMetricsOf({ alarms }: LabTemplate, name: string): readonly MetricId[] {
  const metrics = alarms
    .flatMap(({ queries }) => queries.flatMap((query) => (query.kind === 'metric' ? [query.metric] : [])))
    .filter((metric) => metric.namespace.startsWith('AWS/') && metric.name === name);
  return [...new Map(metrics.map((metric) => [JSON.stringify(metric), metric])).values()];
}

function withThresholds(template: LabTemplate, { thresholds = {} }: Drill): LabTemplate {
  const alarms = template.alarms.map((alarm): MetricAlarm => {
    const { threshold: name } = ALARMS[shortName(alarm.name) as keyof typeof ALARMS];
    const value = typeof name === 'string' ? thresholds[name as ThresholdName] : undefined;
    return value === undefined || alarm.threshold.kind !== 'static'
      ? alarm
      : { ...alarm, threshold: { ...alarm.threshold, value } };
  });
  return { ...template, alarms };
}
