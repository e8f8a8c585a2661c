import { type Document, isObject, type Json, type JsonObject, type Resource } from './document.ts';
import { type Account, attributeOf, nameOf, namingProperty, placeholder, refOf } from './names.ts';

export interface ResolveOptions {
  /** Values of parameters; those without one take their default. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly region?: string;
  readonly accountId?: string;
  readonly stackName?: string;
}

const DEFAULTS = { partition: 'aws', region: 'us-east-1', accountId: '123456789012', stackName: 'stack' } as const;
/** Nothing: the property is as if not written. */
const NO_VALUE = Symbol('AWS::NoValue');
type Resolved = Json | typeof NO_VALUE;
/** Names that lead to each other stop here. */
const MAX_DEPTH = 50;

/** Resolves the intrinsic functions of one template. What only a deployment knows becomes a placeholder, `<Id.Attribute>`. */
export class Resolver {
  readonly account: Account;
  readonly #document: Document;
  readonly #options: ResolveOptions;
  #depth = 0;

  constructor(document: Document, options: ResolveOptions = {}) {
    this.#document = document;
    this.#options = options;
    const { region = DEFAULTS.region, accountId = DEFAULTS.accountId } = options;
    this.account = { partition: DEFAULTS.partition, region, accountId };
  }

  /** The value with every function resolved; undefined for AWS::NoValue. */
  resolve(value: Json): Json | undefined {
    const resolved = this.#value(value);
    return resolved === NO_VALUE ? undefined : resolved;
  }

  /** The name a resource has, or a stable stand-in. */
  nameOf(resource: Resource): string {
    const property = namingProperty(resource.type);
    const value = property === undefined ? undefined : resource.properties[property];
    const explicit = value === undefined ? undefined : this.resolve(value);
    return nameOf(resource, typeof explicit === 'string' ? explicit : undefined);
  }

  arnOf(resource: Resource): string {
    return attributeOf(resource, 'Arn', this.nameOf(resource), this.account);
  }

  /** Whether a condition holds; undefined where only a deployment knows. */
  condition(name: string): boolean | undefined {
    const condition = this.#document.conditions[name];
    return condition === undefined ? undefined : this.#deeper(() => this.#holds(condition), undefined);
  }

