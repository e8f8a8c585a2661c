import type { CompositeAlarm, MetricAlarm } from '../alarms/definition.ts';
import { compositeAlarmOf, dimensionsOf, metricAlarmOf } from './alarms.ts';
import { documentOf, isObject, type Resource } from './document.ts';
import { TemplateError, type TemplateFault } from './error.ts';
import { Fields } from './fields.ts';
import { type ResolveOptions, Resolver } from './intrinsics.ts';

interface LogGroup {
  readonly logicalId: string;
  readonly name: string;
}

export interface FilterOfTemplate {
  readonly logicalId: string;
  readonly logGroup: string;
  readonly pattern: string;
  readonly namespace: string;
  readonly name: string;
  /** `1`, another number or `$.field`. */
  readonly value: string;
  readonly defaultValue?: number;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit?: string;
}

interface SavedQuery {
  readonly logicalId: string;
  readonly name: string;
  readonly query: string;
  readonly logGroups: readonly string[];
}

interface Topic {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
}

/** What a CloudFormation template says about watching. */
export interface LabTemplate {
  readonly logGroups: readonly LogGroup[];
  readonly metricFilters: readonly FilterOfTemplate[];
  readonly alarms: readonly MetricAlarm[];
  readonly composites: readonly CompositeAlarm[];
  readonly queries: readonly SavedQuery[];
  readonly topics: readonly Topic[];
  /** What the template has that is not evaluated here. */
  readonly notes: readonly string[];
}

/** Resources that would change what is told and when, and are not evaluated. */
const NOT_EVALUATED: ReadonlySet<string> = new Set([
  'AWS::CloudWatch::AlarmMuteRule',
  'AWS::CloudWatch::AnomalyDetector',
  'AWS::CloudWatch::InsightRule',
  'AWS::CloudWatch::LogAlarm',
  'AWS::CloudWatch::MetricStream',
  'AWS::CloudWatch::PromQLAlarm',
  'AWS::Logs::LogAnomalyDetector',
  'AWS::Logs::SubscriptionFilter',
  'AWS::Logs::Transformer',
]);
/** Properties of alarms that CloudWatch has and this has not. */
const NOT_READ: readonly string[] = ['EvaluationWindow', 'EvaluationInterval', 'WarmUpConfiguration'];

/** Reads a synthesized CloudFormation template, parsed from JSON. Throws TemplateError with every fault there is. */
export function readTemplate(template: unknown, options: ResolveOptions = {}): LabTemplate {
  const document = documentOf(template);
  if (document === undefined)
    throw new TemplateError([{ logicalId: '', property: 'Resources', problem: 'there are none' }]);
  const resolver = new Resolver(document, options);
  const reading = new Reading(resolver);
  for (const resource of document.resources.values()) reading.take(resource);
  return reading.result();
}

class Reading {
  readonly #resolver: Resolver;
  readonly #faults: TemplateFault[] = [];
  readonly #logGroups: LogGroup[] = [];
  readonly #metricFilters: FilterOfTemplate[] = [];
  readonly #alarms: MetricAlarm[] = [];
  readonly #composites: CompositeAlarm[] = [];
  readonly #queries: SavedQuery[] = [];
  readonly #topics: Topic[] = [];
  readonly #notes: string[] = [];

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
  }

  take(resource: Resource): void {
    const { logicalId, type } = resource;
    const exists = resource.condition === undefined ? true : this.#resolver.condition(resource.condition);
    if (exists === false) return;
    if (NOT_EVALUATED.has(type)) this.#notes.push(`${logicalId}: ${type} is not evaluated`);
    const identity = { logicalId, name: this.#resolver.nameOf(resource) };
    const withArn = { ...identity, arn: this.#resolver.arnOf(resource) };
    switch (type) {
      case 'AWS::Logs::LogGroup':
        this.#logGroups.push(identity);
        break;
      case 'AWS::SNS::Topic':
        this.#topics.push(withArn);
        break;
      case 'AWS::Logs::MetricFilter':
        this.#metricFilters.push(...this.#filtersOf(this.#fieldsOf(resource), logicalId));
        break;
      case 'AWS::CloudWatch::Alarm': {
        const fields = this.#fieldsOf(resource);
        this.#alarms.push(metricAlarmOf(fields, withArn));
        for (const property of NOT_READ)
          if (fields.has(property)) this.#notes.push(`${logicalId}.${property} is not evaluated`);
        break;
      }
      case 'AWS::CloudWatch::CompositeAlarm':
        this.#composites.push(compositeAlarmOf(this.#fieldsOf(resource), withArn));
        break;
      case 'AWS::Logs::QueryDefinition':
        this.#queries.push(this.#queryOf(this.#fieldsOf(resource), logicalId));
        break;
      default:
        return;
    }
    if (exists === undefined)
      this.#notes.push(`${logicalId}: its condition is not known before a deployment; it is taken to exist`);
  }

  result(): LabTemplate {
    this.#refuseTwins();
    if (this.#faults.length > 0) throw new TemplateError(this.#faults);
    return {
      logGroups: this.#logGroups,
      metricFilters: this.#metricFilters,
      alarms: this.#alarms,
      composites: this.#composites,
      queries: this.#queries,
      topics: this.#topics,
      notes: this.#notes,
    };
  }

  #fieldsOf({ logicalId, properties }: Resource): Fields {
    const resolved = this.#resolver.resolve(properties);
    return new Fields(logicalId, isObject(resolved) ? resolved : {}, this.#faults);
  }

  #filtersOf(fields: Fields, logicalId: string): FilterOfTemplate[] {
    const logGroup = fields.requiredText('LogGroupName');
    const pattern = fields.requiredText('FilterPattern');
    const transformations = fields.each('MetricTransformations');
    if (transformations.length !== 1)
      fields.fault('MetricTransformations', `CloudWatch takes exactly one, there are ${transformations.length}`);
    return transformations.map((transformation) => {
      const defaultValue = transformation.number('DefaultValue');
      const unit = transformation.text('Unit');
      return {
        logicalId,
        logGroup,
        pattern,
        namespace: transformation.requiredText('MetricNamespace'),
        name: transformation.requiredText('MetricName'),
        value: transformation.requiredText('MetricValue'),
        ...(defaultValue === undefined ? {} : { defaultValue }),
        dimensions: dimensionsOf(transformation),
        ...(unit === undefined ? {} : { unit }),
      };
    });
  }

  #queryOf(fields: Fields, logicalId: string): SavedQuery {
    return {
      logicalId,
      name: fields.requiredText('Name'),
      query: fields.requiredText('QueryString'),
      logGroups: fields.texts('LogGroupNames'),
    };
  }

  #refuseTwins(): void {
    const seen = new Set<string>();
    for (const { name } of [...this.#alarms, ...this.#composites]) {
      if (seen.has(name)) this.#faults.push({ logicalId: name, property: 'AlarmName', problem: 'two alarms have it' });
      seen.add(name);
    }
  }
}
