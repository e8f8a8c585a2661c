import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { SNSClient } from '@aws-sdk/client-sns';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterEach, describe, expect, test } from 'vitest';
import { EVENTS, type EventName } from '../../../core/logging/events.ts';
import { eventLog } from '../../../core/logging/event-log.ts';
import { PATTERNS } from '../../../core/logging/patterns.ts';
import { toInsights } from '../../../core/logging/query.ts';
import { Redactor } from '../../../core/logging/redact.ts';
import { Secret } from '../../../core/logging/secret.ts';
import { emailChannel } from '../../../functions/notify/email.ts';
import { LogsInsights } from '../../../functions/notify/logs-insights.ts';
import { Notifier, NotToldError } from '../../../functions/notify/notifier.ts';
import { webhookChannel } from '../../../functions/notify/webhook.ts';
import { faultsOf, type Line } from '../../support/catalogue.ts';
import { LOG_GROUPS, PREFIX, published } from './alarms.ts';
import { type Answer, type Asked, LoopbackAws, PUBLISHED } from './aws.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:evidence';
const HOOK = '/services/T0/B0/hooksecret';
/** Never reached: it also covers a client's first call, which on a busy machine takes its time. */
const PLENTY_MS = 10_000;
/** Short, so that a query that hangs is soon given up. */
const QUERY_BOUND_MS = 250;
/** So is a channel that hangs; but in the same time the other one must get through. */
const SEND_BOUND_MS = 3_000;
/** What a bound, the grace after it and a busy machine make of it together. */
const SOON_MS = 8_000;
const NOW = Date.parse('2026-11-23T23:31:00Z');

const servers: LoopbackAws[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

const LINE = [
  { field: '@timestamp', value: '2026-11-23 23:29:58.120' },
  { field: 'event', value: 'insert_failed' },
  { field: 'table', value: '' },
  { field: '@ptr', value: 'CmEKJ' },
];
const COMPLETE = { body: { status: 'Complete', results: [LINE], statistics: { recordsMatched: 7 } } };

/** The answers when all is well, but for these. */
function answers(own: Readonly<Record<string, Answer | ((nth: number) => Answer)>> = {}): (asked: Asked) => Answer {
  const usual: Readonly<Record<string, Answer>> = {
    StartQuery: { body: { queryId: 'q-1' } },
    GetQueryResults: COMPLETE,
    StopQuery: { body: { success: true } },
    Publish: PUBLISHED,
    [HOOK]: { body: {} },
    '/elsewhere': { body: {} },
  };
  const times = new Map<string, number>();
  return ({ action }) => {
    const nth = (times.get(action) ?? 0) + 1;
    times.set(action, nth);
    const answer = own[action] ?? usual[action] ?? { status: 404 };
    return typeof answer === 'function' ? answer(nth) : answer;
  };
}

interface Bounds {
  readonly queryMs?: number;
  readonly sendMs?: number;
}

async function started(
  own?: Parameters<typeof answers>[0],
  { queryMs = PLENTY_MS, sendMs = PLENTY_MS }: Bounds = {},
  at = PREFIX,
) {
  const server = await LoopbackAws.start(answers(own));
  servers.push(server);
  const aws = {
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'key' },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
  };
  const lines: Line[] = [];
  const hook = new Secret(`${server.url}${HOOK}`);
  const notifier = new Notifier(
    {
      logs: new LogsInsights(new CloudWatchLogsClient(aws), 5),
      channels: [emailChannel(new SNSClient(aws), TOPIC), webhookChannel(() => Promise.resolve(hook))],
      log: eventLog((level, event, fields) =>
        lines.push(JSON.parse(JSON.stringify({ level, message: event, ...fields })) as Line),
      ),
      redactor: new Redactor([hook]),
      now: () => NOW,
    },
    {
      STAGE: 'prod',
      ALARM_PREFIX: at,
      GUIDE_URL: 'https://guide.example/G.md',
      LOG_GROUPS,
      QUERY_TIMEOUT_MS: queryMs,
      SEND_TIMEOUT_MS: sendMs,
    },
  );
  const tell = (message: string, messageId = 'm-1', remainingMs = 45_000) =>
    notifier.tell({ messageId, message, requestId: 'r-1', remainingMs });
  const mail = (): readonly string[] =>
    server.asked.flatMap(({ action, input }) => (action === 'Publish' ? [String(input['Message'])] : []));
  const chat = (): readonly string[] =>
    server.asked.flatMap(({ action, input }) => (action === HOOK ? [String(input['text'])] : []));
  const events = (): readonly EventName[] => lines.map((line) => line['event'] as EventName);
  return { server, tell, lines, mail, chat, events };
}

