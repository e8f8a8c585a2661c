import { anchorOf } from '../../core/logging/guide.ts';
import type { Redactor } from '../../core/logging/redact.ts';
import type { AlarmNotice } from './alarm-notice.ts';
import type { Explained } from './cause.ts';
import { type Evidence, LOOKBACK_MIN, type Row } from './evidence.ts';

/** Lines that are shown: what a telephone's screen holds. The rest is one command away. */
export const LINES_SHOWN = 10;
export const LINE_MAX_CHARS = 300;
const REASON_MAX_CHARS = 600;
/** Far below what SNS (256 KB) and Slack (40,000 characters) take. */
export const MESSAGE_MAX_CHARS = 8_000;
/** SNS: at most so many characters, printable ASCII. */
export const SUBJECT_MAX_CHARS = 100;

/** A message as every channel takes it. It holds no secret. */
export interface Message {
  readonly subject: string;
  readonly text: string;
}

export interface Told {
  readonly notice: AlarmNotice;
  /** undefined: the catalogue does not know the alarm. */
  readonly explained: Explained | undefined;
  /** undefined: nothing was looked for; a text: why there is none. */
  readonly evidence: Evidence | string | undefined;
  readonly guideUrl: string;
  readonly stage: string;
}

/** The alarm, what it means, its lines, the likely causes and where to read on. Pure; the redactor sees every word of it. */
export function messageOf({ notice, explained, evidence, guideUrl, stage }: Told, redactor: Redactor): Message {
  const { name, state } = notice;
  const told = [
    [`${state}: ${name}${explained === undefined ? '' : ` (${explained.severity})`}`],
    meaning(notice, explained, redactor),
    state === 'ALARM' ? lines(evidence, redactor) : [],
    state === 'ALARM' && explained !== undefined ? causes(explained) : [],
    [
      ...(explained === undefined ? [] : [`Runbook: ${guideUrl}#${anchorOf(explained.patternName)}`]),
      ...(state === 'ALARM' && explained !== undefined
        ? [`More lines: npm run tape -- logs ${explained.patternName} --stage ${stage} --since 1h`]
        : []),
      `CloudWatch${notice.changedAt === '' ? '' : ` at ${notice.changedAt}`}: ${clipped(redactor, notice.reason, REASON_MAX_CHARS)}`,
    ],
  ];
  const text = told.flatMap((part) => (part.length === 0 ? [] : [part.join('\n')])).join('\n\n');
  return {
    subject: redactor
      .clean(`${state}: ${name}`)
      .replace(/[^\x20-\x7e]+/g, ' ')
      .slice(0, SUBJECT_MAX_CHARS),
    // Once more as a whole: what stands beside each other only now is seen only now.
    text: bounded(redactor.clean(text), MESSAGE_MAX_CHARS),
  };
}

function meaning(notice: AlarmNotice, explained: Explained | undefined, redactor: Redactor): readonly string[] {
  if (explained === undefined) {
    const { description } = notice;
    return description === '' ? [] : [clipped(redactor, description, REASON_MAX_CHARS)];
  }
  if (notice.state === 'OK') return ['It is over. It had meant:', explained.means];
  if (notice.state === 'INSUFFICIENT_DATA')
    return ['Nobody knows: there is no data. In alarm it would mean:', explained.means];
  return [
    explained.means,
    ...explained.within.map(({ name, means }) => `Within it: ${name}: ${means}`),
    `First: ${(explained.within[0] ?? explained).action}`,
  ];
}

function lines(evidence: Evidence | string | undefined, redactor: Redactor): readonly string[] {
  if (evidence === undefined) return [];
  if (typeof evidence === 'string') return [`Its lines were not found: ${clipped(redactor, evidence, LINE_MAX_CHARS)}`];
  const { rows, matched } = evidence;
  if (rows.length === 0) return [`No line of the last ${LOOKBACK_MIN} minutes speaks of it.`];
  const shown = rows.slice(0, LINES_SHOWN).map((row) => `  ${clipped(redactor, lineOf(row), LINE_MAX_CHARS)}`);
  return [`${shown.length} of ${matched} lines of the last ${LOOKBACK_MIN} minutes:`, ...shown];
}

function causes({ pattern: { title, causes: likely } }: Explained): readonly string[] {
  return [`Likely causes (${title}):`, ...likely.map((cause) => `- ${cause}`)];
}

/** `23:30:01.123 insert_failed table=frames category=memory_limit`; what comes from a count has no time. */
function lineOf(row: Row): string {
  return row
    .map(({ field, value }) => {
      if (field === '@timestamp') return value.slice(TIME_OF_DAY_AT);
      return field === 'event' ? value : `${field}=${value}`;
    })
    .join(' ');
}

/** `2026-11-23 23:30:01.123` */
const TIME_OF_DAY_AT = 11;

/** One line without secrets. Cleaned before it is cut: half a secret would not be known for one. */
function clipped(redactor: Redactor, text: string, max: number): string {
  return bounded(
    redactor
      .clean(text)
      .replace(/[\s\p{Cc}]+/gu, ' ')
      .trim(),
    max,
  );
}

function bounded(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
