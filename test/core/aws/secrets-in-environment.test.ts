import { describe, expect, test } from 'vitest';
import { type SecretPorts, withSecrets } from '../../../core/aws/secrets-in-environment.ts';
import { ConfigurationError } from '../../../core/contract/environment.ts';
import { Redactor } from '../../../core/logging/redact.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:tape/clickhouse';
const ENV = {
  CLICKHOUSE_URL: 'https://clickhouse.test:8443',
  CLICKHOUSE_PASSWORD_SECRET: ARN,
  AWS_ACCESS_KEY_ID: 'AKIATEST',
  AWS_SECRET_ACCESS_KEY: 'secret-key',
  AWS_SESSION_TOKEN: 'session-token',
};

type Answer = { readonly status: number; readonly body: string } | Error;

/** Answers in their order, time that passes only in waits, and what was asked. */
function scripted(...answers: readonly Answer[]) {
  const asked: { url: string; headers: Record<string, string>; body: string }[] = [];
  let now_ms = 0;
  const ports: SecretPorts = {
    fetch: (url, { headers, body }) => {
      asked.push({ url, headers, body });
      const answer = answers[asked.length - 1] ?? new Error('asked once too often');
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve({ status: answer.status, text: () => Promise.resolve(answer.body) });
    },
    clock: {
      now: () => now_ms,
      sleep: (ms) => {
        now_ms += ms;
        return Promise.resolve();
      },
    },
    wall_ms: () => Date.parse('2026-11-23T10:00:00Z'),
    random: () => 0.5,
  };
  return { ports, asked };
}

const found = (text: string): Answer => ({ status: 200, body: JSON.stringify({ ARN, SecretString: text }) });
const refused = (status: number, type: string): Answer => ({ status, body: JSON.stringify({ __type: type }) });

describe('a variable whose secret is named', () => {
  test('becomes the secret’s text, the newline of a file cut off; the others stay', async () => {
    const { ports, asked } = scripted(found('p4ss=word \n'));
    const env = await withSecrets(['CLICKHOUSE_PASSWORD'], ENV, ports);
    expect(env).toEqual({ ...ENV, CLICKHOUSE_PASSWORD: 'p4ss=word ' });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      url: 'https://secretsmanager.eu-west-1.amazonaws.com/',
      body: JSON.stringify({ SecretId: ARN }),
      headers: { 'x-amz-target': 'secretsmanager.GetSecretValue', 'x-amz-security-token': 'session-token' },
    });
    expect(asked[0]?.headers['authorization']).toContain('/eu-west-1/secretsmanager/aws4_request');
  });

  test('is asked for where the environment says so', async () => {
    const { ports, asked } = scripted(found('x'));
    const here = { ...ENV, AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:4599' };
    await withSecrets(['CLICKHOUSE_PASSWORD'], here, ports);
    expect(asked[0]?.url).toBe('http://127.0.0.1:4599/');
  });

  test.each([
    ['a throttled', refused(400, 'ThrottlingException')],
    ['a broken', refused(500, 'InternalServiceError')],
    ['a lost', Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } })],
  ])('is asked for again after %s answer', async (_, answer) => {
    const { ports, asked } = scripted(answer, found('later'));
    const env = await withSecrets(['CLICKHOUSE_PASSWORD'], ENV, ports);
    expect(env['CLICKHOUSE_PASSWORD']).toBe('later');
    expect(asked).toHaveLength(2);
  });

  test.each([
    ['a secret that is not there', 'ResourceNotFoundException'],
    ['a role that may not', 'AccessDeniedException'],
  ])('is a fault, asked for once, with %s', async (_, type) => {
    const { ports, asked } = scripted(refused(400, `com.amazonaws#${type}`));
    expect(await faultsOf(withSecrets(['CLICKHOUSE_PASSWORD'], ENV, ports))).toEqual([
      expect.stringMatching(
        new RegExp(`^CLICKHOUSE_PASSWORD_SECRET was not read: HTTP 400: Secrets Manager refused: ${type},`),
      ),
    ]);
    expect(asked).toHaveLength(1);
  });

  test('is a fault that shows nothing of a binary secret', async () => {
    const answer = { status: 200, body: JSON.stringify({ SecretBinary: 'aHVzaA==' }) };
    const faults = await faultsOf(withSecrets(['CLICKHOUSE_PASSWORD'], ENV, scripted(answer, answer).ports));
    expect(faults).toHaveLength(1);
    expect(faults.join()).not.toContain('aHVzaA');
  });

  test('is a fault without credentials and with what is no ARN; nobody is asked', async () => {
    const { ports, asked } = scripted();
    const twice = { ...ENV, AWS_SECRET_ACCESS_KEY: undefined, WEBHOOK_URL_SECRET: 'tape/webhook' };
    expect(await faultsOf(withSecrets(['CLICKHOUSE_PASSWORD', 'WEBHOOK_URL'], twice, ports))).toHaveLength(2);
    expect(asked).toEqual([]);
  });
});

test('without a secret’s name nobody is asked and the variable stays what it is', async () => {
  const { ports, asked } = scripted();
  const env = { CLICKHOUSE_PASSWORD: 'given', CLICKHOUSE_PASSWORD_SECRET: ' ' };
  expect(await withSecrets(['CLICKHOUSE_PASSWORD'], env, ports)).toEqual(env);
  expect(asked).toEqual([]);
});

async function faultsOf(reading: Promise<unknown>): Promise<readonly string[]> {
  const thrown: unknown = await reading.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(ConfigurationError);
  const { faults } = thrown as ConfigurationError;
  // A log's last guard leaves them as they are: they are what its reader needs.
  expect(faults.map((fault) => new Redactor([]).clean(fault))).toEqual(faults);
  return faults;
}
