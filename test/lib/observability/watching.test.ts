import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { ALARMS } from '../../../core/logging/alarms.ts';
import { COMPOSITES } from '../../../core/logging/composites.ts';
import { type Metric, METRICS, patternOf, programsOf } from '../../../core/logging/metrics.ts';
import { PATTERNS } from '../../../core/logging/patterns.ts';
import { compileFilter } from '../../../lab/filter/compile-filter.ts';
import { NAMESPACE, watchedTemplate } from './watched-stack.ts';

type Properties = Readonly<Record<string, unknown>>;
const template = watchedTemplate();
const propertiesOf = (type: string): readonly Properties[] =>
  Object.values(template.findResources(type)).map(({ Properties }) => Properties as Properties);
const text = (value: unknown): string => JSON.stringify(value);

describe('metric filters', () => {
  test('one for each metric and program, without dimension and default value, and each compiles', () => {
    const wanted = Object.entries(METRICS as Readonly<Record<string, Metric>>).flatMap(([name, metric]) =>
      programsOf(metric).map(() => `${name} ${patternOf(metric)}`),
    );
    const filters = propertiesOf('AWS::Logs::MetricFilter');
    const made = filters.map(({ FilterPattern, MetricTransformations }) => {
      const [transformation, ...more] = MetricTransformations as readonly Properties[];
      expect(more).toEqual([]);
      expect(Object.keys(transformation!).toSorted()).toEqual(['MetricName', 'MetricNamespace', 'MetricValue', 'Unit']);
      expect(transformation!['MetricNamespace']).toBe(NAMESPACE);
      expect(() => compileFilter(FilterPattern as string)).not.toThrow();
      return `${transformation!['MetricName'] as string} ${FilterPattern as string}`;
    });
    expect(made.toSorted()).toEqual(wanted.toSorted());
  });
});

describe('alarms', () => {
  test('every alarm of the catalogue is there, and every composite', () => {
    template.resourceCountIs('AWS::CloudWatch::Alarm', Object.keys(ALARMS).length);
    template.resourceCountIs('AWS::CloudWatch::CompositeAlarm', Object.keys(COMPOSITES).length);
  });

  test('the missing heartbeat is an alarm because nothing comes', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'kalshi-tape-test-heartbeat-missing',
      Namespace: NAMESPACE,
      MetricName: 'Heartbeats',
      Statistic: 'Sum',
      Period: 60,
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      DatapointsToAlarm: 3,
      EvaluationPeriods: 3,
      TreatMissingData: 'breaching',
      AlarmDescription: Match.stringLikeRegexp('LOGGING_GUIDE\\.md#heartbeat-missing$'),
    });
  });

  test('AWS’s own metrics are asked for by the resource’s dimension', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'OnFailureDestinationDeliveredEventCount',
      Namespace: 'AWS/Lambda',
      Dimensions: [{ Name: 'EventSourceMappingUUID', Value: { Ref: Match.stringLikeRegexp('^Source') } }],
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'kalshi-tape-test-iterator-age',
      Metrics: Match.arrayWith([
        Match.objectLike({ Expression: 'IF(age > 120 * 1000 AND DIFF(age) > 0, 1, 0)' }),
        Match.objectLike({ Id: 'age', ReturnData: false }),
      ]),
    });
  });

  test('a stage’s thresholds reach thresholds, periods and expressions', () => {
    const own = watchedTemplate({ thresholds: { reconnects: 11, spool_minutes: 4, iterator_age_sec: 33 } });
    own.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: Match.stringLikeRegexp('ws-flapping$'),
      Threshold: 11,
    });
    own.hasResourceProperties('AWS::CloudWatch::Alarm', { DatapointsToAlarm: 4, EvaluationPeriods: 4 });
    own.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Metrics: Match.arrayWith([Match.objectLike({ Expression: Match.stringLikeRegexp('age > 33 \\* 1000') })]),
    });
  });

  test('a guide elsewhere is linked to', () => {
    watchedTemplate({ guideUrl: 'https://example.com/G.md' }).hasResourceProperties('AWS::CloudWatch::CompositeAlarm', {
      AlarmDescription: Match.stringLikeRegexp('\nhttps://example\\.com/G\\.md#'),
    });
  });

  test('each description says first whom it wakes, as the catalogue does', () => {
    const entries = Object.entries<{ readonly severity: string }>({ ...ALARMS, ...COMPOSITES });
    const told = new Map(entries.map(([name, { severity }]) => [name.replaceAll('_', '-'), severity]));
    const all = [...propertiesOf('AWS::CloudWatch::Alarm'), ...propertiesOf('AWS::CloudWatch::CompositeAlarm')];
    for (const { AlarmName, AlarmDescription } of all) {
      const severity = told.get((AlarmName as string).replace('kalshi-tape-test-', ''));
      expect(AlarmDescription).toMatch(new RegExp(`^\\[${severity}\\] [A-Z]`));
    }
  });

  test('no two alarms have one name, and each description says what is true and what to do', () => {
    const all = [...propertiesOf('AWS::CloudWatch::Alarm'), ...propertiesOf('AWS::CloudWatch::CompositeAlarm')];
    expect(new Set(all.map((alarm) => alarm['AlarmName'])).size).toBe(all.length);
    for (const { AlarmDescription } of all) expect((AlarmDescription as string).split('\n')).toHaveLength(3);
  });
});

