import type { EvaluationOptions } from '../alarms/evaluate.ts';
import { DAY_MS, MINUTE_MS } from '../alarms/schedule.ts';
import type { MetricId, Sample } from '../metrics/series.ts';
import type { LabTemplate } from '../template/read-template.ts';
import type { LogLine } from './ingest.ts';
import type { Timeline } from './timeline.ts';
import { Watcher } from './watcher.ts';

export interface ReplayInput extends EvaluationOptions {
  readonly template: LabTemplate;
  /** In any order. */
  readonly lines: Iterable<LogLine>;
  /** What AWS's own services would have reported. */
  readonly samples?: Iterable<{ readonly id: MetricId; readonly sample: Sample }>;
  /** The clock at the beginning; default: the minute of the earliest line or sample. */
  readonly from_ms?: number;
  /** Default: the end of the minute of the latest. */
  readonly to_ms?: number;
  readonly stepMs?: number;
}

/** A wrong timestamp must not become fifty years of minutes. */
const LONGEST_REPLAY_MS = 92 * DAY_MS;

/** Runs lines and samples through filters, alarms and composites, minute by minute. Throws TemplateError, or RangeError for a span that is none. */
export function replay(input: ReplayInput): Timeline {
  const lines = [...input.lines];
  const samples = [...(input.samples ?? [])];
  const { from_ms, to_ms } = spanOf(input, lines, samples);
  if (!(to_ms >= from_ms)) throw new RangeError(`the replay ends before it begins; nothing was replayed`);
  if (to_ms - from_ms > LONGEST_REPLAY_MS)
    throw new RangeError(
      `${new Date(from_ms).toISOString()} to ${new Date(to_ms).toISOString()} is more than ${LONGEST_REPLAY_MS / DAY_MS} days; nothing was replayed`,
    );

  const watcher = new Watcher({ ...input, from_ms });
  for (const line of lines) watcher.line(line);
  for (const sample of samples) watcher.sample(sample);
  watcher.advance(to_ms);
  return watcher.timeline();
}

function spanOf(
  { from_ms, to_ms }: ReplayInput,
  lines: readonly LogLine[],
  samples: readonly { readonly sample: Sample }[],
): { from_ms: number; to_ms: number } {
  let earliest = Infinity;
  let latest = -Infinity;
  const see = (ts_ms: number): void => {
    earliest = Math.min(earliest, ts_ms);
    latest = Math.max(latest, ts_ms);
  };
  for (const { ts_ms } of lines) see(ts_ms);
  for (const { sample } of samples) see(sample.ts_ms);
  const minuteOf = (ts_ms: number): number => Math.floor(ts_ms / MINUTE_MS) * MINUTE_MS;
  // without any data there is no time: an empty span, unless one is given
  const from = from_ms ?? (Number.isFinite(earliest) ? minuteOf(earliest) : (to_ms ?? 0));
  return { from_ms: from, to_ms: to_ms ?? (Number.isFinite(latest) ? minuteOf(latest) + MINUTE_MS : from) };
}
