import { App, Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, test } from 'vitest';
import { replay } from '../../../lab/replay/replay.ts';
import { readTemplate } from '../../../lab/template/read-template.ts';

const T0 = Date.UTC(2026, 10, 23, 22);
const MINUTE_MS = 60_000;

/** A stack as the CDK writes it: names are left to CloudFormation, references are tokens. */
function synthesized(): unknown {
  const app = new App();
  const stack = new Stack(app, 'Tape');
  const group = new logs.LogGroup(stack, 'Logs');
  const errors = group
    .addMetricFilter('Errors', {
      filterPattern: logs.FilterPattern.stringValue('$.level', '=', 'ERROR'),
      metricNamespace: 'Tape',
      metricName: 'Errors',
    })
    .metric({ statistic: 'Sum', period: Duration.minutes(1) });
  const lines = group
    .addMetricFilter('Lines', {
      filterPattern: logs.FilterPattern.exists('$.level'),
      metricNamespace: 'Tape',
      metricName: 'Lines',
    })
    .metric({ statistic: 'Sum', period: Duration.minutes(1) });
  const rate = new cloudwatch.MathExpression({
    expression: 'IF(lines > 0, errors * 100 / lines, 0)',
    usingMetrics: { errors, lines },
    period: Duration.minutes(1),
  });
  const often = rate.createAlarm(stack, 'Often', { threshold: 50, evaluationPeriods: 1 });
  const silent = lines.createAlarm(stack, 'Silent', {
    threshold: 1,
    comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: 1,
    treatMissingData: cloudwatch.TreatMissingData.BREACHING,
  });
  const either = new cloudwatch.CompositeAlarm(stack, 'Either', {
    alarmRule: cloudwatch.AlarmRule.anyOf(
      often,
      cloudwatch.AlarmRule.atLeast(cloudwatch.AlarmState.ALARM, {
        operands: [often, silent],
        threshold: cloudwatch.AtLeastThreshold.percentage(50),
      }),
    ),
    actionsSuppressor: silent,
  });
  either.addAlarmAction(new SnsAction(new Topic(stack, 'Pages')));
  new logs.QueryDefinition(stack, 'Query', {
    queryDefinitionName: 'tape/errors',
    queryString: new logs.QueryString({ fields: ['@timestamp'], limit: 20 }),
    logGroups: [group],
  });
  return app.synth().getStackByName('Tape').template;
}

describe('a template that the CDK synthesized', () => {
  const template = readTemplate(synthesized());

  test('is read whole', () => {
    expect(template.logGroups).toHaveLength(1);
    expect(template.metricFilters.map(({ logGroup }) => logGroup)).toEqual([
      template.logGroups[0]?.name,
      template.logGroups[0]?.name,
    ]);
    expect(template.alarms.map(({ returns, queries }) => [returns, queries.length])).toEqual([
      [expect.any(String), 3],
      ['m1', 1],
    ]);
    expect(template.queries).toMatchObject([{ name: 'tape/errors', logGroups: [template.logGroups[0]?.name] }]);
    expect(template.notes).toEqual([]);
  });

  test('is replayed to the page that its topic gets, after the wait for the suppressor', () => {
    const lines = [1, 2, 3, 4, 5, 6].map((minute) => ({
      ts_ms: T0 + minute * MINUTE_MS,
      message: JSON.stringify({ level: minute < 3 ? 'INFO' : 'ERROR' }),
    }));
    const { notifications } = replay({ template, lines });
    expect(notifications).toEqual([
      expect.objectContaining({
        ts_ms: T0 + 5 * MINUTE_MS,
        state: 'ALARM',
        action: template.topics[0]?.arn,
        late: true,
      }),
    ]);
  });
});
