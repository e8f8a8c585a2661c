import { describe, expect, test } from 'vitest';
import { ALARMS } from '../../../core/logging/alarms.ts';
import { COMPOSITES } from '../../../core/logging/composites.ts';
import { PATTERNS } from '../../../core/logging/patterns.ts';
import { Redactor } from '../../../core/logging/redact.ts';
import { Secret } from '../../../core/logging/secret.ts';
import { noticeOf } from '../../../functions/notify/alarm-notice.ts';
import { explain } from '../../../functions/notify/cause.ts';
import type { Evidence } from '../../../functions/notify/evidence.ts';
import {
  LINE_MAX_CHARS,
  LINES_SHOWN,
  MESSAGE_MAX_CHARS,
  messageOf,
  SUBJECT_MAX_CHARS,
} from '../../../functions/notify/message.ts';
import { slackText } from '../../../functions/notify/webhook.ts';
import { arnOf, CHANGED_AT, PREFIX, published } from './alarms.ts';

const SECRET = 'hush-hush-hush-0123456789';
const GUIDE = 'https://guide.example/LOGGING_GUIDE.md';

const row = (fields: Readonly<Record<string, string>>) =>
  Object.entries(fields).map(([field, value]) => ({ field, value }));

const TWO: Evidence = {
  rows: [
    row({ '@timestamp': '2026-11-23 23:29:58.120', event: 'insert_failed', table: 'frames', category: 'memory_limit' }),
    row({
      '@timestamp': '2026-11-23 23:29:41.007',
      event: 'insert_split',
      rows: '5000',
      failure_class: 'memory_query',
    }),
  ],
  matched: 17,
};

function told(message: string, evidence?: Evidence | string, subject?: string) {
  const notice = noticeOf(message, subject);
  const explained = explain(notice, PREFIX);
  return messageOf({ notice, explained, evidence, guideUrl: GUIDE, stage: 'prod' }, new Redactor([new Secret(SECRET)]));
}

const bullets = (pattern: keyof typeof PATTERNS): string =>
  [`Likely causes (${PATTERNS[pattern].title}):`, ...PATTERNS[pattern].causes.map((cause) => `- ${cause}`)].join('\n');

describe('an alarm as it is told', () => {
  test('with what it means, its lines, the likely causes, the runbook and what CloudWatch said', () => {
    expect(told(published('clickhouse_memory'), TWO)).toEqual({
      subject: 'ALARM: kalshi-tape-prod-clickhouse-memory',
      text: `ALARM: kalshi-tape-prod-clickhouse-memory (page)

${ALARMS.clickhouse_memory.means}
First: ${ALARMS.clickhouse_memory.action}

2 of 17 lines of the last 15 minutes:
  23:29:58.120 insert_failed table=frames category=memory_limit
  23:29:41.007 insert_split rows=5000 failure_class=memory_query

${bullets('memory_limit')}

Runbook: ${GUIDE}#clickhouse-memory-limit
More lines: npm run tape -- logs memory_limit --stage prod --since 1h
CloudWatch at ${CHANGED_AT}: Threshold Crossed: 3 out of the last 5 datapoints were greater than the threshold (0.0).`,
    });
  });

  test('of a composite is told with the cause within it, whose runbook and lines it shows', () => {
    const { text } = told(published('warehouse_down', { triggering: ['clickhouse_full', 'sink_errors'] }), TWO);
    expect(text).toBe(`ALARM: kalshi-tape-prod-warehouse-down (page)

${COMPOSITES.warehouse_down.means}
Within it: sink_errors: ${ALARMS.sink_errors.means}
Within it: clickhouse_full: ${ALARMS.clickhouse_full.means}
First: ${ALARMS.sink_errors.action}

2 of 17 lines of the last 15 minutes:
  23:29:58.120 insert_failed table=frames category=memory_limit
  23:29:41.007 insert_split rows=5000 failure_class=memory_query

${bullets('sink_failing')}

Runbook: ${GUIDE}#sink-failing
More lines: npm run tape -- logs sink_failing --stage prod --since 1h
CloudWatch at ${CHANGED_AT}: Threshold Crossed: 3 out of the last 5 datapoints were greater than the threshold (0.0).`);
  });

  test('of a composite whose notice only speaks of the cause takes it from there', () => {
    const reason = `${arnOf('key_rejected')} transitioned to ALARM at Monday 23 November, 2026 23:30:00 UTC`;
    const explained = explain(noticeOf(published('exchange_down', { reason }), undefined), PREFIX);
    expect(explained).toMatchObject({ patternName: 'key_rejected', within: [{ name: 'key_rejected' }] });
  });

  test('of a composite of which nobody knows the cause has its own heading', () => {
    expect(explain(noticeOf(published('exchange_down'), undefined), PREFIX)).toMatchObject({
      patternName: COMPOSITES.exchange_down.pattern,
      within: [],
    });
  });

  test('that is over says so, in few words and without lines or causes', () => {
    const { subject, text } = told(published('heartbeat_missing', { state: 'OK' }));
    expect(subject).toBe('OK: kalshi-tape-prod-heartbeat-missing');
    expect(text).toBe(`OK: kalshi-tape-prod-heartbeat-missing (page)

It is over. It had meant:
${ALARMS.heartbeat_missing.means}

Runbook: ${GUIDE}#heartbeat-missing
CloudWatch at ${CHANGED_AT}: Threshold Crossed: 3 out of the last 5 datapoints were greater than the threshold (0.0).`);
  });

  test('without data says that nobody knows', () => {
    const { text } = told(published('heartbeat_missing', { state: 'INSUFFICIENT_DATA' }));
    expect(text).toContain('INSUFFICIENT_DATA: kalshi-tape-prod-heartbeat-missing');
    expect(text).toContain('Nobody knows');
    expect(text).not.toContain('Likely causes');
  });

  test('whose query failed says why there are no lines, and all the rest', () => {
    const { text } = told(published('clickhouse_memory'), 'timeout: no answer');
    expect(text).toContain('Its lines were not found: timeout: no answer');
    expect(text).toContain(bullets('memory_limit'));
  });

  test('without a line says that there is none', () => {
    expect(told(published('heartbeat_missing'), { rows: [], matched: 0 }).text).toContain(
      'No line of the last 15 minutes',
    );
  });

  test('that the catalogue does not know is told with its own description', () => {
    const message = published('x').replaceAll(PREFIX, 'somebody-else');
    expect(told(message).text).toContain('means action LOGGING_GUIDE.md#heading');
  });

  test('that no alarm sent is told as it is', () => {
    expect(told('hello', undefined, 'a test')).toEqual({
      subject: 'UNKNOWN: a test',
      text: 'UNKNOWN: a test\n\nCloudWatch: hello',
    });
  });
});

