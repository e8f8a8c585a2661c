import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { bundle } from '../../../local/bundle.ts';
import { FunctionProcess } from '../../../local/lambda/function-process.ts';
import { faultsOf, type Line } from '../../support/catalogue.ts';
import { LOG_GROUPS, PREFIX, published } from './alarms.ts';
import { type Answer, LoopbackAws, PUBLISHED } from './aws.ts';
import { isOfPlatform } from '../../support/catalogue.ts';

/** Two AWS clients; what Lambda reads at a cold start. */
const BUNDLE_MAX_BYTES = 2_000_000;
const HOOK = '/hook/very-secret-path';

let dir: string;
let file: string;
let aws: LoopbackAws;
let fn: FunctionProcess | undefined;
/** What Secrets Manager answers. */
let secret: () => Answer;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tape-notify-'));
  file = await bundle('functions/notify/handler.ts', dir);
  aws = await LoopbackAws.start(({ action }) => {
    if (action === 'GetSecretValue') return secret();
    if (action === 'StartQuery') return { body: { queryId: 'q-1' } };
    if (action === 'GetQueryResults') {
      const line = [{ field: 'exception_msg', value: `POST ${aws.url}${HOOK} with session-token-of-lambda` }];
      return { body: { status: 'Complete', results: [line] } };
    }
    return action === 'Publish' ? PUBLISHED : {};
  });
});
afterAll(async () => {
  await aws.stop();
  await rm(dir, { recursive: true, force: true });
});
beforeEach(() => {
  secret = () => ({ body: { SecretString: `${aws.url}${HOOK}\n` } });
  aws.asked.length = 0;
});
afterEach(() => fn?.stop());

/** The function as it is deployed, in a process of its own, and every line that it prints. */
function started(environment: Readonly<Record<string, string>>) {
  const printed: string[] = [];
  const process = new FunctionProcess({
    functionName: 'notify',
    modulePath: file,
    memoryLimitMb: 256,
    region: 'us-east-1',
    environment: {
      AWS_ENDPOINT_URL: aws.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url,
      AWS_ACCESS_KEY_ID: 'AKIDAKIDAKIDAKID',
      AWS_SECRET_ACCESS_KEY: 'key-of-lambda-0123',
      AWS_SESSION_TOKEN: 'session-token-of-lambda',
      ...environment,
    },
    timeoutMs: 20_000,
    onLine: (line) => {
      if (!isOfPlatform(line)) printed.push(line);
    },
  });
  fn = process;
  const lines = async (n: number): Promise<Line[]> => {
    await expect.poll(() => printed.length).toBeGreaterThanOrEqual(n);
    return printed.map((line) => JSON.parse(line) as Line);
  };
  const Sns = { MessageId: 'm-1', Message: published('clickhouse_memory'), Subject: 'ALARM: "x"' };
  return { invoke: () => process.invoke({ Records: [{ EventSource: 'aws:sns', Sns }] }), printed, lines };
}

const CONFIGURED = {
  TOPIC_ARN: 'arn:aws:sns:us-east-1:123456789012:evidence',
  STAGE: 'prod',
  ALARM_PREFIX: PREFIX,
  LOG_GROUPS: JSON.stringify(LOG_GROUPS),
  WEBHOOK_URL_SECRET: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:hook',
};

test('the bundle is small', async () => {
  expect((await stat(file)).size).toBeLessThan(BUNDLE_MAX_BYTES);
});

test('the function reads its secret, tells an alarm on both channels and lets no secret out, its own included', async () => {
  const { invoke, lines, printed } = started(CONFIGURED);
  expect(await invoke()).toEqual({ kind: 'response', payload: null });
  const all = await lines(3);
  expect(all.map((line) => line['event'])).toEqual(['notify_started', 'notification_sent', 'notification_sent']);
  expect(all.flatMap(faultsOf)).toEqual([]);
  expect(all[0]).toMatchObject({ channels: ['email', 'webhook'] });
  const told = aws.asked.filter(({ action }) => action === 'Publish' || action === HOOK);
  expect(told).toHaveLength(2);
  for (const secret of ['very-secret-path', 'session-token-of-lambda'])
    expect(JSON.stringify([told.map(({ input }) => input), printed])).not.toContain(secret);
});

test.each([
  ['is not there', { status: 400, body: { __type: 'ResourceNotFoundException' } }, 'ResourceNotFoundException'],
  ['holds no address', { body: { SecretString: 'nonsense-and-secret' } }, 'WEBHOOK_URL'],
] as const)(
  'a webhook whose secret %s fails alone, is said and tried again; the alarm goes out by e-mail',
  async (_, answer, said) => {
    const good = secret;
    secret = () => answer;
    const { invoke, lines, printed } = started(CONFIGURED);
    expect(await invoke()).toMatchObject({ kind: 'function_error' });
    const [first, ...both] = await lines(3);
    expect(first).toMatchObject({ event: 'notify_started', channels: ['email', 'webhook'] });
    expect(both.map((line) => [line['event'], line['channel']]).sort()).toEqual([
      ['notification_failed', 'webhook'],
      ['notification_sent', 'email'],
    ]);
    const failed = both.find((line) => line['event'] === 'notification_failed')!;
    expect(failed['exception_msg']).toContain(said);
    expect(faultsOf(failed)).toEqual([]);
    expect(aws.actions()).toContain('Publish');

    secret = good;
    expect(await invoke()).toEqual({ kind: 'response', payload: null });
    expect(aws.actions().filter((action) => action === 'Publish' || action === HOOK)).toEqual(['Publish', HOOK]);
    for (const word of ['nonsense-and-secret', 'very-secret-path']) expect(printed.join()).not.toContain(word);
  },
);

test('a function that nobody configured says every fault and does not start', async () => {
  const { invoke, lines } = started({ LOG_GROUPS: '{"streamer":""}', WEBHOOK_URL: 'nonsense-and-secret' });
  expect(await invoke()).not.toMatchObject({ kind: 'response' });
  const [refused] = await lines(1);
  expect(refused).toMatchObject({ event: 'notify_refused', level: 'CRITICAL' });
  const faults = refused!['faults'] as readonly string[];
  expect(new Set(faults.map((fault) => fault.split(/[.:]/)[0]))).toEqual(
    new Set(['TOPIC_ARN', 'STAGE', 'ALARM_PREFIX', 'LOG_GROUPS', 'WEBHOOK_URL']),
  );
  expect(JSON.stringify(faults)).not.toContain('nonsense-and-secret');
});
