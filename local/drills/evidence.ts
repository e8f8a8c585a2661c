import { PATTERNS } from '../../core/logging/patterns.ts';
import { Redactor } from '../../core/logging/redact.ts';
import { explain } from '../../functions/notify/cause.ts';
import type { Evidence } from '../../functions/notify/evidence.ts';
import { LOOKBACK_MIN } from '../../functions/notify/evidence.ts';
import { messageOf } from '../../functions/notify/message.ts';
import { compileQuery } from '../../lab/insights/query.ts';
import type { Notification, Transition } from '../../lab/replay/timeline.ts';
import type { LabTemplate } from '../../lab/template/read-template.ts';
import type { Drill } from './drill.ts';
import type { VirtualLine } from './scale.ts';
import { STAGE } from './template.ts';
import { logGroupsOf, prefixOf, shortName, type Watched } from './watch.ts';

const MINUTE_MS = 60_000;
/** The notifier asks this long after the alarm's change at most: lines that come with it are found. */
const ASKED_AFTER_MS = MINUTE_MS;

/** What a person who was told gets to read. */
export interface Shown {
  readonly alarm: string;
  /** The text of the message, evidence included. */
  readonly message: string;
  /** How many lines the runbook's query found that hold what the drill says is guilty. */
  readonly guiltyRows: number;
  /** The heading that the message points to and whose query it shows. */
  readonly heading: string | undefined;
}

/** Renders the drill's first message as the notifier would, and asks the template's saved query for the guilty line. */
export function shownOf(template: LabTemplate, drill: Drill, { timeline, scaled }: Watched): Shown | undefined {
  const { expect } = drill;
  const expected = new Set<string>([...expect.pages, ...expect.tickets]);
  const told = timeline.notifications.filter(
    ({ state, alarm, ts_ms }) => state === 'ALARM' && ts_ms >= scaled.fault_ms && expected.has(shortName(alarm)),
  );
  // A page before a ticket: it is what somebody gets up for.
  const first = told.find(({ alarm }) => expect.pages.some((page) => page === shortName(alarm))) ?? told[0];
  if (first === undefined) return undefined;
  const found = ask(template, drill, first, scaled.lines);
  const rows = found.map((row) =>
    Object.entries(row).flatMap(([field, value]) => (value === null ? [] : [{ field, value: String(value) }])),
  );
  const prefix = prefixOf(template);
  const notice = noticeOf(first, timeline.transitions);
  const explained = explain(notice, prefix);
  const evidence: Evidence = { rows, matched: rows.length };
  const telling = { notice, explained, evidence, guideUrl: 'LOGGING_GUIDE.md', stage: STAGE };
  const { text } = messageOf(telling, new Redactor([]));
  const guilty = Object.entries(expect.guilty ?? {});
  const isGuilty = (row: Readonly<Record<string, unknown>>): boolean =>
    guilty.every(([field, value]) => !(field in row) || String(row[field]) === String(value));
  return {
    alarm: shortName(first.alarm),
    message: text,
    guiltyRows: found.filter(isGuilty).length,
    heading: explained?.patternName,
  };
}

/** What is not as the drill expects it, one sentence each. */
export function faultsShown({ expect }: Drill, shown: Shown | undefined): readonly string[] {
  if (shown === undefined) return [];
  const { message, alarm, guiltyRows, heading } = shown;
  const event = expect.guilty?.['event'];
  return [
    ...(expect.guilty !== undefined && guiltyRows === 0
      ? [`the query of ${expect.query ?? alarm} does not return ${JSON.stringify(expect.guilty)}`]
      : []),
    ...(expect.query !== undefined && heading !== expect.query
      ? [`the message of ${alarm} asks for ${heading ?? 'nothing'}, not for ${expect.query}`]
      : []),
    ...(message.includes('Runbook: ') ? [] : [`the message of ${alarm} names no runbook`]),
    ...(event !== undefined && !message.includes(String(event))
      ? [`the message of ${alarm} does not show ${event}`]
      : []),
  ];
}

function ask(template: LabTemplate, { expect }: Drill, { ts_ms }: Notification, lines: readonly VirtualLine[]) {
  if (expect.query === undefined) return [];
  const { title } = PATTERNS[expect.query];
  const saved = template.queries.find(({ name }) => name.endsWith(`/${title}`));
  if (saved === undefined) throw new Error(`the template has no query "${title}"; nothing was asked`);
  const groups = logGroupsOf(template);
  const events = lines
    .filter(({ program }) => saved.logGroups.includes(groups[program]))
    .map(({ text, ts_ms: timestamp_ms }) => ({ message: text, timestamp_ms }));
  const span = { start_ms: ts_ms - LOOKBACK_MIN * MINUTE_MS, end_ms: ts_ms + ASKED_AFTER_MS };
  return compileQuery(saved.query).run(events, { ...span, now_ms: ts_ms }).rows;
}

/** As CloudWatch tells it: with the alarms that are in ALARM within it. */
function noticeOf({ alarm, ts_ms, reason }: Notification, transitions: readonly Transition[]) {
  const states = new Map<string, string>();
  for (const one of transitions) if (one.ts_ms <= ts_ms) states.set(one.alarm, one.to);
  const triggering = [...states].filter(([, state]) => state === 'ALARM').map(([name, state]) => ({ name, state }));
  const changedAt = new Date(ts_ms).toISOString();
  return { name: alarm, state: 'ALARM' as const, reason, description: '', changedAt, triggering };
}
