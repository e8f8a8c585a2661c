import { FAILURE_CLASSES, FAILURE_CATEGORIES } from '../failure/classes.ts';
import { type Component, type EventEntry, EVENTS } from './events.ts';
import { type Field, FIELDS } from './fields.ts';
import { type Pattern, PATTERNS } from './patterns.ts';
import { toInsights, toJq, toLogQl } from './query.ts';

/** The parts of LOGGING_GUIDE.md that are derived: text by the name of its markers. */
function guideParts(): Readonly<Record<string, string>> {
  return { patterns: patterns(), events: events(), fields: fields(), categories: categories() };
}

/** Puts the parts between `<!-- generated:NAME -->` and `<!-- /generated:NAME -->`. Throws where a marker is missing. */
export function renderGuide(text: string): string {
  return Object.entries(guideParts()).reduce((guide, [name, part]) => {
    const [open, close] = [`<!-- generated:${name} -->`, `<!-- /generated:${name} -->`];
    const [from, to] = [guide.indexOf(open), guide.indexOf(close)];
    if (from < 0 || to < from)
      throw new Error(`the guide has no place for ${name}: ${open} … ${close}; nothing was written`);
    return `${guide.slice(0, from + open.length)}\n\n${part}\n\n${guide.slice(to)}`;
  }, text);
}

function patterns(): string {
  return Object.values(PATTERNS as Readonly<Record<string, Pattern>>)
    .map(pattern)
    .join('\n\n');
}

function pattern({ title, symptom, causes, query, action }: Pattern): string {
  return [
    `### ${title}`,
    `**Symptom.** ${symptom}`,
    `**Likely causes.**\n\n${bullets(causes)}`,
    '**Check.** CloudWatch Logs Insights:',
    fenced('', toInsights(query)),
    'Loki:',
    fenced('', toLogQl(query)),
    'Files, or `docker logs NAME |`:',
    fenced('sh', `jq -c -n -R '${toJq(query)}' data/logs/*.ndjson`),
    `**Action.**\n\n${bullets(action)}`,
  ].join('\n\n');
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

function events(): string {
  const byComponent = Map.groupBy(
    Object.entries(EVENTS as Readonly<Record<string, EventEntry>>),
    ([, { component }]): Component => component,
  );
  return [...byComponent].map(([component, entries]) => `### ${component}\n\n${eventTable(entries)}`).join('\n\n');
}

function eventTable(entries: readonly (readonly [string, EventEntry])[]): string {
  const rows = entries.map(([name, { level, means, action, fields: required, optional = [] }]) => {
    const named = [...required, ...optional.map((field) => `${field}?`)].map((field) => `\`${field}\``);
    return `| \`${name}\` | ${level} | ${means} | ${action} | ${named.join(' ')} |`;
  });
  return ['| event | level | what is true | what to do | fields |', '| --- | --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}

function fields(): string {
  const rows = Object.entries(FIELDS as Readonly<Record<string, Field>>).map(
    ([name, { type, meaning }]) => `| \`${name}\` | ${type} | ${meaning} |`,
  );
  return ['| field | type | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

function categories(): string {
  const rows = FAILURE_CATEGORIES.flatMap((category) =>
    Object.entries(FAILURE_CLASSES)
      .filter(([, entry]) => entry.category === category)
      .map(([name, { meaning, action }]) => `| \`${category}\` | \`${name}\` | ${meaning} | ${action} |`),
  );
  return ['| category | class | what is true | what to do |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
