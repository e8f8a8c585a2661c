import { type EventEntry, type EventName, EVENTS } from '../../core/logging/events.ts';
import { anchorOf } from '../../core/logging/guide.ts';
import { PATTERNS } from '../../core/logging/patterns.ts';
import { type LogQuery, matches, QUERY_LIMIT, toJq, valueAt } from '../../core/logging/query.ts';
import type { Storm } from './storms.ts';

type Line = Readonly<Record<string, unknown>>;

/** Lines of one kind that are shown; heartbeats tell how it went and may be more. */
const SHOWN_OF_A_KIND = 2;
const SHOWN_HEARTBEATS = 6;
const MAX_LINES = 34;
const RESULT_LINES = 8;
const TEXT_MAX_CHARS = 70;
const ROW_MAX_CHARS = 170;

/** What stands in every line of a run, or says nothing of its cause. */
const LEFT_OUT = new Set([
  ...['session_id', 'recorder_id', 'connection', 'aws_request_id', 'gap_id', 'exception_type', 'failure_class'],
  ...['market_tickers', 'sequence_number', 'shard_id', 'block_id', 'url', 'sid', 'markets'],
]);
/** Of an event with many fields, those that tell how it goes. */
const TELLING: Readonly<Partial<Record<EventName, readonly string[]>>> = {
  startup_config: ['version', 'previous_run', 'log_level'],
  heartbeat: [
    ...['ws_state', 'messages_per_sec', 'ingest_lag_sec', 'reconnects_total', 'gaps_open', 'gaps_total'],
    ...['spool_blocks', 'dropped_frames_total', 'log_lines_suppressed', 'event_loop_delay_ms'],
  ],
  warehouse_heartbeat: ['newest_row_age_sec', 'end_to_end_lag_sec', 'gaps_open'],
  insert_ok: ['records', 'blocks', 'frames', 'rejects', 'batches', 'ingest_lag_sec'],
  sink_started: ['version', 'ch_database'],
  probe_started: ['version', 'ch_database'],
};
/** What tells the cases of an event apart. */
const CASES = ['category', 'cause', 'reason', 'table', 'http_status', 'close_code'] as const;

/** What the guide asks first: the last heartbeats. */
const HEALTH: LogQuery = {
  where: { field: 'event', is: ['heartbeat'] },
  show: ['ws_state', 'ingest_lag_sec', 'messages_per_sec', 'gaps_open', 'spool_blocks'],
};

/**
 * A storm’s page: the lines, the question, the heading, and only then the answer. Made of the printed lines and the
 * catalogue alone: where that changes, the page follows without another storm.
 */
export function pageOf(name: string, storm: Storm, printed: readonly string[]): string {
  const lines = printed
    .map((text) => JSON.parse(text) as Line)
    .filter((line) => Object.hasOwn(line, 'event'))
    .sort((a, b) => String(a['timestamp']).localeCompare(String(b['timestamp'])));
  const heading = headingOf(storm);
  const result = ask(heading.query, lines);
  const more = result.length > RESULT_LINES ? ` (the newest ${RESULT_LINES} of ${result.length})` : '';
  return `# Transcript: what is happening here?

What the real programs printed, shortened to the fields that tell. The answer is at the end of the page. All that they
printed: [${name}.ndjson](${name}.ndjson).

## The lines

${fenced(shortened(lines).join('\n'))}

## The question

${fenced(`jq -c -n -R '${toJq(heading.query)}' data/logs/*.ndjson`, 'sh')}

Its result${more}, columns \`timestamp\`, ${heading.query.show.map((field) => `\`${field}\``).join(', ')}:

${fenced(result.slice(0, RESULT_LINES).join('\n'))}

## The heading

[${heading.title}](../../LOGGING_GUIDE.md#${heading.anchor}): ${heading.cause}

## The answer

${storm.done}

What says so: ${storm.sign}

Made by \`node scripts/storm-transcripts.ts ${name}\`.
`;
}

interface Heading {
  readonly title: string;
  readonly anchor: string;
  readonly cause: string;
  readonly query: LogQuery;
}

function headingOf({ leadsTo, cause }: Storm): Heading {
  if (leadsTo === 'health') {
    const title = 'Is the recorder healthy?';
    return { title, anchor: 'is-the-recorder-healthy', cause: 'none of its signs of trouble is there.', query: HEALTH };
  }
  const { title, causes, query } = PATTERNS[leadsTo];
  const fitting = cause === undefined ? causes.join(' Or: ') : causeWith(cause, causes);
  // Emphasis as the formatter of this repository writes it.
  return { title, anchor: anchorOf(leadsTo), cause: fitting.replaceAll(/\*([^*]+)\*/g, '_$1_'), query };
}

/** By its words, not by its place: a cause that is put before it does not make the page quote another. */
function causeWith(words: string, causes: readonly string[]): string {
  const [fitting, ...others] = causes.filter((text) => text.includes(words));
  if (fitting === undefined || others.length > 0)
    throw new Error(`not exactly one cause says “${words}”; no page was made`);
  return fitting;
}

/** What the guide’s own command prints; the lines are oldest first. */
function ask(query: LogQuery, lines: readonly Line[]): readonly string[] {
  const newest = lines.filter((line) => matches(query.where, line)).toReversed();
  const columns = (line: Line) => [line['timestamp'], ...query.show.map((field) => valueAt(line, field) ?? null)];
  return newest.slice(0, QUERY_LIMIT).map((line) => cut(JSON.stringify(columns(line)), ROW_MAX_CHARS));
}

function shortened(lines: readonly Line[]): readonly string[] {
  const shownOf = new Map<string, number>();
  const shown: string[] = [];
  const left = new Map<string, number>();
  for (const line of lines) {
    const event = String(line['event']);
    const kind = [event, ...CASES.map((field) => text(line[field]))].join('|');
    const count = shownOf.get(kind) ?? 0;
    if (count >= (event === 'heartbeat' ? SHOWN_HEARTBEATS : SHOWN_OF_A_KIND) || shown.length >= MAX_LINES) {
      left.set(event, (left.get(event) ?? 0) + 1);
      continue;
    }
    shownOf.set(kind, count + 1);
    shown.push(rowOf(line));
  }
  const others = [...left].sort(([, a], [, b]) => b - a).map(([event, count]) => `${event} ${count}`);
  return others.length === 0 ? shown : [...shown, `… and of the same kinds: ${others.join(', ')}`];
}

function rowOf(line: Line): string {
  const event = String(line['event']) as EventName;
  const { fields, optional = [] }: EventEntry = EVENTS[event];
  const telling = TELLING[event] ?? [...fields, ...optional].filter((field) => !LEFT_OUT.has(field));
  const told = telling.filter((field) => line[field] !== undefined && line[field] !== '');
  const pairs = told.map((field) => `${field}=${text(line[field])}`);
  const time = String(line['timestamp']).slice('2026-11-23T'.length, -1);
  return [time, String(line['level']).padEnd(5), String(line['component']), event, ...pairs].join(' ');
}

function text(value: unknown): string {
  const whole = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
  return cut(whole, TEXT_MAX_CHARS);
}

function cut(whole: string, maxChars: number): string {
  return whole.length > maxChars ? `${whole.slice(0, maxChars - 1)}…` : whole;
}

function fenced(body: string, language = ''): string {
  return `\`\`\`${language}\n${body}\n\`\`\``;
}
