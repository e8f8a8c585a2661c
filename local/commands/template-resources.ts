export type Properties = Readonly<Record<string, unknown>>;

/** A resource of a synthesized template. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties: Properties;
}

/** Every resource of a template, parsed from JSON. Throws where there are none. */
export function resourcesOf(template: unknown): readonly Resource[] {
  const entries = Object.entries(propertiesOf(propertiesOf(template)['Resources']));
  if (entries.length === 0) throw new Error('the template has no resources; nothing was reckoned');
  return entries.map(([id, resource]) => {
    const { Type, Properties: properties } = propertiesOf(resource);
    return { id, type: typeof Type === 'string' ? Type : '', properties: propertiesOf(properties) };
  });
}

export function propertiesOf(value: unknown): Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Properties) : {};
}

export function listOf(value: unknown): readonly Properties[] {
  return Array.isArray(value) ? value.map(propertiesOf) : [];
}

/** All of it as JSON, where joined parts are one text. */
export function textIn(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    const join = propertiesOf(inner)['Fn::Join'];
    if (!Array.isArray(join) || !Array.isArray(join[1])) return inner;
    return join[1].map((part) => (typeof part === 'string' ? part : '*')).join(String(join[0]));
  });
}

/** Metrics that filters write: several filters may write one. */
export function distinctMetrics(filters: readonly Properties[]): number {
  const metrics = filters.flatMap((filter) =>
    listOf(filter['MetricTransformations']).map(({ MetricNamespace, MetricName, Dimensions }) =>
      textIn([MetricNamespace, MetricName, Dimensions]),
    ),
  );
  return new Set(metrics).size;
}
