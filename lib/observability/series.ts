import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IEventSourceMapping, IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Expression, Series } from '../../core/logging/alarms.ts';
import { AWS_METRICS, type AwsMetric, type AwsResource, DIMENSION_OF } from '../../core/logging/aws-metrics.ts';
import { METRICS, type Program } from '../../core/logging/metrics.ts';
import type { Thresholds } from '../../core/logging/thresholds.ts';

/** What is watched: the resources whose metrics and lines tell of health. */
export interface Watched {
  readonly stream: IStream;
  readonly sink: IFunction;
  readonly probe: IFunction;
  readonly eventSource: IEventSourceMapping;
  readonly logGroups: Readonly<Record<Program, ILogGroup>>;
}

/** Turns the names of core/logging into CloudWatch metrics of this stack. */
export class SeriesOf {
  readonly #watched: Watched;
  readonly #namespace: string;
  readonly #numbers: Readonly<Record<string, number>>;

  /** `sinkTimeoutSec`: the sink’s timeout, that expressions know as `{sink_timeout_ms}`. */
  constructor(watched: Watched, namespace: string, thresholds: Thresholds, sinkTimeoutSec: number) {
    this.#watched = watched;
    this.#namespace = namespace;
    this.#numbers = { ...thresholds, sink_timeout_ms: sinkTimeoutSec * 1_000 };
  }

  metric(of: Series | Expression, period_sec: number, label?: string): IMetric {
    const period = Duration.seconds(period_sec);
    if ('expression' in of) {
      const inputs = Object.entries(of.inputs).map(([id, series]) => [id, this.metric(series, period_sec)] as const);
      const expression = this.#filled(of.expression);
      return new MathExpression({ expression, usingMetrics: Object.fromEntries(inputs), period, label: label ?? '' });
    }
    const { statistic } = of;
    const shown = label === undefined ? {} : { label };
    if (!isAws(of.metric)) {
      return new Metric({ namespace: this.#namespace, metricName: of.metric, statistic, period, ...shown });
    }
    const { namespace, name, of: resource }: AwsMetric = AWS_METRICS[of.metric];
    const dimensionsMap = { [DIMENSION_OF[resource.kind]]: this.#nameOf(resource) };
    return new Metric({ namespace, metricName: name, dimensionsMap, statistic, period, ...shown });
  }

  #nameOf(resource: AwsResource): string {
    const { stream, sink, probe, eventSource, logGroups } = this.#watched;
    switch (resource.kind) {
      case 'stream':
        return stream.streamName;
      case 'event_source':
        return eventSource.eventSourceMappingId;
      case 'log_group':
        return logGroups[resource.program].logGroupName;
      case 'function':
        return (resource.program === 'probe' ? probe : sink).functionName;
    }
  }

  /** Throws where an expression names a number that does not exist. */
  #filled(expression: string): string {
    return expression.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = this.#numbers[name];
      if (value === undefined) throw new Error(`no alarm was made of "${expression}": nobody knows {${name}}`);
      return String(value);
    });
  }
}

function isAws(name: Series['metric']): name is keyof typeof AWS_METRICS {
  return !Object.hasOwn(METRICS, name);
}
