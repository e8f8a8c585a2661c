import { UNITS } from './units.ts';

/** What a metric filter makes of an event. `value` is a number ("1") or a field: "$.latency", "$bytes". */
export interface MetricTransformation {
  readonly namespace: string;
  readonly name: string;
  readonly value: string;
  readonly defaultValue?: number;
  /** Name of the dimension → the field it is taken from. */
  readonly dimensions?: Readonly<Record<string, string>>;
  readonly unit?: string;
}

/** CloudWatch would refuse this metric filter (or should): nothing was compiled. */
export class MetricFilterError extends Error {
  override readonly name = 'MetricFilterError';
  /** The property that is wrong. */
  readonly property: keyof MetricTransformation;
  constructor(property: keyof MetricTransformation, expected: string) {
    super(`metric filter not compiled: ${property}: expected ${expected}`);
    this.property = property;
  }
}

/** Throws MetricFilterError for the first fault that needs no look at the pattern. */
export function checkTransformation(transformation: MetricTransformation): void {
  const { namespace, name, value, defaultValue, dimensions = {}, unit } = transformation;
  if (!NAME.test(namespace)) throw new MetricFilterError('namespace', NAME_RULE);
  if (!NAME.test(name)) throw new MetricFilterError('name', NAME_RULE);
  if (value.length > VALUE_MAX_CHARS) throw new MetricFilterError('value', `at most ${VALUE_MAX_CHARS} characters`);
  if (unit !== undefined && !UNITS.has(unit)) throw new MetricFilterError('unit', 'a unit of CloudWatch');
  if (defaultValue !== undefined && !Number.isFinite(defaultValue)) {
    throw new MetricFilterError('defaultValue', 'a finite number');
  }
  const count = Object.keys(dimensions).length;
  if (count > DIMENSIONS_MAX) throw new MetricFilterError('dimensions', `at most ${DIMENSIONS_MAX}`);
  if (count > 0 && defaultValue !== undefined) {
    throw new MetricFilterError('defaultValue', 'none where there are dimensions');
  }
  const badName = Object.keys(dimensions).find((key) => !DIMENSION_NAME.test(key));
  if (badName !== undefined) throw new MetricFilterError('dimensions', 'names of 1 to 255 characters without a colon');
}

const NAME = /^[^:*$]{1,255}$/;
const NAME_RULE = '1 to 255 characters without : * $';
const VALUE_MAX_CHARS = 100;
const DIMENSIONS_MAX = 3;
const DIMENSION_NAME = /^[^:]{1,255}$/;
