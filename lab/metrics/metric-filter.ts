import { compileFilter } from '../filter/compile-filter.ts';
import { NUMERIC } from '../filter/literal.ts';
import { compileField, type FieldReader } from './field-reader.ts';
import type { MetricId, Sample } from './series.ts';
import { checkTransformation, MetricFilterError, type MetricTransformation } from './transformation.ts';

/** An event of a log group: milliseconds since 1970 and the line. */
export interface LogEvent {
  readonly timestamp_ms: number;
  readonly message: string;
}

/** A sample and the metric it is of: `store.put(id, sample)`. */
export interface Emitted {
  readonly id: MetricId;
  readonly sample: Sample;
}

/**
 * Compiles a metric filter into what it emits for one event; undefined: nothing.
 *
 * - The sample has the event's own instant. CloudWatch publishes once a minute; summed over whole minutes both agree.
 * - A value field that is a number or a string holding one is the value; anything else there emits nothing.
 * - The default value is emitted for each event that does not match, and for one that matches without having the value
 *   field; so SampleCount and Average of such a metric mean nothing. Without any event there is no default either.
 * - With dimensions: an event that lacks one of their fields emits nothing.
 *
 * Throws PatternError or MetricFilterError where CloudWatch would refuse the filter.
 */
export function compileMetricFilter(
  pattern: string,
  transformation: MetricTransformation,
): (event: LogEvent) => Emitted | undefined {
  checkTransformation(transformation);
  const { namespace, name, value, defaultValue, dimensions = {}, unit } = transformation;
  const filter = compileFilter(pattern);
  const field = (property: 'value' | 'dimensions', text: string): FieldReader => {
    const reader = compileField(filter, text);
    if (typeof reader === 'string') throw new MetricFilterError(property, reader);
    return reader;
  };
  const readValue = NUMERIC.test(value) ? (): string => value : field('value', value);
  const readers = Object.entries(dimensions).map(([key, text]) => [key, field('dimensions', text)] as const);
  const plain: MetricId = { namespace, name, dimensions: {} };
  return ({ timestamp_ms, message }) => {
    const emit = (id: MetricId | undefined, number: number | undefined): Emitted | undefined =>
      id === undefined || number === undefined
        ? undefined
        : { id, sample: { ts_ms: timestamp_ms, value: number, ...(unit === undefined ? {} : { unit }) } };
    const text = filter.matches(message) ? readValue(message) : undefined;
    if (text === undefined) return emit(plain, defaultValue);
    return emit(readers.length === 0 ? plain : withDimensions(plain, readers, message), numberOf(text));
  };
}

function numberOf(text: string | null): number | undefined {
  if (text === null || !NUMERIC.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

function withDimensions(
  id: MetricId,
  readers: readonly (readonly [string, FieldReader])[],
  message: string,
): MetricId | undefined {
  const dimensions: Record<string, string> = {};
  for (const [key, read] of readers) {
    const text = read(message);
    if (text === undefined || text === null || text.trim() === '') return undefined;
    dimensions[key] = text;
  }
  return { ...id, dimensions };
}
