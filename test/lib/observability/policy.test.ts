import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { CfnAlarm, CfnDashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnMetricFilter, CfnQueryDefinition } from 'aws-cdk-lib/aws-logs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { compileFilter } from '../../../lab/filter/compile-filter.ts';
import { unknownFields } from '../../../lib/observability/policy/query-fields.ts';
import { WatchingPolicy } from '../../../lib/observability/policy.ts';
import { watchedStack } from './watched-stack.ts';

const GUIDE = readFileSync(new URL('../../../LOGGING_GUIDE.md', import.meta.url), 'utf8');
const policy = new WatchingPolicy({
  guide: GUIDE,
  compiles: (pattern) => {
    try {
      compileFilter(pattern);
      return undefined;
    } catch (error) {
      return String(error);
    }
  },
});

const FILTER = { logGroupName: 'g', filterPattern: '{ $.event = "heartbeat" }' };
const OURS = { metricNamespace: 'N', metricName: 'M', metricValue: '1' };
const ALARM = {
  alarmDescription: 'It is so.\nDo that.\nLOGGING_GUIDE.md#gap-storm',
  comparisonOperator: 'GreaterThanThreshold',
  evaluationPeriods: 3,
  threshold: 1,
  metricName: 'M',
  namespace: 'N',
  period: 60,
  statistic: 'Sum',
};
const widget = (properties: object): string => JSON.stringify({ widgets: [{ type: 'x', properties }] });

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'policy-'))));
afterEach(() => rmSync(directory, { recursive: true }));

/** Rules that refuse what is added to a stack with one good metric. */
function refusalsOf(add: (stack: Stack) => void): readonly string[] {
  const app = new App({ analyticsReporting: false, outdir: directory });
  const stack = new Stack(app, 'S');
  new CfnMetricFilter(stack, 'Good', { ...FILTER, metricTransformations: [OURS] });
  add(stack);
  const { stacks } = app.synth();
  const { violations, success } = policy.validate({
    templatePaths: stacks.map(({ templateFullPath }) => templateFullPath),
  });
  expect(success).toBe(violations.length === 0);
  for (const { violatingResources } of violations) expect(violatingResources[0]?.resourceLogicalId).toBe('Bad');
  return violations.map(({ ruleName }) => ruleName);
}

