import { z } from 'zod';
import { METRIC_NAMESPACE } from '../../core/contract/names.ts';
import { type Component, type EventEntry, type EventName, EVENTS } from '../../core/logging/events.ts';
import { type Field, type FieldName, FIELDS } from '../../core/logging/fields.ts';

export type Line = Readonly<Record<string, unknown>>;

/** Who may speak in whose log. */
const COMPONENTS: Readonly<Record<string, readonly Component[]>> = {
  'kalshi-tape-streamer': ['streamer', 'ws', 'kinesis', 'spool', 'log'],
  'kalshi-tape-sink': ['sink', 'clickhouse', 'log'],
  'kalshi-tape-probe': ['probe'],
  'kalshi-tape-notify': ['notify'],
};
const STREAMER = 'kalshi-tape-streamer';

const ENVELOPE = ['level', 'message', 'timestamp', 'service', 'component', 'event', 'log_seq'];
/** Powertools writes it into every line: 0, for we do not sample. */
const SAMPLING = 'sampling_rate';
/** Texts that may be empty, which Powertools leaves out of its lines. */
const MAY_BE_EMPTY: readonly string[] = ['git_commit', 'table', 'detail'] satisfies readonly FieldName[];
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);

const FITS: Readonly<Record<Field['type'], (value: unknown) => boolean>> = {
  string: isText,
  number: isNumber,
  boolean: (value) => typeof value === 'boolean',
  strings: (value) => Array.isArray(value) && value.every(isText),
  counts: (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isNumber),
};

/** Everything in which a printed line differs from what the catalogue says of it; none for a line as it should be. */
export function violationsOf(text: string): string[] {
  const line = parsed(text);
  if (line === undefined) return ['is no JSON object in one line'];
  if (Object.hasOwn(line, '_aws')) return metricViolations(line);
  if (isPlatformLine(line)) return [];
  const entry = entryOf(line);
  return [...faultsOf(line), ...(entry === undefined ? [] : envelopeViolations(line, entry))];
}

/** Whether the text is Lambda's own line in a function's log. */
export function isOfPlatform(text: string): boolean {
  const line = parsed(text);
  return line !== undefined && isPlatformLine(line);
}

function isPlatformLine(line: Line): boolean {
  return String(line['type']).startsWith('platform.') && !Object.hasOwn(line, 'event');
}

/** The same of what a writer is given, before it adds the time, the service and the line's number. */
export function faultsOf(line: Line): string[] {
  const entry = entryOf(line);
  if (entry === undefined) return [`event ${String(line['event'])} is not catalogued`];
  return [...headViolations(line, entry), ...fieldViolations(line, entry)];
}

function entryOf({ event }: Line): EventEntry | undefined {
  return typeof event === 'string' && Object.hasOwn(EVENTS, event) ? EVENTS[event as EventName] : undefined;
}

/** The numbers that a program's lines miss, or have twice: `log_seq` counts from 1. Lines without one are not counted. */
export function sequenceViolations(lines: readonly string[]): string[] {
  const numbers = lines.map((line) => parsed(line)?.['log_seq']).filter((seq) => seq !== undefined);
  return numbers.flatMap((seq, index) =>
    seq === index + 1 ? [] : [`log_seq ${index + 1} was due, ${JSON.stringify(seq)} came`],
  );
}

function headViolations(line: Line, { level, component }: EventEntry): string[] {
  const expected = { level, component, message: String(line['event']) };
  return Object.entries(expected).flatMap(([key, value]) =>
    line[key] === value ? [] : [`${key} is ${String(line[key])}, not ${value}`],
  );
}

function envelopeViolations(line: Line, { component }: EventEntry): string[] {
  const service = String(line['service']);
  const isCounted = service === STREAMER;
  return [
    ...(TIMESTAMP.test(String(line['timestamp'])) ? [] : ['timestamp is no UTC instant with milliseconds']),
    ...(COMPONENTS[service]?.includes(component) === true ? [] : [`${component} does not speak as service ${service}`]),
    ...(isCounted === isPositive(line['log_seq']) ? [] : [isCounted ? 'log_seq is missing' : 'log_seq is not its own']),
  ];
}

function fieldViolations(line: Line, { fields, optional = [] }: EventEntry): string[] {
  const known: readonly FieldName[] = [...fields, ...optional];
  const isPowertools = line['service'] !== STREAMER;
  const missing = fields.filter(
    (field) => !Object.hasOwn(line, field) && !(isPowertools && MAY_BE_EMPTY.includes(field)),
  );
  const isEnvelope = (key: string): boolean =>
    ENVELOPE.includes(key) || (isPowertools && key === SAMPLING && line[key] === 0);
  const others = Object.entries(line).filter(([key]) => !isEnvelope(key));
  const wrong = others.flatMap(([key, value]) => {
    const field = known.find((candidate) => candidate === key);
    if (field === undefined) return [`${key} is no field of it`];
    return FITS[FIELDS[field].type](value) ? [] : [`${key} is no ${FIELDS[field].type}`];
  });
  return [...missing.map((field) => `${field} is missing`), ...wrong];
}

/** CloudWatch's embedded metric format, as far as CloudWatch checks it. */
const EMF = z.object({
  _aws: z.object({
    Timestamp: z.int().positive(),
    CloudWatchMetrics: z
      .array(
        z.object({
          Namespace: z.literal(METRIC_NAMESPACE),
          Dimensions: z.array(z.array(z.string()).max(30)).min(1),
          Metrics: z.array(z.object({ Name: z.string(), Unit: z.string() })).max(100),
        }),
      )
      .length(1),
  }),
});
/** Values that one metric of a line may have. */
const VALUES_MAX = 100;

function metricViolations(line: Line): string[] {
  const read = EMF.safeParse(line);
  if (!read.success) return read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  const { Dimensions, Metrics } = read.data._aws.CloudWatchMetrics[0]!;
  const dimensions = new Set(Dimensions.flat());
  const metrics = new Set(Metrics.map(({ Name }) => Name));
  return [
    ...[...dimensions].flatMap((name) => (isText(line[name]) ? [] : [`dimension ${name} has no value`])),
    ...[...metrics].flatMap((name) => (isMetricValue(line[name]) ? [] : [`metric ${name} has no number`])),
    ...Object.keys(line).flatMap((key) =>
      key === '_aws' || dimensions.has(key) || metrics.has(key) ? [] : [`${key} is neither a metric nor a dimension`],
    ),
  ];
}

function isMetricValue(value: unknown): boolean {
  if (!Array.isArray(value)) return isNumber(value);
  return value.length > 0 && value.length <= VALUES_MAX && value.every(isNumber);
}

function isPositive(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function parsed(text: string): Line | undefined {
  if (text.trimEnd().includes('\n')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Line) : undefined;
  } catch {
    return undefined;
  }
}
