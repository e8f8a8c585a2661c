import { type EmfDirective, type EmfMetadata, emfSchemaFaults, type EmfMetric } from './emf-schema.ts';
import type { Emitted } from './metric-filter.ts';
import type { MetricId } from './series.ts';

/** What CloudWatch makes of one line. A line that is not in the format has neither samples nor faults. */
export interface EmfReading {
  readonly emitted: readonly Emitted[];
  /** Counts as AWS/Logs EMFParsingErrors: the line means to be in the format and departs from its schema; nothing is emitted. */
  readonly parsingErrors: number;
  /** Counts as AWS/Logs EMFValidationErrors: a metric or dimension set breaks a limit; the others are emitted. */
  readonly validationErrors: number;
  /** One sentence for each error of both kinds. */
  readonly faults: readonly string[];
}

/** `received_ms` (milliseconds since 1970), where given, is what the bounds of the timestamp are held against. */
export function readEmf(line: string, received_ms?: number): EmfReading {
  if (!line.includes(MARK)) return NOTHING;
  let root: unknown;
  try {
    root = JSON.parse(line);
  } catch {
    return line.trimStart().startsWith('{') ? { ...NOTHING, parsingErrors: 1, faults: ['not JSON'] } : NOTHING;
  }
  if (typeof root !== 'object' || root === null || !Object.hasOwn(root, '_aws')) return NOTHING;
  const schemaFaults = emfSchemaFaults(root);
  if (schemaFaults.length > 0) return { ...NOTHING, parsingErrors: 1, faults: schemaFaults };
  const members = root as Members;
  const { Timestamp: ts_ms, CloudWatchMetrics: directives } = members['_aws'] as EmfMetadata;
  const faults: string[] = [];
  const emitted: Emitted[] = [];
  if (received_ms !== undefined && (ts_ms < received_ms - PAST_MAX_MS || ts_ms > received_ms + FUTURE_MAX_MS)) {
    faults.push(`Timestamp ${ts_ms}: more than two weeks old or two hours ahead`);
  } else {
    for (const directive of directives) readDirective(members, ts_ms, directive, emitted, faults);
  }
  return { emitted, parsingErrors: 0, validationErrors: faults.length, faults };
}

const MARK = '"_aws"';
const NOTHING: EmfReading = { emitted: [], parsingErrors: 0, validationErrors: 0, faults: [] };

/** What CloudWatch takes of metric data. */
const PAST_MAX_MS = 14 * 24 * 3_600_000;
const FUTURE_MAX_MS = 2 * 3_600_000;
const METRICS_MAX = 100;
const VALUES_MAX = 100;
const DIMENSION_VALUE_MAX_CHARS = 1_024;
const VALUE_MAX = 2 ** 360;
const RESOLUTIONS_SEC = [1, 60];

type Members = Readonly<Record<string, unknown>>;

function readDirective(
  root: Members,
  ts_ms: number,
  { Namespace: namespace, Dimensions: sets, Metrics: metrics }: EmfDirective,
  emitted: Emitted[],
  faults: string[],
): void {
  if (metrics.length > METRICS_MAX) {
    faults.push(`${namespace}: ${metrics.length} metrics, at most ${METRICS_MAX} in a directive`);
    return;
  }
  const dimensions = sets.map((set) => dimensionsOf(root, set, faults)).filter((found) => found !== undefined);
  for (const metric of metrics) {
    const values = valuesOf(root, metric, faults);
    const unit = metric.Unit === undefined ? {} : { unit: metric.Unit };
    for (const found of dimensions) {
      const id: MetricId = { namespace, name: metric.Name, dimensions: found };
      for (const value of values) emitted.push({ id, sample: { ts_ms, value, ...unit } });
    }
  }
}

/** The values that a dimension set refers to: members of the root that are texts. */
function dimensionsOf(root: Members, set: readonly string[], faults: string[]): Record<string, string> | undefined {
  const found: [string, string][] = [];
  for (const name of set) {
    const value = Object.hasOwn(root, name) ? root[name] : undefined;
    if (typeof value !== 'string' || value.trim() === '' || value.length > DIMENSION_VALUE_MAX_CHARS) {
      faults.push(`dimension ${name}: its value is not a text of 1 to ${DIMENSION_VALUE_MAX_CHARS} characters`);
      return undefined;
    }
    found.push([name, value]);
  }
  return Object.fromEntries(found);
}

/** The values that a definition refers to: a number or an array of numbers at the root. None where it has a fault. */
function valuesOf(root: Members, metric: EmfMetric, faults: string[]): readonly number[] {
  const { Name: name, StorageResolution: resolution = 60 } = metric;
  const fault = (text: string): readonly number[] => {
    faults.push(`metric ${name}: ${text}`);
    return [];
  };
  if (!RESOLUTIONS_SEC.includes(resolution)) return fault('StorageResolution is 1 or 60 seconds');
  const target = Object.hasOwn(root, name) ? root[name] : undefined;
  const values: readonly unknown[] = Array.isArray(target) ? target : [target];
  if (values.length > VALUES_MAX) return fault(`${values.length} values, at most ${VALUES_MAX} in an array`);
  return values.every(isValue) ? values : fault('its value is not a number or an array of numbers');
}

const isValue = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) <= VALUE_MAX;
