import { type AlarmName, ALARMS } from '../../core/logging/alarms.ts';
import { type Metric, METRICS, PROGRAMS } from '../../core/logging/metrics.ts';
import { type Condition, eventsMatching } from '../../core/logging/query.ts';
import type { CompositeAlarm } from '../../lab/alarms/definition.ts';
import type { LabTemplate } from '../../lab/template/read-template.ts';
import type { Drill } from './drill.ts';
import { judged } from './judgement.ts';
import type { Capture, PrintedLine } from './scale.ts';
import { logGroupsOf, shortName } from './watch.ts';

export type Captured = readonly (readonly [Drill, Capture])[];

export interface Mutation {
  readonly name: string;
  /** Whether some drill does not hold any more. */
  readonly isKilled: () => boolean;
}

/** What is changed beside the template. */
interface Change {
  readonly drill?: (drill: Drill) => Drill;
  readonly lines?: (lines: readonly PrintedLine[]) => readonly PrintedLine[];
}

/** `about`: the alarms and numbers it may concern, by which the drills are ordered that are tried. */
type Mutate = (name: string, mutant: LabTemplate, about: readonly string[], change?: Change) => Mutation;

/** How much a threshold is weakened. */
const WEAKER = 100;
const NOTHING = '{ $.event = "no such event" }';
const NOBODY = { ALARM: [], OK: [], INSUFFICIENT_DATA: [] };
const same = <T>(it: T): T => it;

/** Everything of the watching, removed or weakened one by one, over drills that hold as they were captured. */
export function* mutationsOf(template: LabTemplate, captured: Captured): Generator<Mutation> {
  const mutate = mutator(template, captured);
  yield* alarmsChanged(template, mutate);
  yield* compositesChanged(template, mutate);
  yield* filtersRemoved(template, mutate);
  yield* fieldsRemoved(template, mutate);
}

/** The drills in which it counts come first: most mutations are killed by the first of them. */
function mutator(template: LabTemplate, captured: Captured): Mutate {
  const concerns = new Map<Drill, ReadonlySet<string>>();
  for (const [drill, capture] of captured) {
    const { fired, pages, tickets } = judged(template, drill, capture).outcome;
    concerns.set(drill, new Set<string>([...fired, ...pages, ...tickets, ...(drill.expect.seen ?? [])]));
  }
  return (name, mutant, about, { drill: changed = same, lines = same } = {}) => ({
    name,
    isKilled: () => {
      const rank = ([drill]: Captured[number]): number => Number(about.some((one) => concerns.get(drill)?.has(one)));
      return captured
        .toSorted((a, b) => rank(b) - rank(a))
        .some(([drill, capture]) => {
          const played = { ...capture, lines: lines(capture.lines) };
          return judged(mutant, changed(drill), played).faults.length > 0;
        });
    },
  });
}

function* alarmsChanged(template: LabTemplate, mutate: Mutate): Generator<Mutation> {
  for (const alarm of template.alarms) {
    const { threshold } = alarm;
    if (threshold.kind !== 'static') continue;
    const name = shortName(alarm.name);
    const isLess = threshold.operator.startsWith('Less');
    const changed = (title: string, bend: (value: number) => number, missing = alarm.missing): Mutation => {
      const mutant = { ...alarm, missing, threshold: { ...threshold, value: bend(threshold.value) } };
      const all = { ...template, alarms: replaced(template.alarms, mutant) };
      return mutate(title, all, [name], { drill: (drill) => withThreshold(drill, name, bend) });
    };
    yield changed(`alarm ${name} removed`, () => (isLess ? -Infinity : Infinity), 'notBreaching');
    if (alarm.missing === 'breaching') yield changed(`silence means nothing to ${name}`, same, 'notBreaching');
    else {
      const weaker = (value: number): number => (isLess ? value / WEAKER : Math.max(1, value) * WEAKER);
      yield changed(`threshold of ${name} weakened`, weaker);
    }
  }
}

/** A drill that sets the alarm's threshold itself sets the changed one. */
function withThreshold(drill: Drill, alarm: string, change: (value: number) => number): Drill {
  const { threshold: name } = ALARMS[alarm as AlarmName];
  const own = typeof name === 'string' ? drill.thresholds?.[name] : undefined;
  return own === undefined ? drill : { ...drill, thresholds: { ...drill.thresholds, [name]: change(own) } };
}

