import { Unit } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Metric, METRICS, patternOf, type Program, programsOf, valueOf } from '../../core/logging/metrics.ts';

const UNITS: Readonly<Record<Metric['unit'], Unit>> = {
  Count: Unit.COUNT,
  'Count/Second': Unit.COUNT_PER_SECOND,
  Seconds: Unit.SECONDS,
  Milliseconds: Unit.MILLISECONDS,
  Bytes: Unit.BYTES,
  Megabytes: Unit.MEGABYTES,
  None: Unit.NONE,
};

export interface MetricFiltersProps {
  readonly namespace: string;
  readonly logGroups: Readonly<Record<Program, ILogGroup>>;
}

/**
 * Every metric of the catalogue, in the log group of each program that logs its events. No default value: a program that is
 * dead must be missing data, not zeros. No dimension: a name more costs a metric more.
 */
export class MetricFilters extends Construct {
  constructor(scope: Construct, id: string, { namespace, logGroups }: MetricFiltersProps) {
    super(scope, id);
    for (const [metricName, metric] of Object.entries(METRICS as Readonly<Record<string, Metric>>)) {
      for (const program of programsOf(metric)) {
        new MetricFilter(this, `${metricName}-${program}`, {
          logGroup: logGroups[program],
          filterPattern: FilterPattern.literal(patternOf(metric)),
          metricNamespace: namespace,
          metricName,
          metricValue: valueOf(metric),
          unit: UNITS[metric.unit],
        });
      }
    }
  }
}
