import { type Asked, askedByAlarm, type Emitted, nameOf, transformationsOf } from './emitted.ts';
import { unknownFields } from './query-fields.ts';
import { objectOf, objectsOf, type Resource, textOf } from './template.ts';

/** What the rules need to know beside the resource. */
interface RuleContext {
  /** Why CloudWatch would refuse the filter pattern; undefined: it would take it. */
  readonly compiles: (pattern: string) => string | undefined;
  readonly emitted: Emitted;
  /** Of the guide's headings. */
  readonly anchors: ReadonlySet<string>;
}

export interface Rule {
  readonly name: string;
  readonly types: readonly string[];
  /** The property that is at fault. */
  readonly property: string;
  readonly fix: string;
  /** What is wrong, one text each; none: nothing. */
  readonly check: (resource: Resource, context: RuleContext) => readonly string[];
}

const FILTER = 'AWS::Logs::MetricFilter';
const ALARM = 'AWS::CloudWatch::Alarm';
const COMPOSITE = 'AWS::CloudWatch::CompositeAlarm';
const DASHBOARD = 'AWS::CloudWatch::Dashboard';
const QUERY = 'AWS::Logs::QueryDefinition';

const HOUR_SEC = 3_600;
/** Periods × their length, seconds, for periods below an hour and from an hour on (CloudWatch quota). */
const SPAN_MAX_SEC = 86_400;
const LONG_SPAN_MAX_SEC = 604_800;
const SHORT_PERIODS_SEC = [10, 20, 30];

export const RULES: readonly Rule[] = [
  {
    name: 'filter-pattern',
    types: [FILTER],
    property: 'FilterPattern',
    fix: 'Correct the pattern: CloudWatch would refuse it at deployment.',
    check: ({ properties }, { compiles }) => {
      const fault = compiles(textOf(properties['FilterPattern']));
      return fault === undefined ? [] : [fault];
    },
  },
  {
    name: 'default-value-with-dimensions',
    types: [FILTER],
    property: 'MetricTransformations',
    fix: 'Leave out the default value or the dimensions.',
    check: (resource) =>
      transformationsOf(resource)
        .filter(({ hasDefault, dimensions }) => hasDefault && dimensions.length > 0)
        .map((asked) => `${nameOf(asked)} has dimensions and a default value`),
  },
  {
    name: 'm-of-n',
    types: [ALARM],
    property: 'DatapointsToAlarm',
    fix: 'Ask for at most as many datapoints as there are periods.',
    check: ({ properties }) => {
      const [m, n] = [properties['DatapointsToAlarm'], properties['EvaluationPeriods']].map(Number);
      return m! > n! ? [`${m!} of ${n!} periods can never be`] : [];
    },
  },
  {
    name: 'alarm-span',
    types: [ALARM],
    property: 'EvaluationPeriods',
    fix: 'Look back a day at most, or a week with periods of an hour.',
    check: ({ properties }) => {
      const n = Number(properties['EvaluationPeriods']);
      return periodsOf(properties).flatMap((period) => {
        const isPeriod = SHORT_PERIODS_SEC.includes(period) || (period > 0 && period % 60 === 0);
        if (!isPeriod) return [`a period of ${period} s does not exist`];
        const most = period < HOUR_SEC ? SPAN_MAX_SEC : LONG_SPAN_MAX_SEC;
        return period * n > most ? [`${n} periods of ${period} s are more than ${most} s`] : [];
      });
    },
  },
  {
    name: 'metric-nobody-emits',
    types: [ALARM],
    property: 'MetricName',
    fix: 'Name a metric that a filter of this app or AWS writes, with its dimensions.',
    check: (resource, { emitted }) => {
      const asked = askedByAlarm(resource);
      if (asked.length === 0) return ['the alarm looks at no metric'];
      return asked.filter((metric) => !emitted.has(metric)).map((metric) => `nobody emits ${nameOf(metric)}`);
    },
  },
  {
    name: 'runbook-link',
    types: [ALARM, COMPOSITE],
    property: 'AlarmDescription',
    fix: 'End the description with the guide’s address and the anchor of a heading.',
    check: ({ properties }, { anchors }) => {
      const anchor = /#([^\s#]+)\s*$/u.exec(textOf(properties['AlarmDescription']))?.[1];
      if (anchor === undefined) return ['the description links to no heading'];
      return anchors.has(anchor) ? [] : [`the guide has no heading #${anchor}`];
    },
  },
  {
    name: 'query-fields',
    types: [QUERY],
    property: 'QueryString',
    fix: 'Name fields of core/logging/fields.ts.',
    check: ({ properties }) => strangersIn(textOf(properties['QueryString'])),
  },
  {
    name: 'dashboard',
    types: [DASHBOARD],
    property: 'DashboardBody',
    fix: 'Show metrics that somebody emits, and lines by fields of core/logging/fields.ts.',
    check: ({ properties }, context) => {
      const body = parsed(textOf(properties['DashboardBody']));
      if (body === undefined) return ['the dashboard is no JSON'];
      return objectsOf(body['widgets']).flatMap((widget) => faultsOfWidget(objectOf(widget['properties']), context));
    },
  },
];

function periodsOf(properties: Resource['properties']): readonly number[] {
  const metrics = objectsOf(properties['Metrics']);
  const inner = metrics.map((metric) => objectOf(metric['MetricStat'])['Period'] ?? metric['Period']);
  return [properties['Period'], ...inner].filter((period) => period !== undefined).map(Number);
}

function faultsOfWidget(properties: Readonly<Record<string, unknown>>, { emitted }: RuleContext): readonly string[] {
  const { metrics, query } = properties;
  const strangers = metricsOf(metrics).filter((metric) => !emitted.has(metric));
  return [
    ...strangers.map((metric) => `nobody emits ${nameOf(metric)}`),
    ...(typeof query === 'string' ? strangersIn(withoutSources(query)) : []),
  ];
}

/** Rows of a widget: namespace, name, then dimensions by turns, then options; an expression has options only. */
function metricsOf(rows: unknown): readonly Asked[] {
  const list: readonly unknown[] = Array.isArray(rows) ? rows : [];
  return list.flatMap((row) => {
    const parts = (Array.isArray(row) ? (row as readonly unknown[]) : []).filter((part) => typeof part === 'string');
    const [namespace, name, ...dimensions] = parts;
    if (namespace === undefined || name === undefined) return [];
    return [{ namespace, name, dimensions: dimensions.filter((_, index) => index % 2 === 0) }];
  });
}

/** A widget names its log groups in front of the query. */
function withoutSources(query: string): string {
  return query.replace(/^(\s*SOURCE\s+'[^']*'\s*\|)+/, '');
}

function strangersIn(query: string): readonly string[] {
  return unknownFields(query).map((field) => `no line has a field ${field}`);
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}
