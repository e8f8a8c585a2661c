import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { toInsights } from '../../core/logging/query.ts';
import type { Pattern } from '../../core/logging/patterns.ts';
import type { Row } from '../../functions/notify/evidence.ts';
import { LogsInsights } from '../../functions/notify/logs-insights.ts';
import { insights } from '../../lab/cli/insights.ts';
import { tableLines } from '../../lab/insights/table.ts';
import { type CommandPorts, DEFAULT_STAGE, DONE, UsageError } from './command.ts';
import { namedPattern } from './named-pattern.ts';
import { savedQueries } from './saved-queries.ts';
import { sinceOf } from './since.ts';

const DEFAULT_DIR = join('data', 'logs');
const DEFAULT_SINCE = '1h';
/** Logs Insights itself gives a query an hour; a person does not wait for so long. */
const QUERY_TIMEOUT_MS = 300_000;

/**
 * The saved query of a heading: in the account, or with `--local [DIR]` over files of lines by the lab, the same text. It
 * says which it asked. Without either option files are asked where there are some and no credentials for an account.
 */
export async function logs(args: readonly string[], ports: CommandPorts): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      local: { type: 'boolean', default: false },
      since: { type: 'string' },
      stage: { type: 'string' },
    },
  });
  const [name, dir] = positionals;
  const pattern = namedPattern(name);
  if (positionals.length > 2 || (dir !== undefined && !values.local))
    throw new UsageError('a folder goes with --local, and nothing comes behind it');
  if (values.local && values.stage !== undefined) throw new UsageError('--stage goes with the account, not with files');
  const { since } = values;
  const here = !values.local && values.stage === undefined && existsSync(DEFAULT_DIR) && !hasCredentials(ports.env);
  if (values.local || here) return inFiles(pattern, { dir: dir ?? DEFAULT_DIR, since }, ports);
  return inAccount(pattern, { stage: values.stage ?? DEFAULT_STAGE, since: since ?? DEFAULT_SINCE }, ports);
}

async function inFiles(
  pattern: Pattern,
  { dir, since }: { readonly dir: string; readonly since: string | undefined },
  { note, out, now }: CommandPorts,
): Promise<number> {
  if (!existsSync(dir)) throw new UsageError(`there is no folder ${dir}`);
  const files = (await readdir(dir)).filter((file) => file.endsWith('.ndjson')).sort();
  if (files.length === 0) throw new UsageError(`${dir} has no *.ndjson`);
  note(`${pattern.title}: ${files.length} files of ${dir}, ${since === undefined ? 'all of them' : `since ${since}`}`);
  const range = since === undefined ? [] : ['--start', new Date(sinceOf(since, now())).toISOString()];
  return insights(['--query', toInsights(pattern.query), ...range, ...files.map((file) => join(dir, file))], out);
}

async function inAccount(
  pattern: Pattern,
  { stage, since }: { readonly stage: string; readonly since: string },
  { logsClient, note, out, now, signal }: CommandPorts,
): Promise<number> {
  const to_ms = now();
  const from_ms = sinceOf(since, to_ms);
  const client = logsClient();
  const all = await savedQueries(client, stage, signal);
  const saved = all.find(({ title }) => title === pattern.title);
  if (saved === undefined) throw new Error(`the stage ${stage} has no query "${pattern.title}"; nothing was asked`);
  const { text, logGroups } = saved;
  note(`${pattern.title}: the account’s stage ${stage}, ${logGroups.length} log groups, since ${since}`);
  if (text !== toInsights(pattern.query)) note('note: another version is deployed; its query is run, not this one’s');
  const bound = AbortSignal.any([signal, AbortSignal.timeout(QUERY_TIMEOUT_MS)]);
  const { rows, matched } = await new LogsInsights(client).run({ text, logGroups, from_ms, to_ms }, bound, (scanned) =>
    note(`… ${scanned} lines scanned`),
  );
  tableLines(tableOf(rows, pattern)).forEach(out);
  out(JSON.stringify({ rows: rows.length, matched }));
  return DONE;
}

/** Columns in the order of the query; a row leaves out what has no value. */
function tableOf(rows: readonly Row[], { query: { show, countBy } }: Pattern) {
  const wanted: readonly string[] = countBy === undefined ? ['@timestamp', ...show] : [...countBy, 'lines'];
  const others = rows.flatMap((row) => row.map(({ field }) => field));
  const columns = [...new Set([...wanted, ...others])];
  return { columns, rows: rows.map((row) => recordOf(columns, row)) };
}

function recordOf(columns: readonly string[], row: Row): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    columns.map((column) => [column, row.find(({ field }) => field === column)?.value ?? null]),
  );
}

const CREDENTIAL_VARIABLES = [
  'AWS_ACCESS_KEY_ID',
  'AWS_PROFILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
];

/** Whether anything says how to reach an account; not whether it would work. */
export function hasCredentials(env: CommandPorts['env']): boolean {
  if (CREDENTIAL_VARIABLES.some((name) => (env[name] ?? '') !== '')) return true;
  const home = join(env['HOME'] ?? homedir(), '.aws');
  return [
    env['AWS_SHARED_CREDENTIALS_FILE'] ?? join(home, 'credentials'),
    env['AWS_CONFIG_FILE'] ?? join(home, 'config'),
  ].some((file) => existsSync(file));
}