describe('an alarm', () => {
  test('is told by e-mail and webhook with the lines that its saved query finds', async () => {
    const { server, tell, lines, mail, chat } = await started();
    await tell(published('clickhouse_memory'));
    const [start] = server.asked;
    expect(start).toEqual({
      action: 'StartQuery',
      input: {
        queryString: toInsights(PATTERNS.memory_limit.query),
        logGroupNames: expect.arrayContaining(['g-sink', 'g-probe']),
        startTime: Date.parse('2026-11-23T23:15:00Z') / 1_000,
        endTime: NOW / 1_000,
      },
    });
    expect(mail()).toEqual([
      expect.stringContaining('1 of 7 lines of the last 15 minutes:\n  23:29:58.120 insert_failed\n'),
    ]);
    expect(chat()).toEqual([expect.stringContaining('  23:29:58.120 insert_failed\n')]);
    expect(server.asked.find(({ action }) => action === 'Publish')?.input).toMatchObject({
      TopicArn: TOPIC,
      Subject: 'ALARM: kalshi-tape-prod-clickhouse-memory',
    });
    expect(lines.flatMap(faultsOf)).toEqual([]);
    expect(lines).toMatchObject([
      { event: 'notification_sent', lines: 1 },
      { event: 'notification_sent', lines: 1 },
    ]);
    expect(lines.map((line) => line['channel']).sort()).toEqual(['email', 'webhook']);
  });

  test('waits for a query that is still running', async () => {
    const { tell, mail, server } = await started({
      GetQueryResults: (nth) => (nth < 3 ? { body: { status: 'Running' } } : COMPLETE),
    });
    await tell(published('clickhouse_memory'));
    expect(server.actions().filter((action) => action === 'GetQueryResults')).toHaveLength(3);
    expect(mail()).toEqual([expect.stringContaining('insert_failed')]);
  });

  test.each([
    ['refused', { StartQuery: { status: 400, body: { __type: 'AccessDeniedException', message: 'no' } } }, 'auth'],
    ['not answered', { StartQuery: 'hang' }, 'timeout'],
    ['for ever running', { GetQueryResults: { body: { status: 'Running' } } }, 'timeout'],
    ['for ever asked', { GetQueryResults: 'hang' }, 'timeout'],
    ['failed', { GetQueryResults: { body: { status: 'Failed' } } }, 'other'],
  ] as const)('whose query is %s is told without lines, in time, and why is logged', async (_, own, category) => {
    const begun = performance.now();
    const { tell, mail, chat, lines, server } = await started(
      own,
      category === 'timeout' ? { queryMs: QUERY_BOUND_MS } : {},
    );
    await tell(published('clickhouse_memory'));
    expect(performance.now() - begun).toBeLessThan(SOON_MS);
    expect(mail()).toEqual([expect.stringContaining('Its lines were not found')]);
    expect(chat()).toHaveLength(1);
    expect(lines.map((line) => line['event'])).toEqual(['evidence_failed', 'notification_sent', 'notification_sent']);
    expect(lines[0]).toMatchObject({ category, aws_request_id: 'r-1', level: 'WARN' });
    expect(lines.flatMap(faultsOf)).toEqual([]);
    const wasStarted = server.actions().includes('GetQueryResults');
    expect(server.actions().includes('StopQuery')).toBe(wasStarted && category === 'timeout');
  });

  test('is told without looking where no time is left for it', async () => {
    const { tell, mail, server } = await started();
    await tell(published('clickhouse_memory'), 'm-1', 2_000);
    expect(server.actions()).not.toContain('StartQuery');
    expect(mail()).toEqual([expect.stringContaining('Its lines were not found')]);
  });

  test.each([
    ['refuses', { status: 500 }],
    ['hangs', 'hang'],
    ['sends us elsewhere', { status: 307, location: '/elsewhere' }],
  ] as const)(
    'is told by e-mail when the webhook %s, and the delivery fails so that it is tried again',
    async (_, hook) => {
      const begun = performance.now();
      const { tell, mail, lines } = await started({ [HOOK]: hook }, { sendMs: SEND_BOUND_MS });
      await expect(tell(published('clickhouse_memory'))).rejects.toBeInstanceOf(NotToldError);
      expect(performance.now() - begun).toBeLessThan(SOON_MS);
      expect(mail()).toHaveLength(1);
      expect(lines.find((line) => line['event'] === 'notification_failed')).toMatchObject({
        channel: 'webhook',
        level: 'ERROR',
      });
      expect(lines.find((line) => line['event'] === 'notification_sent')).toMatchObject({ channel: 'email' });
      expect(lines.flatMap(faultsOf)).toEqual([]);
      expect(JSON.stringify(lines)).not.toContain('hooksecret');
    },
  );

  test('is told by webhook when the topic refuses', async () => {
    const { tell, chat, lines } = await started({
      Publish: { status: 403, body: '<ErrorResponse><Error><Code>AuthorizationError</Code></Error></ErrorResponse>' },
    });
    await expect(tell(published('clickhouse_memory'))).rejects.toBeInstanceOf(NotToldError);
    expect(chat()).toHaveLength(1);
    expect(lines.find((line) => line['event'] === 'notification_failed')).toMatchObject({
      channel: 'email',
      category: 'auth',
    });
  });
});

