import { type EventEntry, type EventName, EVENTS } from './events.ts';
import { type Field, type FieldName, FIELDS } from './fields.ts';

/** Fields that every line has beside the catalogue's own. */
type Envelope = 'level' | 'event' | 'component';
/** The names of the fields of one type. */
export type FieldsOfType<T extends Field['type']> = {
  [F in FieldName]: (typeof FIELDS)[F]['type'] extends T ? F : never;
}[FieldName];
/** `rows_ingested_last_5m.frames`: one of the numbers of a field that holds several by name. */
type PartOfCounts = `${FieldsOfType<'counts'>}.${string}`;
/**
 * What Lambda itself writes about a function that ended without an answer: not ours, and not in the catalogue.
 * Source: the Telemetry API's platform events, which a function with JSON logs gets as lines.
 */
export const PLATFORM_FIELDS = ['type', 'record.status', 'record.errorType'] as const;
export type QueryField = FieldName | Envelope | PartOfCounts | (typeof PLATFORM_FIELDS)[number];

/** What a line must be. Numbers compare as numbers; a field that is absent satisfies nothing. */
export type Condition =
  | { readonly field: QueryField; readonly is: readonly (string | number)[] }
  | { readonly field: QueryField; readonly above: number }
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] };

/** One query, from which its dialects are made: newest lines with these columns, or counts by these fields. */
export interface LogQuery {
  readonly where: Condition;
  readonly show: readonly QueryField[];
  /** Counts per value of these fields, most first, instead of lines. */
  readonly countBy?: readonly QueryField[];
}

/** Lines that a query returns at most. */
export const QUERY_LIMIT = 20;
/** Of a list so many are shown where it must be named element by element. */
const SHOWN_OF_LIST = 3;

/** CloudWatch Logs Insights. */
export function toInsights(query: LogQuery): string {
  const filter = `filter ${insightsOf(query.where)}`;
  if (query.countBy !== undefined) {
    const by = query.countBy.join(', ');
    return [filter, `stats count(*) as lines by ${by}`, 'sort lines desc', `limit ${QUERY_LIMIT}`].join('\n| ');
  }
  const fields = `fields @timestamp, ${query.show.flatMap(insightsColumns).join(', ')}`;
  return [fields, filter, 'sort @timestamp desc', `limit ${QUERY_LIMIT}`].join('\n| ');
}

/** LogQL (Loki): labels are the shipper's business, so every stream of ours is taken; json parses the line. */
export function toLogQl(query: LogQuery): string {
  // The parser passes over lists unless they are asked for by name.
  const lists = query.show.filter(isList).map((field) => `${field}="${field}"`);
  const parsed = ['json', ...(lists.length === 0 ? [] : [`json ${lists.join(', ')}`])].join(' | ');
  const lines = `{service_name=~"kalshi-tape.*"} | ${parsed} | ${logQlOf(query.where)}`;
  if (query.countBy !== undefined) {
    return `topk(${QUERY_LIMIT}, sum by (${query.countBy.map(flat).join(', ')}) (count_over_time(${lines} [1h])))`;
  }
  return `${lines} | line_format \`{{.timestamp}} ${query.show.map((field) => `{{.${flat(field)}}}`).join(' ')}\``;
}

/** A jq program for `jq -c -n -R`: it takes all lines at once, so that newest and most are known; what is no JSON is passed over. */
export function toJq(query: LogQuery): string {
  const lines = `[inputs | fromjson?] | map(select(type == "object" and (${jqOf(query.where)})))`;
  if (query.countBy !== undefined) {
    const key = `[${query.countBy.map((field) => `.${field}`).join(', ')}]`;
    return `${lines} | group_by(${key}) | map({lines: length, by: (.[0] | ${key})}) | sort_by(-.lines) | .[:${QUERY_LIMIT}][]`;
  }
  const columns = ['timestamp', ...query.show].map((field) => `.${field}`).join(', ');
  return `${lines} | sort_by(.timestamp) | reverse | .[:${QUERY_LIMIT}][] | [${columns}]`;
}

function isList(field: QueryField): boolean {
  return (FIELDS as Readonly<Partial<Record<string, Field>>>)[field]?.type === 'strings';
}

