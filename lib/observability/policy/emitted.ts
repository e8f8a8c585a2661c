import { AWS_METRICS, DIMENSION_OF } from '../../../core/logging/aws-metrics.ts';
import { objectOf, objectsOf, type Resource, textOf } from './template.ts';

/** A metric as somebody asks for it. */
export interface Asked {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly string[];
}

/** What somebody writes: metric filters of the templates, and AWS for its own resources. */
export class Emitted {
  readonly #known: ReadonlySet<string>;

  constructor(resources: readonly Resource[]) {
    const filters = resources.filter(({ type }) => type === 'AWS::Logs::MetricFilter').flatMap(transformationsOf);
    const aws = Object.values(AWS_METRICS).map(({ namespace, name, of }) => ({
      namespace,
      name,
      dimensions: [DIMENSION_OF[of.kind]],
    }));
    this.#known = new Set([...filters, ...aws].map(keyOf));
  }

  has(asked: Asked): boolean {
    return this.#known.has(keyOf(asked));
  }
}

/** What a metric filter writes. */
export function transformationsOf({ properties }: Resource): readonly (Asked & { readonly hasDefault: boolean })[] {
  return objectsOf(properties['MetricTransformations']).map((transformation) => ({
    namespace: textOf(transformation['MetricNamespace']),
    name: textOf(transformation['MetricName']),
    dimensions: objectsOf(transformation['Dimensions']).map((dimension) => textOf(dimension['Key'])),
    hasDefault: transformation['DefaultValue'] !== undefined,
  }));
}

/** What an alarm looks at: one metric, or those that its expression is made of. */
export function askedByAlarm({ properties }: Resource): readonly Asked[] {
  const stats = objectsOf(properties['Metrics']).map((metric) => objectOf(metric['MetricStat']));
  const metrics = stats.flatMap((stat) => objectsOf([stat['Metric']]));
  return [...metrics, properties]
    .filter((metric) => metric['MetricName'] !== undefined)
    .map((metric) => ({
      namespace: textOf(metric['Namespace']),
      name: textOf(metric['MetricName']),
      dimensions: objectsOf(metric['Dimensions']).map((dimension) => textOf(dimension['Name'])),
    }));
}

export function nameOf({ namespace, name, dimensions }: Asked): string {
  return `${namespace} ${name}${dimensions.length === 0 ? '' : ` by ${dimensions.join(', ')}`}`;
}

function keyOf({ namespace, name, dimensions }: Asked): string {
  return JSON.stringify([namespace, name, [...dimensions].sort()]);
}
