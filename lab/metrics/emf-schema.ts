import { UNITS } from './units.ts';

/** `_aws` of a line in the Embedded Metric Format, of which the schema holds. */
export interface EmfMetadata {
  readonly Timestamp: number;
  readonly CloudWatchMetrics: readonly EmfDirective[];
}

export interface EmfDirective {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly EmfMetric[];
}

export interface EmfMetric {
  readonly Name: string;
  readonly Unit?: string;
  readonly StorageResolution?: number;
}

const EMF_DIMENSIONS_MAX = 30;

/** Where a document departs from the official schema of the format, as `/_aws/Timestamp: expected …`; none: it holds. */
export function emfSchemaFaults(root: unknown): readonly string[] {
  const faults: string[] = [];
  ROOT(root, '', (path, expected) => faults.push(`${path === '' ? '/' : path}: expected ${expected}`));
  return faults;
}

type Fault = (path: string, expected: string) => void;
type Check = (value: unknown, path: string, fault: Fault) => void;

const NAME_MAX_CHARS = 1_024;
const DIMENSION_NAME_MAX_CHARS = 250;

const integer: Check = (value, path, fault) => {
  if (!Number.isInteger(value)) fault(path, 'an integer');
};

const unit: Check = (value, path, fault) => {
  if (typeof value !== 'string' || !UNITS.has(value)) fault(path, 'a unit of CloudWatch');
};

/** Lengths are in Unicode characters; a line break is refused. */
const text =
  (maxChars: number): Check =>
  (value, path, fault) => {
    if (typeof value !== 'string' || !/^.+$/.test(value) || Array.from(value).length > maxChars) {
      fault(path, `one line of 1 to ${maxChars} characters`);
    }
  };

const list =
  (item: Check, min: number, max: number): Check =>
  (value, path, fault) => {
    if (!Array.isArray(value)) return fault(path, 'an array');
    if (value.length < min || value.length > max) fault(path, `${min} to ${max} items`);
    value.forEach((entry, at) => item(entry, `${path}/${at}`, fault));
  };

const object =
  (required: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check =>
  (value, path, fault) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return fault(path, 'an object');
    const members = value as Readonly<Record<string, unknown>>;
    for (const [name, check] of Object.entries({ ...required, ...optional })) {
      if (Object.hasOwn(members, name)) check(members[name], `${path}/${name}`, fault);
      else if (Object.hasOwn(required, name)) fault(`${path}/${name}`, 'this member');
    }
  };

const ROOT = object({
  _aws: object({
    Timestamp: integer,
    CloudWatchMetrics: list(
      object({
        Namespace: text(NAME_MAX_CHARS),
        Dimensions: list(list(text(DIMENSION_NAME_MAX_CHARS), 0, EMF_DIMENSIONS_MAX), 1, Infinity),
        Metrics: list(object({ Name: text(NAME_MAX_CHARS) }, { Unit: unit, StorageResolution: integer }), 0, Infinity),
      }),
      0,
      Infinity,
    ),
  }),
});
