import { type EventEntry, type EventName, EVENTS } from '../../core/logging/events.ts';
import { type Field, type FieldName, FIELDS } from '../../core/logging/fields.ts';
import { type Condition, eventsMatching } from '../../core/logging/query.ts';

type Line = Readonly<Record<string, unknown>>;

const SAMPLE: Readonly<Record<Field['type'], unknown>> = {
  string: 'x',
  number: 7,
  boolean: true,
  strings: ['x'],
  counts: { frames: 7 },
};
/** Lines that a condition must tell apart from its own. */
const OTHERS: readonly string[] = [
  'no JSON at all',
  '{}',
  '{"event":{"name":"heartbeat"}}',
  '["heartbeat"]',
  lineText({ event: null, level: 'CRITICAL' }),
];

/**
 * JSON lines for a condition: for each event that may satisfy it a line with every field, then the same with each value
 * that the condition names, with a number on either side of its bounds and without the field; and lines of others.
 */
export function exampleLines(where: Condition): readonly string[] {
  const leaves = leavesOf(where);
  const lines = eventsMatching(where).flatMap((event) => {
    const line = fullLine(event);
    return [line, ...leaves.flatMap((leaf) => variants(line, leaf))];
  });
  const stranger = { ...fullLine('heartbeat'), event: 'no_such_event', component: 'nobody', level: 'INFO' };
  return [...new Set([...lines, stranger].map(lineText)), ...OTHERS];
}

type Leaf = Exclude<Condition, { all: unknown } | { any: unknown }>;

function leavesOf(condition: Condition): readonly Leaf[] {
  if ('all' in condition) return condition.all.flatMap(leavesOf);
  if ('any' in condition) return condition.any.flatMap(leavesOf);
  return [condition];
}

function variants(line: Line, leaf: Leaf): readonly Line[] {
  const { field } = leaf;
  // The name of the event makes the line what it is.
  if (field === 'event' || field.includes('.')) return [];
  const without = Object.fromEntries(Object.entries(line).filter(([name]) => name !== field));
  const values = 'is' in leaf ? [...leaf.is, 'something else'] : [leaf.above, leaf.above + 1, `${leaf.above + 1}`];
  return [...values.map((value) => ({ ...line, [field]: value })), without];
}

function fullLine(event: EventName): Line {
  const { component, level, fields, optional = [] }: EventEntry = EVENTS[event];
  const values = [...fields, ...optional].map((field: FieldName) => [field, SAMPLE[FIELDS[field].type]]);
  return { level, component, event, ...(Object.fromEntries(values) as Line) };
}

function lineText(line: Line): string {
  return JSON.stringify(line);
}