/** Logs Insights discovers the elements of a list, never the list. */
function insightsColumns(field: QueryField): readonly string[] {
  return isList(field) ? Array.from({ length: SHOWN_OF_LIST }, (_, at) => `${field}.${at}`) : [field];
}

/** Whether a line satisfies the condition: the meaning that all dialects share. */
export function matches(condition: Condition, line: Readonly<Record<string, unknown>>): boolean {
  if ('all' in condition) return condition.all.every((part) => matches(part, line));
  if ('any' in condition) return condition.any.some((part) => matches(part, line));
  const value = valueAt(line, condition.field);
  if ('is' in condition) return condition.is.some((wanted) => wanted === value);
  return typeof value === 'number' && value > condition.above;
}

/** Events that may satisfy the condition: they carry its fields, and name, component and level are theirs. */
export function eventsMatching(condition: Condition): readonly EventName[] {
  const entries = Object.entries(EVENTS as Readonly<Record<EventName, EventEntry>>) as [EventName, EventEntry][];
  return entries.filter(([name, entry]) => mayMatch(condition, name, entry)).map(([name]) => name);
}

/** What a line holds at a field; a dot goes into a field that holds numbers by name. */
export function valueAt(line: Readonly<Record<string, unknown>>, field: QueryField): unknown {
  const [name, part] = parts(field);
  const value = line[name];
  if (part === undefined) return value;
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[part] : undefined;
}

function parts(field: QueryField): readonly [name: string, part: string | undefined] {
  const [name, ...rest] = field.split('.');
  return [name!, rest.length === 0 ? undefined : rest.join('.')];
}

function mayMatch(condition: Condition, name: EventName, entry: EventEntry): boolean {
  if ('all' in condition) return condition.all.every((part) => mayMatch(part, name, entry));
  if ('any' in condition) return condition.any.some((part) => mayMatch(part, name, entry));
  const head: Readonly<Record<string, unknown>> = { event: name, component: entry.component, level: entry.level };
  if (Object.hasOwn(head, condition.field)) return matches(condition, head);
  const [field] = parts(condition.field);
  return [...entry.fields, ...(entry.optional ?? [])].some((known) => known === field);
}

function insightsOf(condition: Condition): string {
  return render(condition, {
    all: (parts) => parts.map((part) => `(${part})`).join(' and '),
    any: (parts) => parts.map((part) => `(${part})`).join(' or '),
    is: (field, values) =>
      values.length === 1 ? `${field} = ${quoted(values[0]!)}` : `${field} in [${values.map(quoted).join(', ')}]`,
    above: (field, bound) => `${field} > ${bound}`,
  });
}

function logQlOf(condition: Condition): string {
  return render(condition, {
    all: (parts) => parts.map((part) => `(${part})`).join(' and '),
    any: (parts) => parts.map((part) => `(${part})`).join(' or '),
    is: (field, values) =>
      values.length === 1
        ? `${flat(field)}="${String(values[0])}"`
        : `${flat(field)}=~"${values.map((value) => String(value).replace(/[.*+?^${}()|[\]\\]/g, '\\\\$&')).join('|')}"`,
    above: (field, bound) => `${flat(field)} > ${bound}`,
  });
}

/** Loki's json parser joins the names of nested fields with an underscore. */
function flat(field: string): string {
  return field.replaceAll('.', '_');
}

function jqOf(condition: Condition): string {
  return render(condition, {
    all: (parts) => parts.map((part) => `(${part})`).join(' and '),
    any: (parts) => parts.map((part) => `(${part})`).join(' or '),
    is: (field, values) => `.${field} | IN(${values.map(quoted).join(', ')})`,
    above: (field, bound) => `(.${field} | type) == "number" and .${field} > ${bound}`,
  });
}

interface Dialect {
  readonly all: (parts: readonly string[]) => string;
  readonly any: (parts: readonly string[]) => string;
  readonly is: (field: string, values: readonly (string | number)[]) => string;
  readonly above: (field: string, bound: number) => string;
}

function render(condition: Condition, dialect: Dialect): string {
  if ('all' in condition) return dialect.all(condition.all.map((part) => render(part, dialect)));
  if ('any' in condition) return dialect.any(condition.any.map((part) => render(part, dialect)));
  if ('is' in condition) return dialect.is(condition.field, condition.is);
  return dialect.above(condition.field, condition.above);
}

function quoted(value: string | number): string {
  return JSON.stringify(value);
}