describe('the policy', () => {
  test('finds nothing to refuse in the watching itself', () => {
    const app = new App({ analyticsReporting: false, outdir: directory });
    watchedStack(app);
    const templatePaths = app.synth().stacks.map(({ templateFullPath }) => templateFullPath);
    expect(policy.validate({ templatePaths }).violations).toEqual([]);
  });

  test('finds nothing to refuse in what is right', () => {
    expect(
      refusalsOf((stack) => {
        new CfnAlarm(stack, 'A', { ...ALARM, datapointsToAlarm: 3 });
        new CfnAlarm(stack, 'Long', { ...ALARM, period: 3_600, evaluationPeriods: 168 });
        new CfnQueryDefinition(stack, 'Q', {
          name: 'q',
          queryString:
            'fields @timestamp, event\n| filter rows_ingested_last_5m.frames = 0\n| stats count(*) as lines by bin(5m)\n| sort lines desc',
        });
        new CfnDashboard(stack, 'D', { dashboardBody: widget({ metrics: [['N', 'M', { stat: 'Sum' }]] }) });
      }),
    ).toEqual([]);
  });

  test.each<[string, string, (stack: Stack) => void]>([
    [
      'filter-pattern',
      'a malformed filter pattern',
      (s) => new CfnMetricFilter(s, 'Bad', { ...FILTER, filterPattern: '{ $.a = ', metricTransformations: [OURS] }),
    ],
    [
      'default-value-with-dimensions',
      'dimensions with a default value',
      (s) =>
        new CfnMetricFilter(s, 'Bad', {
          ...FILTER,
          metricTransformations: [{ ...OURS, defaultValue: 0, dimensions: [{ key: 'k', value: '$.k' }] }],
        }),
    ],
    ['m-of-n', 'more datapoints than periods', (s) => new CfnAlarm(s, 'Bad', { ...ALARM, datapointsToAlarm: 4 })],
    [
      'alarm-span',
      'more than a day of minutes',
      (s) => new CfnAlarm(s, 'Bad', { ...ALARM, period: 300, evaluationPeriods: 400 }),
    ],
    [
      'alarm-span',
      'a week of hours and one',
      (s) => new CfnAlarm(s, 'Bad', { ...ALARM, period: 3_600, evaluationPeriods: 169 }),
    ],
    ['alarm-span', 'a period that does not exist', (s) => new CfnAlarm(s, 'Bad', { ...ALARM, period: 45 })],
    ['metric-nobody-emits', 'a metric nobody emits', (s) => new CfnAlarm(s, 'Bad', { ...ALARM, metricName: 'Typo' })],
    [
      'metric-nobody-emits',
      'a metric with a dimension that it does not have',
      (s) => new CfnAlarm(s, 'Bad', { ...ALARM, dimensions: [{ name: 'service', value: 'x' }] }),
    ],
    [
      'metric-nobody-emits',
      'one of AWS’s by a dimension that is not its',
      (s) =>
        new CfnAlarm(s, 'Bad', {
          ...ALARM,
          namespace: 'AWS/Kinesis',
          metricName: 'GetRecords.IteratorAgeMilliseconds',
          dimensions: [{ name: 'StreamArn', value: 'x' }],
        }),
    ],
    [
      'metric-nobody-emits',
      'a metric nobody emits, within an expression',
      (s) => {
        const { metricName, namespace, period, statistic, ...rest } = ALARM;
        const metric = { metricName: `${metricName}x`, namespace };
        new CfnAlarm(s, 'Bad', {
          ...rest,
          metrics: [
            { id: 'e', expression: 'm * 2' },
            { id: 'm', metricStat: { metric, period, stat: statistic }, returnData: false },
          ],
        });
      },
    ],
    [
      'runbook-link',
      'a link to no heading',
      (s) => new CfnAlarm(s, 'Bad', { ...ALARM, alarmDescription: 'So.\nLOGGING_GUIDE.md#gap-storms' }),
    ],
    ['runbook-link', 'no link', (s) => new CfnAlarm(s, 'Bad', { ...ALARM, alarmDescription: 'So.' })],
    [
      'query-fields',
      'a query by an unknown field',
      (s) => new CfnQueryDefinition(s, 'Bad', { name: 'q', queryString: 'filter ingest_lag_secs > 5' }),
    ],
    [
      'dashboard',
      'a widget with a metric nobody emits',
      (s) => new CfnDashboard(s, 'Bad', { dashboardBody: widget({ metrics: [['N', 'Typo', { stat: 'Sum' }]] }) }),
    ],
    [
      'dashboard',
      'a widget with a query by an unknown field',
      (s) =>
        new CfnDashboard(s, 'Bad', { dashboardBody: widget({ query: "SOURCE 'g' | fields @timestamp, nothing" }) }),
    ],
  ])('%s refuses %s', (rule, _, add) => {
    expect(refusalsOf(add)).toEqual([rule]);
  });

  test('ends the synth', () => {
    const silence = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const before = process.exitCode;
    try {
      const app = new App({ analyticsReporting: false, outdir: directory });
      new CfnAlarm(new Stack(app, 'S'), 'Bad', { ...ALARM, datapointsToAlarm: 4 });
      Validations.of(app).addPlugins(policy);
      let thrown = false;
      try {
        app.synth();
      } catch {
        thrown = true;
      }
      expect(thrown || process.exitCode === 1).toBe(true);
    } finally {
      process.exitCode = before;
      silence.mockRestore();
    }
  });

  test('refuses to judge what is no template', () => {
    const path = join(directory, 'x.json');
    writeFileSync(path, '[]');
    expect(() => policy.validate({ templatePaths: [path] })).toThrow();
  });
});

describe('fields that a query names', () => {
  test.each<[string, readonly string[]]>([
    ['fields @timestamp, event | filter event = "no_such_event" | limit 5', []],
    ['filter level in ["a b"] and (frames > 5 or isPresent(rows)) | stats count(*) as n by event | sort n desc', []],
    ['filter reason like /(?i)nothing here/ | display reason', []],
    ['fields session | filter gaps = 1', ['session', 'gaps']],
    ['filter rows_ingested_last_5m.frames = 0 and reason.x = 1', ['reason.x']],
    ['stats max(lag) as worst by bin(5m)', ['lag']],
  ])('%s', (query, unknown) => {
    expect(unknownFields(query)).toEqual(unknown);
  });
});