describe('who is told', () => {
  const alarmsOf = (type: string) =>
    propertiesOf(type).map((one) => ({ name: one['AlarmName'] as string, text: text(one) }));
  const short = (name: string): string => name.replace('kalshi-tape-test-', '').replaceAll('-', '_');

  test('an alarm that is told by a composite acts on nobody itself', () => {
    const acting = alarmsOf('AWS::CloudWatch::Alarm').filter((one) => one.text.includes('"AlarmActions"'));
    const within = new Set(
      Object.values(COMPOSITES)
        .filter(({ severity }) => severity !== 'none')
        .flatMap(({ rule }) => ('anyOf' in rule ? rule.anyOf : rule.allOf)),
    );
    expect(acting.map(({ name }) => short(name)).filter((name) => within.has(name))).toEqual([]);
    expect(acting.length).toBe(Object.keys(ALARMS).filter((name) => !within.has(name)).length);
  });

  test('pages go to the page topic, with their end, tickets to the other, helpers to nobody', () => {
    for (const composite of propertiesOf('AWS::CloudWatch::CompositeAlarm')) {
      const name = short(composite['AlarmName'] as string) as keyof typeof COMPOSITES;
      const { severity } = COMPOSITES[name];
      const topic = { page: 'Page', ticket: 'Ticket', none: undefined }[severity];
      if (topic === undefined) expect(composite['AlarmActions'], name).toBeUndefined();
      else expect(text(composite['AlarmActions']), name).toMatch(new RegExp(`^\\[\\{"Ref":"${topic}[0-9A-F]+"\\}\\]$`));
      expect(composite['OKActions'] !== undefined, name).toBe(severity === 'page');
    }
  });

  test('what is suppressed waits for its suppressor', () => {
    template.hasResourceProperties('AWS::CloudWatch::CompositeAlarm', {
      AlarmName: 'kalshi-tape-test-streamer-down',
      ActionsSuppressor: { 'Fn::GetAtt': [Match.stringLikeRegexp('logsilence'), 'Arn'] },
      ActionsSuppressorWaitPeriod: 120,
      ActionsSuppressorExtensionPeriod: 420,
    });
  });
});

describe('queries and dashboard', () => {
  test('each heading has its query, in the folder of project and stage, over its programs’ groups', () => {
    const queries = propertiesOf('AWS::Logs::QueryDefinition');
    expect(queries.map(({ Name }) => Name).toSorted()).toEqual(
      Object.values(PATTERNS)
        .map(({ title }) => `kalshi-tape/test/${title}`)
        .toSorted(),
    );
    const gaps = queries.find(({ Name }) => Name === 'kalshi-tape/test/Gap storm');
    expect(text(gaps?.['LogGroupNames'])).toMatch(/^\[\{"Ref":"streamerlog[0-9A-F]+"\}\]$/);
  });

  test('the first row says whether it is healthy: all that pages, and the numbers beside it', () => {
    const [dashboard] = propertiesOf('AWS::CloudWatch::Dashboard');
    const [separator, parts] = (dashboard!['DashboardBody'] as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
    const body = parts.map((part) => (typeof part === 'string' ? part : 'ref')).join(separator);
    const { widgets } = JSON.parse(body) as {
      widgets: { type: string; x: number; y: number; width: number; properties: { alarms?: string[] } }[];
    };
    const first = widgets.filter(({ y }) => y === 0);
    expect(first.map(({ type }) => type)).toEqual(['alarm', ...Array.from({ length: 6 }, () => 'metric')]);
    const pages = Object.values(COMPOSITES).filter(({ severity }) => severity === 'page').length;
    const alone = ['gap_storm', 'retention_at_risk', 'batches_dropped'].length;
    expect(first[0]!.properties.alarms).toHaveLength(pages + alone);
    for (const { x, width } of widgets) expect(x + width).toBeLessThanOrEqual(24);
  });
});
