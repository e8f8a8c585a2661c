import type { EventName } from '../../core/logging/events.ts';
import type { MetricName, Program } from '../../core/logging/metrics.ts';
import { compileMetricFilter } from '../../lab/metrics/metric-filter.ts';
import type { LabTemplate } from '../../lab/template/read-template.ts';
import type { Drill } from './drill.ts';
import type { PrintedLine } from './scale.ts';
import { logGroupsOf, type Watched } from './watch.ts';

/** The numbers that a drill expects and that the filters made of no line since its fault, one sentence each. */
export function faultsUnseen(template: LabTemplate, { expect }: Drill, { scaled }: Watched): readonly string[] {
  const groups = logGroupsOf(template);
  const lines = scaled.lines.filter(({ ts_ms }) => ts_ms >= scaled.fault_ms);
  return (expect.seen ?? []).flatMap((sighting) => {
    const [program, name, event] = sighting.split(/[.:]/) as [Program, MetricName, EventName?];
    const isOwn = (line: PrintedLine): boolean =>
      line.program === program && (event === undefined || line.text.includes(`"event":"${event}"`));
    const own = lines.filter(isOwn);
    const isSeen = template.metricFilters
      .filter((filter) => filter.name === name && filter.logGroup === groups[program])
      .some((filter) => {
        const emit = compileMetricFilter(filter.pattern, filter);
        return own.some(({ ts_ms, text }) => emit({ timestamp_ms: ts_ms, message: text }) !== undefined);
      });
    return isSeen ? [] : [`no line became the number ${sighting}`];
  });
}
