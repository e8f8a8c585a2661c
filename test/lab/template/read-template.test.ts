import { describe, expect, test } from 'vitest';
import { TemplateError } from '../../../lab/template/error.ts';
import { readTemplate } from '../../../lab/template/read-template.ts';
import { lagAlarm, lagFilter, template, WATCHED } from './resources.ts';

const PAGES = 'arn:aws:sns:us-east-1:123456789012:pages';

function faultsOf(resources: object, rest: object = {}): string[] {
  try {
    readTemplate(template(resources, rest));
  } catch (error) {
    if (error instanceof TemplateError)
      return error.faults.map(({ logicalId, property }) => `${logicalId} ${property}`);
    throw error;
  }
  return [];
}

describe('a template', () => {
  test('is read into groups, filters, alarms and topics, references resolved', () => {
    const read = readTemplate(template(WATCHED));
    expect(read.logGroups).toEqual([
      { logicalId: 'StreamerLogs', name: '/tape/streamer' },
      { logicalId: 'SinkLogs', name: 'SinkLogs' },
    ]);
    expect(read.metricFilters).toEqual([
      {
        logicalId: 'LagFilter',
        logGroup: '/tape/streamer',
        pattern: '{ $.event = "heartbeat" }',
        namespace: 'Tape',
        name: 'Lag',
        value: '$.ingest_lag_sec',
        dimensions: {},
      },
    ]);
    expect(read.topics).toEqual([{ logicalId: 'Pages', name: 'pages', arn: PAGES }]);
    expect(read.alarms).toMatchObject([
      {
        name: 'lag',
        arn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:lag',
        queries: [
          {
            kind: 'metric',
            metric: { namespace: 'Tape', name: 'Lag', dimensions: {} },
            stat: 'Maximum',
            period_sec: 60,
          },
        ],
        threshold: { kind: 'static', operator: 'GreaterThanThreshold', value: 10 },
        n: 3,
        m: 2,
        missing: 'notBreaching',
        actions: { enabled: true, on: { ALARM: [PAGES], OK: [PAGES], INSUFFICIENT_DATA: [] } },
      },
    ]);
  });

  test('has CloudWatch’s own defaults where an alarm says nothing', () => {
    const { AlarmName, DatapointsToAlarm, TreatMissingData } = {
      AlarmName: undefined,
      DatapointsToAlarm: undefined,
      TreatMissingData: undefined,
    };
    const bare = lagAlarm({
      AlarmName,
      DatapointsToAlarm,
      TreatMissingData,
      AlarmActions: undefined,
      OKActions: undefined,
    });
    const [alarm] = readTemplate(template({ Bare: JSON.parse(JSON.stringify(bare)) as object })).alarms;
    expect(alarm).toMatchObject({
      name: 'Bare',
      m: 3,
      missing: 'missing',
      lowSamples: 'evaluate',
      actions: { on: { ALARM: [] } },
    });
  });

  test('has composites, their suppressor and their periods in milliseconds', () => {
    const composite = {
      Type: 'AWS::CloudWatch::CompositeAlarm',
      Properties: {
        AlarmName: 'page',
        AlarmRule: { 'Fn::Join': ['', ['ALARM("', { 'Fn::GetAtt': ['LagAlarm', 'Arn'] }, '")']] },
        ActionsSuppressor: { 'Fn::GetAtt': ['LagAlarm', 'Arn'] },
        ActionsSuppressorWaitPeriod: 60,
        ActionsSuppressorExtensionPeriod: '120',
        AlarmActions: [{ Ref: 'Pages' }],
      },
    };
    const arn = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:lag';
    expect(readTemplate(template({ ...WATCHED, Page: composite })).composites).toMatchObject([
      { name: 'page', rule: `ALARM("${arn}")`, suppressor: { alarm: arn, wait_ms: 60_000, extension_ms: 120_000 } },
    ]);
  });

  test('has alarms on expressions: the one that returns data is watched', () => {
    const stat = {
      Metric: {
        Namespace: 'AWS/Lambda',
        MetricName: 'Errors',
        Dimensions: [{ Name: 'FunctionName', Value: { Ref: 'Sink' } }],
      },
      Period: 60,
      Stat: 'Sum',
    };
    const Metrics = [
      { Id: 'rate', Expression: 'errors * 2', Label: 'twice' },
      { Id: 'errors', MetricStat: stat, ReturnData: false },
    ];
    const alarm = lagAlarm({ Metrics });
    const read = readTemplate(template({ Sink: { Type: 'AWS::Lambda::Function', Properties: {} }, Rate: alarm }));
    expect(read.alarms[0]).toMatchObject({
      returns: 'rate',
      queries: [
        { kind: 'expression', id: 'rate', expression: 'errors * 2' },
        { kind: 'metric', id: 'errors', stat: 'Sum', metric: { dimensions: { FunctionName: '<Sink>' } } },
      ],
    });
  });

  test('has alarms on a band: the band’s expression is not evaluated', () => {
    const stat = { Metric: { Namespace: 'Tape', MetricName: 'Lag' }, Period: 60, Stat: 'Average' };
    const alarm = lagAlarm({
      ComparisonOperator: 'GreaterThanUpperThreshold',
      ThresholdMetricId: 'band',
      Metrics: [
        { Id: 'band', Expression: 'ANOMALY_DETECTION_BAND(m1, 2)' },
        { Id: 'm1', MetricStat: stat },
      ],
    });
    expect(readTemplate(template({ Band: alarm })).alarms[0]).toMatchObject({
      returns: 'm1',
      threshold: { kind: 'band' },
    });
  });

  test('has saved queries', () => {
    const query = {
      Type: 'AWS::Logs::QueryDefinition',
      Properties: { Name: 'tape/lag', QueryString: 'fields @timestamp', LogGroupNames: [{ Ref: 'StreamerLogs' }] },
    };
    expect(readTemplate(template({ ...WATCHED, Lag: query })).queries).toEqual([
      { logicalId: 'Lag', name: 'tape/lag', query: 'fields @timestamp', logGroups: ['/tape/streamer'] },
    ]);
  });

  test('notes what it has and nobody evaluates', () => {
    const notes = readTemplate(
      template({
        Mute: { Type: 'AWS::CloudWatch::AlarmMuteRule', Properties: {} },
        Lag: lagAlarm({ WarmUpConfiguration: {} }),
      }),
    ).notes.join('\n');
    expect(notes).toContain('Mute');
    expect(notes).toContain('Lag.WarmUpConfiguration');
  });

  test('leaves out what a condition leaves out, and notes what no one can know', () => {
    const conditions = {
      Conditions: { No: { 'Fn::Equals': ['a', 'b'] }, Perhaps: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] } },
      Parameters: { Stage: { Type: 'String' } },
    };
    const read = readTemplate(
      template(
        { Off: { ...lagAlarm({ AlarmName: 'off' }), Condition: 'No' }, On: { ...lagAlarm(), Condition: 'Perhaps' } },
        conditions,
      ),
    );
    expect(read.alarms.map(({ name }) => name)).toEqual(['lag']);
    expect(read.notes).toHaveLength(1);
  });
});