function* compositesChanged(template: LabTemplate, mutate: Mutate): Generator<Mutation> {
  for (const composite of template.composites) {
    const name = shortName(composite.name);
    const within = template.alarms.filter((one) => composite.rule.includes(one.name));
    const about = [name, ...within.map((one) => shortName(one.name))];
    const changed = (title: string, mutant: CompositeAlarm): Mutation =>
      mutate(title, { ...template, composites: replaced(template.composites, mutant) }, about);
    if (composite.actions.on.ALARM.length > 0)
      yield changed(`composite ${name} tells nobody`, {
        ...composite,
        actions: { ...composite.actions, on: NOBODY },
      });
    const { suppressor, ...free } = composite;
    if (suppressor !== undefined) yield changed(`suppressor of ${name} removed`, free);
  }
}

function* filtersRemoved(template: LabTemplate, mutate: Mutate): Generator<Mutation> {
  const programOf = new Map(Object.entries(logGroupsOf(template)).map(([program, group]) => [group, program]));
  for (const filter of template.metricFilters) {
    const program = programOf.get(filter.logGroup) ?? filter.logGroup;
    const users = template.alarms.filter(({ queries }) =>
      queries.some((query) => query.kind === 'metric' && query.metric.name === filter.name),
    );
    // What tells a program's group from the others is its filters' names: it stays and matches nothing.
    const metricFilters = template.metricFilters.map((one) => (one === filter ? { ...one, pattern: NOTHING } : one));
    const about = [`${program}.${filter.name}`, ...users.map(({ name }) => shortName(name))];
    yield mutate(`filter ${filter.name} of the ${program} removed`, { ...template, metricFilters }, about);
  }
}

/** The fields that a filter looks at, each of every event that the filter is for. */
function* fieldsRemoved(template: LabTemplate, mutate: Mutate): Generator<Mutation> {
  const numbers = new Map<string, Set<string>>();
  for (const [name, metric] of Object.entries<Metric>(METRICS))
    for (const part of alternativesOf(metric.where))
      for (const event of eventsMatching(part))
        for (const field of [...fieldsOf(part), ...(metric.value === 1 ? [] : [baseOf(metric.value)])]) {
          const key = `${event}.${field}`;
          numbers.set(key, (numbers.get(key) ?? new Set()).add(name));
        }
  for (const [key, names] of numbers) {
    const [event, field] = key.split('.') as [string, string];
    const users = template.alarms.filter(({ queries }) =>
      queries.some((query) => query.kind === 'metric' && names.has(query.metric.name)),
    );
    const seen = [...names].flatMap((name) => PROGRAMS.flatMap((program) => sightings(program, name, event)));
    yield mutate(`field ${key} not written`, template, [...seen, ...users.map((user) => shortName(user.name))], {
      lines: (lines) => without(lines, event, field),
    });
  }
}

function sightings(program: string, metric: string, event: string): readonly string[] {
  return [`${program}.${metric}`, `${program}.${metric}:${event}`];
}

function alternativesOf(where: Condition): readonly Condition[] {
  return 'any' in where ? where.any.flatMap(alternativesOf) : [where];
}

function fieldsOf(where: Condition): readonly string[] {
  if ('any' in where) return where.any.flatMap(fieldsOf);
  return 'all' in where ? where.all.flatMap(fieldsOf) : [baseOf(where.field)];
}

function baseOf(field: string): string {
  return field.split('.')[0]!;
}

function replaced<T extends { readonly name: string }>(all: readonly T[], changed: T): readonly T[] {
  return all.map((one) => (one.name === changed.name ? changed : one));
}

function without(lines: readonly PrintedLine[], event: string, field: string): readonly PrintedLine[] {
  return lines.map((line) => {
    if (!line.text.includes(`"event":"${event}"`)) return line;
    const fields = Object.entries(JSON.parse(line.text) as object).filter(([name]) => name !== field);
    return { ...line, text: JSON.stringify(Object.fromEntries(fields)) };
  });
}
