import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { parseArgs } from 'node:util';
import { type Alarm, ALARMS } from '../../core/logging/alarms.ts';
import { type Composite, COMPOSITES } from '../../core/logging/composites.ts';
import { groupOf } from '../../lab/replay/group-of.ts';
import type { LogLine } from '../../lab/replay/ingest.ts';
import { instantOf, readLines, readSamples, type SampleRead } from '../../lab/replay/line-file.ts';
import { replay } from '../../lab/replay/replay.ts';
import type { Notification, Timeline } from '../../lab/replay/timeline.ts';
import { type LabTemplate, readTemplate } from '../../lab/template/read-template.ts';
import { type CommandPorts, DEFAULT_STAGE, DIFFERS, DONE, UsageError } from './command.ts';

export interface BacktestPorts extends Pick<CommandPorts, 'out' | 'note'> {
  /** The template of a stage as it would be deployed now, parsed. */
  readonly synthesize: (stage: string) => unknown;
}

const TEXT = { type: 'string' } as const;

/**
 * Recorded lines through today's filters and alarms: who would have been told what, when, how often. 1: somebody would have
 * been paged. A file's log group is what its name means (`streamer.ndjson`).
 */
export async function backtest(args: readonly string[], ports: BacktestPorts): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      stage: TEXT,
      template: TEXT,
      samples: { type: 'string', multiple: true, default: [] },
      from: TEXT,
      to: TEXT,
    },
  });
  if (positionals.length === 0) throw new UsageError('no file of lines is named');
  const span = spanOf(values);
  const json: unknown =
    values.template === undefined
      ? ports.synthesize(values.stage ?? DEFAULT_STAGE)
      : JSON.parse(await readFile(values.template, 'utf8'));
  const template = readTemplate(json);
  if (template.alarms.length === 0) throw new UsageError('the template has no alarm: nothing could page');
  const lines = await linesOf(positionals, template, ports);
  const samples: SampleRead[] = [];
  for (const file of values.samples) samples.push(...(await readSamples(file)));
  return print(replay({ template, lines, samples, ...span }), ports);
}

function spanOf(values: { readonly from?: string | undefined; readonly to?: string | undefined }) {
  const ends = [
    ['from', values.from],
    ['to', values.to],
  ] as const;
  return Object.fromEntries(
    ends.flatMap(([name, text]) => {
      if (text === undefined) return [];
      const ms = instantOf(text);
      if (ms === undefined) throw new UsageError(`--${name} ${text} is no instant`);
      return [[`${name}_ms`, ms]];
    }),
  );
}

async function linesOf(
  files: readonly string[],
  template: LabTemplate,
  { note }: Pick<CommandPorts, 'note'>,
): Promise<readonly LogLine[]> {
  const lines: LogLine[] = [];
  const seen = new Set<string>();
  for (const file of files) {
    const group = groupOf(template, basename(file, extname(file)));
    const read = await readLines(file, group);
    for (const line of read.lines) lines.push(line);
    if (group !== undefined) seen.add(group);
    note(`${file}: ${read.lines.length} lines, ${group ?? 'taken as if in every log group'}`);
    if (read.timeless > 0) note(`${file}: ${read.timeless} lines say no time and were not replayed`);
  }
  const silent = [...new Set(template.metricFilters.map(({ logGroup }) => logGroup))].filter(
    (group) => !seen.has(group),
  );
  if (silent.length > 0 && seen.size > 0)
    note(`no lines of ${silent.join(', ')}: alarms on their silence fire for that alone`);
  return lines;
}

function print(timeline: Timeline, { out, note }: Pick<CommandPorts, 'out' | 'note'>): number {
  for (const text of timeline.notes) note(`note: ${text}`);
  out(
    `${instant(timeline.from_ms)} to ${instant(timeline.to_ms)}, ${timeline.lines} lines, ${Object.keys(timeline.states).length} alarms`,
  );
  const told = timeline.notifications.filter(({ state }) => state === 'ALARM');
  const names = [...new Set(told.map(({ alarm }) => alarm))];
  const bySeverity = (wanted: string): readonly string[] => names.filter((name) => severityOf(name) === wanted);
  const [pages, tickets] = [bySeverity('page'), names.filter((name) => severityOf(name) !== 'page')];
  section('would have paged', pages, told, out);
  section('would have made a ticket', tickets, told, out);
  const count = (among: readonly string[]): number => told.filter(({ alarm }) => among.includes(alarm)).length;
  const held = timeline.transitions.filter(({ to, withheld }) => to === 'ALARM' && withheld !== undefined).length;
  out(JSON.stringify({ lines: timeline.lines, pages: count(pages), tickets: count(tickets), withheld: held }));
  return pages.length > 0 ? DIFFERS : DONE;
}

function section(
  title: string,
  names: readonly string[],
  told: readonly Notification[],
  out: CommandPorts['out'],
): void {
  out('');
  out(names.length === 0 ? `Nothing ${title}.` : `What ${title}:`);
  for (const name of names) {
    const times = told.filter(({ alarm }) => alarm === name);
    out(`  ${name}: ${times.length} ${times.length === 1 ? 'time' : 'times'}`);
    for (const { ts_ms, reason } of times) out(`    ${instant(ts_ms)}  ${reason}`);
  }
}

const SEVERITIES: ReadonlyMap<string, string> = new Map([
  ...Object.entries<Alarm>(ALARMS).map(([name, { severity }]) => [name, severity] as const),
  ...Object.entries<Composite>(COMPOSITES).map(([name, { severity }]) => [name, severity] as const),
]);

/** Of the longest name in the catalogue that the alarm's ends with; unknown: nobody knows, so it is no page. */
function severityOf(alarm: string): string | undefined {
  const name = alarm.replaceAll('-', '_');
  const ending = [...SEVERITIES.keys()].filter((known) => name === known || name.endsWith(`_${known}`));
  const [longest] = ending.sort((a, b) => b.length - a.length);
  return longest === undefined ? undefined : SEVERITIES.get(longest);
}

function instant(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