describe('faults name logical id and property', () => {
  test.each([
    ['a missing threshold', { A: lagAlarm({ Threshold: undefined }) }, ['A Threshold']],
    ['an operator that does not exist', { A: lagAlarm({ ComparisonOperator: 'Above' }) }, ['A ComparisonOperator']],
    [
      'a band without its metric',
      { A: lagAlarm({ ComparisonOperator: 'LessThanLowerThreshold' }) },
      ['A ThresholdMetricId'],
    ],
    ['an unknown treatment', { A: lagAlarm({ TreatMissingData: 'bad' }) }, ['A TreatMissingData']],
    ['a period that is text', { A: lagAlarm({ Period: 'long' }) }, ['A Period']],
    ['actions that are no texts', { A: lagAlarm({ AlarmActions: [1] }) }, ['A AlarmActions']],
    [
      'two returning metrics',
      {
        A: lagAlarm({
          Metrics: [
            { Id: 'a', Expression: '1' },
            { Id: 'b', Expression: '1' },
          ],
        }),
      },
      ['A Metrics'],
    ],
    [
      'a metric without a name',
      { A: lagAlarm({ Metrics: [{ Id: 'a', MetricStat: { Metric: { Namespace: 'x' }, Period: 60, Stat: 'Sum' } }] }) },
      ['A Metrics[0].MetricStat.Metric.MetricName'],
    ],
    ['a filter without a pattern', { F: lagFilter({ FilterPattern: undefined }) }, ['F FilterPattern']],
    ['a filter with two transformations', { F: lagFilter({ MetricTransformations: [] }) }, ['F MetricTransformations']],
    ['a name that two alarms have', { A: lagAlarm(), B: lagAlarm() }, ['lag AlarmName']],
  ])('%s', (_, resources, expected) => {
    expect(faultsOf(JSON.parse(JSON.stringify(resources)) as object)).toEqual(expected);
  });

  test('all of them together', () => {
    expect(faultsOf({ A: { Type: 'AWS::CloudWatch::Alarm', Properties: {} } }).length).toBeGreaterThan(4);
  });

  test('a file that is no template is one fault', () => {
    for (const value of [null, 3, [], {}, { Resources: [] }]) expect(() => readTemplate(value)).toThrow(TemplateError);
  });
});
