import { FAILURE_CLASSES, FAILURE_CATEGORIES } from '../failure/classes.ts';
import { type Alarm, ALARMS } from './alarms.ts';
import { COMPOSITES, membersOf } from './composites.ts';
import { type Component, type EventEntry, EVENTS } from './events.ts';
import { type Field, FIELDS } from './fields.ts';
import { type Pattern, type PatternName, PATTERNS } from './patterns.ts';
import { toInsights, toJq, toLogQl } from './query.ts';
import { type Threshold, THRESHOLDS } from './thresholds.ts';

/** The parts of LOGGING_GUIDE.md that are derived: text by the name of its markers. */
function guideParts(): Readonly<Record<string, string>> {
  return {
    patterns: patterns(),
    composites: composites(),
    alarms: alarms(),
    thresholds: thresholds(),
    events: events(),
    fields: fields(),
    categories: categories(),
  };
}

/** Where a pattern's heading is: what GitHub makes of its title. */
export function anchorOf(pattern: PatternName): string {
  return slug(PATTERNS[pattern].title);
}

/** The anchors of a Markdown text's headings, by GitHub's rules: a heading that comes again gets -1, -2 … */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, title] of markdown.replace(FENCED, '').matchAll(HEADING)) {
    const anchor = slug(title!);
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    anchors.add(before === 0 ? anchor : `${anchor}-${before}`);
  }
  return anchors;
}

const HEADING = /^#{1,6}[ \t]+(.+?)[ \t]*#*$/gm;
/** What stands between fences is no heading, though a shell comment looks like one. */
const FENCED = /^(```|~~~)[^\n]*\n[\s\S]*?^\1[ \t]*$/gm;

/** Lower case; letters, digits, hyphens and underscores stay, blanks become hyphens, the rest goes. */
function slug(title: string): string {
  return title
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
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

function composites(): string {
  const told = Object.entries(COMPOSITES).filter(([, { severity }]) => severity !== 'none');
  const rows = told.map(([name, { severity, rule, suppressor, means, action, pattern: heading }]) => {
    const members = membersOf(rule).map((member) => `\`${member}\``);
    const when = members.join('anyOf' in rule ? ' or ' : ' and ');
    const unless = suppressor === undefined ? '' : membersOfSuppressor(suppressor);
    return `| \`${name}\` | ${severity} | ${when} | ${unless} | ${means} | ${action} | ${linkTo(heading)} |`;
  });
  const head =
    '| told as | severity | while any of these fires | held back while | what is true | what to do | heading |';
  return [head, '| --- | --- | --- | --- | --- | --- | --- |', ...rows].join('\n');
}

/** A composite that tells nobody is written as what it stands for. */
function membersOfSuppressor(name: string): string {
  const helper = Object.entries(COMPOSITES).find(([key, { severity }]) => key === name && severity === 'none')?.[1];
  return (helper === undefined ? [name] : membersOf(helper.rule)).map((member) => `\`${member}\``).join(' or ');
}

function alarms(): string {
  const rows = Object.entries(ALARMS as Readonly<Record<string, Alarm>>).map(([name, alarm]) => {
    const { severity, means, pattern: heading, missing } = alarm;
    const silence = `${missing.as === 'breaching' ? 'bad' : 'good'}. ${missing.because}`;
    return `| \`${name}\` | ${severity} | ${conditionOf(alarm)} | ${silence} | ${means} | ${linkTo(heading)} |`;
  });
  return [
    '| alarm | severity | condition | no data is | what is true | heading |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

const COMPARISONS: Readonly<Record<Alarm['comparison'], string>> = { above: '>', at_least: '≥', below: '<' };

function conditionOf({ of, comparison, threshold, m, n, period_sec }: Alarm): string {
  const value = 'expression' in of ? `\`${of.expression}\`` : `${of.statistic} of ${of.metric}`;
  const inputs =
    'expression' in of
      ? ` (${Object.entries(of.inputs)
          .map(([id, { statistic, metric }]) => `${id}: ${statistic} of ${metric}`)
          .join(', ')})`
      : '';
  const bound = typeof threshold === 'number' ? String(threshold) : `\`${threshold}\``;
  const [periods, of_] = [m, n].map((count) => (typeof count === 'number' ? String(count) : `\`${count}\``));
  return `${value} ${COMPARISONS[comparison]} ${bound}, ${periods!} of ${of_!} × ${period_sec} s${inputs}`;
}

function thresholds(): string {
  const rows = Object.entries(THRESHOLDS as Readonly<Record<string, Threshold>>).map(
    ([name, threshold]) => `| \`${name}\` | ${threshold.default} | ${threshold.means} |`,
  );
  return ['| threshold | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

function linkTo(heading: PatternName): string {
  return `[${PATTERNS[heading].title}](#${anchorOf(heading)})`;
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
