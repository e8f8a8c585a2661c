export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonObject;
  /** The name of the condition under which it exists. */
  readonly condition: string | undefined;
}

/** The parts of a CloudFormation template that are read here. */
export interface Document {
  readonly resources: ReadonlyMap<string, Resource>;
  readonly parameters: JsonObject;
  readonly conditions: JsonObject;
  readonly mappings: JsonObject;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The document of a parsed template; undefined where it has no Resources. */
export function documentOf(template: unknown): Document | undefined {
  if (!isObject(template) || !isObject(template['Resources'])) return undefined;
  const section = (name: string): JsonObject => {
    const value = template[name];
    return isObject(value) ? value : {};
  };
  const resources = Object.entries(template['Resources']).map(([logicalId, value]): [string, Resource] => {
    const { Type, Properties, Condition } = isObject(value) ? value : {};
    return [
      logicalId,
      {
        logicalId,
        type: typeof Type === 'string' ? Type : '',
        properties: isObject(Properties) ? Properties : {},
        condition: typeof Condition === 'string' ? Condition : undefined,
      },
    ];
  });
  return {
    resources: new Map(resources),
    parameters: section('Parameters'),
    conditions: section('Conditions'),
    mappings: section('Mappings'),
  };
}
