/** As much of JSON Schema as the official schema of the Embedded Metric Format uses. */
export interface Schema {
  readonly type?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** Whether a schema holds of a parsed JSON value, by the schema's words alone. */
export function holds(schema: Schema, value: unknown): boolean {
  const { minItems = 0, maxItems = Infinity, minLength = 0, maxLength = Infinity } = schema;
  if (schema.type !== undefined && schema.type !== typeOf(value) && !(schema.type === 'number' && isNumber(value))) {
    return false;
  }
  if (typeof value === 'string') {
    const length = Array.from(value).length;
    return (
      length >= minLength && length <= maxLength && (schema.pattern === undefined || RegExp(schema.pattern).test(value))
    );
  }
  if (Array.isArray(value)) {
    if (value.length < minItems || value.length > maxItems) return false;
    return schema.items === undefined || value.every((item) => holds(schema.items!, item));
  }
  if (typeof value !== 'object' || value === null) return true;
  const members = value as Readonly<Record<string, unknown>>;
  return (
    (schema.required ?? []).every((name) => Object.hasOwn(members, name)) &&
    Object.entries(schema.properties ?? {}).every(
      ([name, inner]) => !Object.hasOwn(members, name) || holds(inner, members[name]),
    )
  );
}

const isNumber = (value: unknown): boolean => typeof value === 'number';

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
