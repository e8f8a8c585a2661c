import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { parseArgs } from 'node:util';
import { groupOf } from '../replay/group-of.ts';
import type { LogLine } from '../replay/ingest.ts';
import { instantOf, readLines, readSamples, type SampleRead } from '../replay/line-file.ts';
import { printTimeline } from '../replay/print.ts';
import { replay } from '../replay/replay.ts';
import { TemplateError } from '../template/error.ts';
import { type LabTemplate, readTemplate } from '../template/read-template.ts';

const USAGE =
  'usage: replay --template FILE [--group NAME=FILE]… [--samples FILE] [--from T] [--to T] [--parameter K=V]… FILE.ndjson…';
const GOOD = 0;
const NOT_UNDERSTOOD = 2;

interface Options {
  readonly template: string;
  /** Files with the name that was given for their log group. */
  readonly files: readonly { readonly path: string; readonly group?: string }[];
  readonly samples: readonly string[];
  readonly from_ms?: number;
  readonly to_ms?: number;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Runs files of log lines through a template's filters and alarms and prints what happened. A file's log group is the
 * one given with --group, or else the one its name means; where it means none, its lines are taken as if in every group.
 * The answer is the exit code: 0 replayed, 2 the call, the template or a file is not understood.
 */
export async function replayFiles(args: readonly string[], out: (line: string) => void): Promise<number> {
  const options = optionsOf(args);
  if (typeof options === 'string') {
    out(options);
    out(USAGE);
    return NOT_UNDERSTOOD;
  }
  try {
    const { from_ms, to_ms } = options;
    const json: unknown = JSON.parse(await readFile(options.template, 'utf8'));
    const template = readTemplate(json, { parameters: options.parameters });
    const lines = await linesOf(options, template, out);
    const samples: SampleRead[] = [];
    for (const path of options.samples) samples.push(...(await readSamples(path)));
    const span = { ...(from_ms === undefined ? {} : { from_ms }), ...(to_ms === undefined ? {} : { to_ms }) };
    printTimeline(replay({ template, lines, samples, ...span }), out);
    return GOOD;
  } catch (error) {
    if (!isExpected(error)) throw error;
    if (error instanceof TemplateError)
      for (const { logicalId, property, problem } of error.faults) out(`${logicalId} ${property}: ${problem}`);
    else out(error.message);
    return NOT_UNDERSTOOD;
  }
}

async function linesOf(options: Options, template: LabTemplate, out: (line: string) => void): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for (const { path, group } of options.files) {
    const log_group = groupOf(template, group ?? basename(path, extname(path)));
    if (group !== undefined && log_group === undefined)
      throw new RangeError(`no log group is named "${group}" in the template; nothing was replayed`);
    const read = await readLines(path, log_group);
    for (const line of read.lines) lines.push(line);
    out(`${path}: ${read.lines.length} lines, log group ${log_group ?? 'unknown: taken as if in every group'}`);
    if (read.timeless > 0) out(`${path}: ${read.timeless} lines say no time and were not replayed`);
  }
  return lines;
}

function optionsOf(args: readonly string[]): Options | string {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        template: { type: 'string' },
        group: { type: 'string', multiple: true, default: [] },
        samples: { type: 'string', multiple: true, default: [] },
        parameter: { type: 'string', multiple: true, default: [] },
        from: { type: 'string' },
        to: { type: 'string' },
      },
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { template, group, samples, parameter, from, to } = parsed.values;
  if (template === undefined) return '--template is missing';
  const groups = group.map(pairOf);
  const parameters = parameter.map(pairOf);
  if (groups.includes(undefined)) return '--group is NAME=FILE';
  if (parameters.includes(undefined)) return '--parameter is NAME=VALUE';
  const files = [
    ...groups.flatMap((pair) => (pair === undefined ? [] : [{ group: pair[0], path: pair[1] }])),
    ...parsed.positionals.map((path) => ({ path })),
  ];
  if (files.length === 0 && samples.length === 0) return 'no file of lines is named';
  const from_ms = from === undefined ? undefined : instantOf(from);
  const to_ms = to === undefined ? undefined : instantOf(to);
  if (from !== undefined && from_ms === undefined) return `--from is no instant: ${from}`;
  if (to !== undefined && to_ms === undefined) return `--to is no instant: ${to}`;
  return {
    template,
    files,
    samples,
    parameters: Object.fromEntries(parameters.filter((pair) => pair !== undefined)),
    ...(from_ms === undefined ? {} : { from_ms }),
    ...(to_ms === undefined ? {} : { to_ms }),
  };
}

function pairOf(text: string): [string, string] | undefined {
  const at = text.indexOf('=');
  return at < 1 ? undefined : [text.slice(0, at), text.slice(at + 1)];
}

function isExpected(error: unknown): error is Error {
  if (error instanceof TemplateError || error instanceof SyntaxError || error instanceof RangeError) return true;
  return error instanceof Error && 'code' in error;
}