describe('a delivery', () => {
  test('that comes again is told to nobody twice, and to whom it failed once more', async () => {
    const { tell, mail, chat } = await started({ [HOOK]: (nth) => (nth === 1 ? { status: 503 } : {}) });
    await expect(tell(published('clickhouse_memory'))).rejects.toBeInstanceOf(NotToldError);
    await tell(published('clickhouse_memory'));
    await tell(published('clickhouse_memory'));
    expect([mail().length, chat().length]).toEqual([1, 2]);
    await tell(published('clickhouse_memory'), 'm-2');
    expect([mail().length, chat().length]).toEqual([2, 3]);
  });

  test.each(['OK', 'INSUFFICIENT_DATA'] as const)(
    'of the state %s is told, and nothing is looked for',
    async (state) => {
      const { tell, server, mail, chat } = await started();
      await tell(published('heartbeat_missing', { state }));
      expect(server.actions()).not.toContain('StartQuery');
      expect([mail(), chat()]).toEqual([[expect.stringContaining(state)], [expect.stringContaining(state)]]);
    },
  );

  test('of an alarm that is not ours is told', async () => {
    const { tell, mail, server } = await started({}, {}, 'another');
    await tell(published('heartbeat_missing'));
    expect(server.actions()).not.toContain('StartQuery');
    expect(mail()).toHaveLength(1);
  });

  test('that says that telling works again is not told by us: a failure would say that it does not, for ever', async () => {
    const { tell, server, events } = await started({ [HOOK]: { status: 500 } });
    await tell(published('telling_failed', { state: 'OK' }), 'm-1');
    await tell(published('watching_blind', { state: 'OK' }), 'm-2');
    expect(server.asked).toEqual([]);
    expect(events()).toEqual([]);
  });

  test('that says that telling fails is told: another channel may work', async () => {
    const { tell, mail } = await started({ [HOOK]: { status: 500 } });
    await expect(tell(published('watching_blind', { triggering: ['telling_failed'] }))).rejects.toBeInstanceOf(
      NotToldError,
    );
    expect(mail()).toEqual([expect.stringContaining('Within it: telling_failed')]);
  });
});

test('every event of the notifier is one that it logs', () => {
  const own = Object.entries(EVENTS).flatMap(([name, { component }]) => (component === 'notify' ? [name] : []));
  expect(own.sort()).toEqual([
    'evidence_failed',
    'notification_failed',
    'notification_sent',
    'notify_refused',
    'notify_started',
  ]);
});
