import type { CompositeAlarm, MetricAlarm } from '../../lab/alarms/definition.ts';
import type { LabTemplate } from '../../lab/template/read-template.ts';
import type { Drill } from './drill.ts';
import { judged } from './judgement.ts';
import type { Capture, PrintedLine } from './scale.ts';
import { shortName } from './watch.ts';

type Captured = readonly (readonly [Drill, Capture])[];

export interface Mutation {
  readonly name: string;
  /** Whether some drill does not hold any more. */
  readonly isKilled: () => boolean;
}

/** How much a threshold is weakened. */
const WEAKER = 1_000;

/** Everything of the watching, removed or weakened one by one, over what was captured. */
export function* mutationsOf(template: LabTemplate, captured: Captured): Generator<Mutation> {
  const fired = new Map<string, Set<Drill>>();
  for (const [drill, capture] of captured) {
    const { outcome } = judged(template, drill, capture);
    for (const name of outcome.fired) fired.set(name, (fired.get(name) ?? new Set()).add(drill));
  }
  // The drills in which it counts come first: most mutations are killed by the first of them.
  const ordered = (names: readonly string[]): Captured => {
    const counts = (drill: Drill): boolean => names.some((name) => fired.get(name)?.has(drill) === true);
    return [...captured].sort(([a], [b]) => Number(counts(b)) - Number(counts(a)));
  };
  const mutation = (name: string, mutant: LabTemplate, about: readonly string[], lines = same): Mutation => ({
    name,
    isKilled: () =>
      ordered(about).some(
        ([drill, capture]) => judged(mutant, drill, { ...capture, lines: lines(capture.lines) }).faults.length > 0,
      ),
  });

  for (const alarm of template.alarms) {
    const about = [shortName(alarm.name)];
    const put = (changed: MetricAlarm): LabTemplate => ({ ...template, alarms: replaced(template.alarms, changed) });
    if (alarm.threshold.kind !== 'static') continue;
    const { operator, value } = alarm.threshold;
    const never = operator.startsWith('Less') ? -Infinity : Infinity;
    yield mutation(
      `alarm ${about[0]!} removed`,
      put({ ...alarm, threshold: { ...alarm.threshold, value: never } }),
      about,
    );
    const weaker = operator.startsWith('Less') ? value / WEAKER : Math.max(1, value) * WEAKER;
    yield mutation(
      `threshold of ${about[0]!} weakened`,
      put({ ...alarm, threshold: { ...alarm.threshold, value: weaker } }),
      about,
    );
  }
  for (const composite of template.composites) {
    const name = shortName(composite.name);
    const about = template.alarms.filter((one) => composite.rule.includes(one.name)).map((one) => shortName(one.name));
    const put = (changed: CompositeAlarm): LabTemplate => ({
      ...template,
      composites: replaced(template.composites, changed),
    });
    const nobody = { ALARM: [], OK: [], INSUFFICIENT_DATA: [] };
    if (composite.actions.on.ALARM.length > 0)
      yield mutation(
        `composite ${name} tells nobody`,
        put({ ...composite, actions: { ...composite.actions, on: nobody } }),
        about,
      );
    if (composite.suppressor !== undefined) {
      yield mutation(`suppressor of ${name} removed`, put(omit(composite, 'suppressor')), about);
    }
  }
  for (const filter of template.metricFilters) {
    const metricFilters = template.metricFilters.filter((one) => one !== filter);
    const users = template.alarms.filter(({ queries }) =>
      queries.some((query) => query.kind === 'metric' && query.metric.name === filter.name),
    );
    const about = users.map(({ name }) => shortName(name));
    // The group's other filters, and what tells its program, stay: an empty group would end the drill for another reason.
    const mutant = { ...template, metricFilters: [...metricFilters, { ...filter, pattern: NOTHING }] };
    yield mutation(`filter ${filter.name} of ${filter.logGroup} removed`, mutant, about);
  }
  for (const [event, field] of fieldsOf(template)) {
    yield mutation(`field ${event}.${field} not written`, template, [], (lines) => without(lines, event, field));
  }
}

const NOTHING = '{ $.event = "no such event" }';
const same = (lines: readonly PrintedLine[]): readonly PrintedLine[] => lines;

function replaced<T extends { readonly name: string }>(all: readonly T[], changed: T): readonly T[] {
  return all.map((one) => (one.name === changed.name ? changed : one));
}

function omit<T extends object, K extends keyof T>(from: T, key: K): Omit<T, K> {
  return Object.fromEntries(Object.entries(from).filter(([name]) => name !== key)) as Omit<T, K>;
}

/** The fields that filters look at, with the event that the filter names. */
function fieldsOf({ metricFilters }: LabTemplate): readonly (readonly [event: string, field: string])[] {
  const found = new Map<string, readonly [string, string]>();
  for (const { pattern } of metricFilters) {
    const fields = [...pattern.matchAll(/\$\.([a-z_0-9]+)/g)].map(([, field]) => field!);
    const events = [...pattern.matchAll(/\$\.event = "([a-z_0-9]+)"/g)].map(([, event]) => event!);
    for (const field of fields) for (const event of events) found.set(`${event}.${field}`, [event, field]);
  }
  return [...found.values()];
}

function without(lines: readonly PrintedLine[], event: string, field: string): readonly PrintedLine[] {
  return lines.map((line) => {
    if (!line.text.includes(`"event":"${event}"`)) return line;
    const fields = JSON.parse(line.text) as Record<string, unknown>;
    return { ...line, text: JSON.stringify(omit(fields, field)) };
  });
}