describe('a message', () => {
  const withValue = (value: string): Evidence => ({
    rows: [row({ event: 'ws_error', exception_msg: value })],
    matched: 1,
  });

  test.each([
    ['as it is', SECRET],
    ['in a URL', `https://user:${SECRET}@host/x`],
    ['as JSON', JSON.stringify({ password: SECRET })],
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['as a header', `authorization: Bearer ${SECRET}`],
    ['where the line is cut', `${'x'.repeat(LINE_MAX_CHARS - 45)}${SECRET}`],
  ])('holds no secret that a line holds: %s', (_, value) => {
    const { text } = told(published('exchange_down'), withValue(value));
    expect(text).not.toContain(SECRET.slice(0, 12));
    expect(text).not.toContain(Buffer.from(SECRET).toString('base64').slice(0, 12));
    expect(text).toContain('ws_error');
  });

  test('holds no secret of the reason, of a failure or of what no alarm sent', () => {
    expect(told(published('heartbeat_missing', { reason: `x ${SECRET}` }), `auth: ${SECRET}`).text).not.toContain(
      SECRET,
    );
    const { subject, text } = told(SECRET, undefined, `about ${SECRET}`);
    expect(`${subject}${text}`).not.toContain(SECRET);
  });

  test('shows a bounded number of lines, each bounded and each on one line', () => {
    const long = row({ event: 'crashed', exception_msg: `a\nb\r\n${'y'.repeat(10_000)}` });
    const { text } = told(published('crash_loop'), { rows: Array.from({ length: 50 }, () => long), matched: 50 });
    const shown = text.split('\n').filter((line) => line.startsWith('  '));
    expect(shown).toHaveLength(LINES_SHOWN);
    expect(Math.max(...shown.map((line) => line.length))).toBeLessThanOrEqual(LINE_MAX_CHARS + 2);
    expect(text.length).toBeLessThanOrEqual(MESSAGE_MAX_CHARS);
  });

  test('has a subject that SNS takes, whatever the alarm is called', () => {
    const { subject } = told('x', undefined, `Ünïcode\nand ${'long '.repeat(50)}`);
    expect(subject).toMatch(/^[\x20-\x7e]+$/);
    expect(subject.length).toBeLessThanOrEqual(SUBJECT_MAX_CHARS);
  });

  test('of counts shows them', () => {
    const counts: Evidence = { rows: [row({ component: 'ws', event: 'ws_error', lines: '812' })], matched: 812 };
    expect(told(published('log_volume'), counts).text).toContain('  component=ws ws_error lines=812');
  });

  test('is no markup in a chat: it calls nobody and cannot end its block', () => {
    const text = slackText({ subject: '', text: '<!channel> & ``` <http://evil|x>' });
    expect(text).toBe("```\n&lt;!channel&gt; &amp; ''' &lt;http://evil|x&gt;\n```");
  });
});
