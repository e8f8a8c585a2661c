import { isBandOperator, isThresholdOperator } from '../alarms/comparison.ts';
import type { Actions, CompositeAlarm, MetricAlarm, Query, Threshold } from '../alarms/definition.ts';
import { MISSING_DATA_TREATMENTS } from '../alarms/state.ts';
import type { MetricId } from '../metrics/series.ts';
import type { Fields } from './fields.ts';

const ONLY_METRIC = 'm1';
const SECOND_MS = 1000;

interface Identity {
  readonly name: string;
  readonly arn: string;
}

/** An AWS::CloudWatch::Alarm; faults are noted in `fields`. */
export function metricAlarmOf(fields: Fields, { name, arn }: Identity): MetricAlarm {
  const description = fields.text('AlarmDescription');
  const n = fields.requiredNumber('EvaluationPeriods');
  const queries = fields.has('Metrics') ? queriesOf(fields) : [singleMetric(fields)];
  return {
    kind: 'metric',
    name,
    arn,
    ...(description === undefined ? {} : { description }),
    queries,
    returns: fields.has('Metrics') ? returnedOf(fields) : ONLY_METRIC,
    threshold: thresholdOf(fields),
    n,
    m: fields.number('DatapointsToAlarm') ?? n,
    missing: fields.oneOf('TreatMissingData', MISSING_DATA_TREATMENTS, 'missing'),
    lowSamples: fields.oneOf('EvaluateLowSampleCountPercentile', ['evaluate', 'ignore'], 'evaluate'),
    actions: actionsOf(fields),
  };
}

/** An AWS::CloudWatch::CompositeAlarm. */
export function compositeAlarmOf(fields: Fields, { name, arn }: Identity): CompositeAlarm {
  const description = fields.text('AlarmDescription');
  const suppressor = fields.text('ActionsSuppressor');
  const wait_ms = (fields.number('ActionsSuppressorWaitPeriod') ?? 0) * SECOND_MS;
  const extension_ms = (fields.number('ActionsSuppressorExtensionPeriod') ?? 0) * SECOND_MS;
  return {
    kind: 'composite',
    name,
    arn,
    ...(description === undefined ? {} : { description }),
    rule: fields.requiredText('AlarmRule'),
    ...(suppressor === undefined ? {} : { suppressor: { alarm: suppressor, wait_ms, extension_ms } }),
    actions: actionsOf(fields),
  };
}

export function dimensionsOf(fields: Fields): Record<string, string> {
  return Object.fromEntries(
    fields
      .each('Dimensions')
      .map((pair) => [
        pair.has('Name') ? pair.requiredText('Name') : pair.requiredText('Key'),
        pair.requiredText('Value'),
      ]),
  );
}

function actionsOf(fields: Fields): Actions {
  return {
    enabled: fields.boolean('ActionsEnabled', true),
    on: {
      ALARM: fields.texts('AlarmActions'),
      OK: fields.texts('OKActions'),
      INSUFFICIENT_DATA: fields.texts('InsufficientDataActions'),
    },
  };
}

function singleMetric(fields: Fields): Query {
  const stat = fields.text('ExtendedStatistic') ?? fields.requiredText('Statistic');
  return {
    kind: 'metric',
    id: ONLY_METRIC,
    metric: metricOf(fields),
    stat,
    period_sec: fields.requiredNumber('Period'),
  };
}

function queriesOf(fields: Fields): Query[] {
  return fields.each('Metrics').flatMap((entry): Query[] => {
    const id = entry.requiredText('Id');
    const stat = entry.inner('MetricStat');
    if (stat === undefined) {
      // the band of anomaly detection is compared with, not watched: its expression is not evaluated
      const expression = entry.requiredText('Expression');
      return id === fields.text('ThresholdMetricId') ? [] : [{ kind: 'expression', id, expression }];
    }
    const metric = stat.inner('Metric');
    if (metric === undefined) {
      stat.fault('Metric', 'is missing');
      return [];
    }
    const period_sec = stat.requiredNumber('Period');
    return [{ kind: 'metric', id, metric: metricOf(metric), stat: stat.requiredText('Stat'), period_sec }];
  });
}

/** The one entry that returns data, the band aside. */
function returnedOf(fields: Fields): string {
  const band = fields.text('ThresholdMetricId');
  const returning = fields
    .each('Metrics')
    .filter((entry) => entry.boolean('ReturnData', true) && entry.text('Id') !== band)
    .map((entry) => entry.text('Id') ?? '');
  if (returning.length !== 1) fields.fault('Metrics', `one entry must have ReturnData, ${returning.length} have`);
  return returning[0] ?? '';
}

function metricOf(fields: Fields): MetricId {
  return {
    namespace: fields.requiredText('Namespace'),
    name: fields.requiredText('MetricName'),
    dimensions: dimensionsOf(fields),
  };
}

function thresholdOf(fields: Fields): Threshold {
  const operator = fields.requiredText('ComparisonOperator');
  if (isBandOperator(operator)) {
    if (!fields.has('ThresholdMetricId')) fields.fault('ThresholdMetricId', `is missing for ${operator}`);
    return { kind: 'band', operator };
  }
  if (isThresholdOperator(operator)) return { kind: 'static', operator, value: fields.requiredNumber('Threshold') };
  fields.fault('ComparisonOperator', `is not one of CloudWatch’s: ${JSON.stringify(operator)}`);
  return { kind: 'static', operator: 'GreaterThanThreshold', value: Number.NaN };
}