  #value(value: Json): Resolved {
    if (Array.isArray(value)) {
      return (value as readonly Json[]).map((item) => this.#value(item)).filter((item) => item !== NO_VALUE);
    }
    if (!isObject(value)) return value;
    const [entry, ...others] = Object.entries(value);
    if (entry !== undefined && others.length === 0) {
      const [name, argument] = entry;
      const resolved = this.#deeper(() => this.#call(name, argument), placeholder(name));
      if (resolved !== undefined) return resolved;
    }
    const entries = Object.entries(value).map(([key, item]): [string, Resolved] => [key, this.#value(item)]);
    return Object.fromEntries(entries.filter((pair): pair is [string, Json] => pair[1] !== NO_VALUE));
  }

  /** What leads to itself ends as `otherwise`. */
  #deeper<T>(work: () => T, otherwise: T): T {
    if (this.#depth >= MAX_DEPTH) return otherwise;
    this.#depth++;
    try {
      return work();
    } finally {
      this.#depth--;
    }
  }

  /** undefined: it is no function, but an object with one key. */
  #call(name: string, argument: Json): Resolved | undefined {
    switch (name) {
      case 'Ref':
        return typeof argument === 'string' ? this.#ref(argument) : undefined;
      case 'Fn::GetAtt': {
        const parts = typeof argument === 'string' ? argument.split('.') : asArray(argument).map(String);
        return this.#attribute(parts[0] ?? '', parts.slice(1).join('.'));
      }
      case 'Fn::Join': {
        const [separator, list] = asArray(argument);
        const items = asArray(this.#plain(list));
        return items.map(textOf).join(textOf(separator));
      }
      case 'Fn::Sub':
        return this.#substitute(argument);
      case 'Fn::Select': {
        const [index, list] = asArray(argument);
        const items = this.#plain(list);
        const item = Array.isArray(items) ? (items as readonly Json[])[Number(this.#plain(index))] : undefined;
        return item ?? placeholder(`Select ${textOf(this.#plain(index))} ${textOf(items)}`);
      }
      case 'Fn::Split': {
        const [separator, text] = asArray(argument);
        return textOf(this.#plain(text)).split(textOf(separator));
      }
      case 'Fn::If': {
        const [condition, yes, no] = asArray(argument);
        const holds = this.condition(textOf(condition));
        if (holds === undefined) return placeholder(`If ${textOf(condition)}`);
        return this.#value((holds ? yes : no) ?? null);
      }
      case 'Fn::FindInMap': {
        const [map, first, second] = asArray(argument).map((part) => textOf(this.#plain(part)));
        const level = this.#document.mappings[map ?? ''];
        const inner = isObject(level) ? level[first ?? ''] : undefined;
        const found = isObject(inner) ? inner[second ?? ''] : undefined;
        return found ?? placeholder([map, first, second].join('.'));
      }
      case 'Fn::ImportValue':
        return placeholder(`Import ${textOf(this.#plain(argument))}`);
      case 'Fn::GetAZs':
      case 'Fn::Base64':
      case 'Fn::Cidr':
      case 'Fn::Transform':
        return placeholder(name.slice('Fn::'.length));
      default:
        return undefined;
    }
  }

  #ref(name: string): Resolved {
    const { parameters = {}, stackName = DEFAULTS.stackName } = this.#options;
    const { partition, region, accountId } = this.account;
    switch (name) {
      case 'AWS::NoValue':
        return NO_VALUE;
      case 'AWS::Region':
        return region;
      case 'AWS::AccountId':
        return accountId;
      case 'AWS::Partition':
        return partition;
      case 'AWS::URLSuffix':
        return 'amazonaws.com';
      case 'AWS::StackName':
        return stackName;
      case 'AWS::StackId':
        return `arn:${partition}:cloudformation:${region}:${accountId}:stack/${stackName}/0`;
      case 'AWS::NotificationARNs':
        return [];
    }
    const given = parameters[name];
    if (given !== undefined) return given;
    const parameter = this.#document.parameters[name];
    if (isObject(parameter)) return this.#default(name, parameter);
    const resource = this.#document.resources.get(name);
    return resource === undefined ? placeholder(name) : refOf(resource, this.nameOf(resource), this.account);
  }

  /** A parameter that is looked up in the parameter store has a path for its default, not a value. */
  #default(name: string, { Type, Default }: JsonObject): Json {
    if (Default === undefined || textOf(Type).startsWith('AWS::SSM::')) return placeholder(name);
    return textOf(Type).startsWith('List<') || Type === 'CommaDelimitedList' ? textOf(Default).split(',') : Default;
  }

  #attribute(logicalId: string, attribute: string): string {
    const resource = this.#document.resources.get(logicalId);
    if (resource === undefined) return placeholder(`${logicalId}.${attribute}`);
    return attributeOf(resource, attribute, this.nameOf(resource), this.account);
  }

  #substitute(argument: Json): Resolved | undefined {
    const [text, variables] = typeof argument === 'string' ? [argument, {}] : asArray(argument);
    if (typeof text !== 'string') return undefined;
    const own = isObject(variables) ? variables : {};
    return text.replace(/\$\{(!?)([^}]*)\}/g, (_, literal: string, name: string) => {
      if (literal !== '') return `\${${name}}`;
      const value = own[name];
      if (value !== undefined) return textOf(this.#plain(value));
      const dot = name.indexOf('.');
      if (dot > 0) return this.#attribute(name.slice(0, dot), name.slice(dot + 1));
      return textOf(this.#plain({ Ref: name }));
    });
  }

  #plain(value: Json | undefined): Json {
    const resolved = value === undefined ? null : this.#value(value);
    return resolved === NO_VALUE ? null : resolved;
  }

  #holds(condition: Json): boolean | undefined {
    if (!isObject(condition)) return undefined;
    const [entry] = Object.entries(condition);
    if (entry === undefined) return undefined;
    const [name, argument] = entry;
    if (name === 'Condition') return this.condition(textOf(argument));
    const parts = asArray(argument);
    switch (name) {
      case 'Fn::Equals': {
        const [left, right] = parts.map((part) => textOf(this.#plain(part)));
        return isUndecided(left) || isUndecided(right) ? undefined : left === right;
      }
      case 'Fn::Not': {
        const inner = this.#holds(parts[0] ?? null);
        return inner === undefined ? undefined : !inner;
      }
      case 'Fn::And':
        return joined(
          parts.map((part) => this.#holds(part)),
          false,
        );
      case 'Fn::Or':
        return joined(
          parts.map((part) => this.#holds(part)),
          true,
        );
      default:
        return undefined;
    }
  }
}

/** One part that is `deciding` decides; otherwise all must be known. */
function joined(parts: readonly (boolean | undefined)[], deciding: boolean): boolean | undefined {
  if (parts.includes(deciding)) return deciding;
  return parts.includes(undefined) ? undefined : !deciding;
}

function isUndecided(text: string | undefined): boolean {
  return text === undefined || /<[^>]+>/.test(text);
}

function asArray(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
