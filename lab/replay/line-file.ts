import type { MetricId, Sample } from '../metrics/series.ts';
import { z } from 'zod';
import type { LogLine } from './ingest.ts';
import { linesOf } from './lines.ts';

export interface LinesRead {
  readonly lines: readonly LogLine[];
  /** Lines that say no time: they were not taken. */
  readonly timeless: number;
}

/**
 * The lines of an NDJSON file. Their time is `timestamp` (ISO 8601 text, or milliseconds since 1970) or `_aws.Timestamp`
 * (milliseconds since 1970). Empty lines are nothing.
 */
export async function readLines(path: string, log_group: string | undefined): Promise<LinesRead> {
  const lines: LogLine[] = [];
  let timeless = 0;
  for await (const message of linesOf(path)) {
    if (message.trim() === '') continue;
    const ts_ms = timeOf(message);
    if (ts_ms === undefined) timeless++;
    else lines.push({ ...(log_group === undefined ? {} : { log_group }), ts_ms, message });
  }
  return { lines, timeless };
}

const sampleLine = z.object({
  namespace: z.string(),
  name: z.string(),
  dimensions: z.record(z.string(), z.string()).default({}),
  timestamp: z.union([z.string(), z.number()]),
  value: z.number(),
  count: z.number().optional(),
});

export interface SampleRead {
  readonly id: MetricId;
  readonly sample: Sample;
}

/** A file of samples of AWS's own metrics: `{"namespace","name","dimensions","timestamp","value","count"?}` a line. Throws SyntaxError naming the line. */
export async function readSamples(path: string): Promise<SampleRead[]> {
  const samples: SampleRead[] = [];
  let number = 0;
  for await (const text of linesOf(path)) {
    number++;
    if (text.trim() === '') continue;
    const parsed = sampleLine.safeParse(jsonOf(text));
    const ts_ms = parsed.success ? instantOf(parsed.data.timestamp) : undefined;
    if (!parsed.success || ts_ms === undefined)
      throw new SyntaxError(`${path}:${number} is no sample; nothing was replayed`);
    const { namespace, name, dimensions, value, count } = parsed.data;
    samples.push({
      id: { namespace, name, dimensions },
      sample: { ts_ms, value, ...(count === undefined ? {} : { count }) },
    });
  }
  return samples;
}

/** An instant in milliseconds since 1970; undefined where it is none. */
export function instantOf(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : value;
  return typeof ms === 'number' && Number.isFinite(ms) ? ms : undefined;
}

function timeOf(message: string): number | undefined {
  const root = jsonOf(message);
  if (typeof root !== 'object' || root === null) return undefined;
  const { timestamp, _aws } = root as { timestamp?: unknown; _aws?: { Timestamp?: unknown } | null };
  return instantOf(timestamp) ?? instantOf(_aws?.Timestamp);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
