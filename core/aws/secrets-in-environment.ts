import { z } from 'zod';
import { ConfigurationError } from '../contract/environment.ts';
import { BACKOFF_POLICIES, type BackoffPolicy } from '../failure/backoff.ts';
import type { Failure } from '../failure/failure.ts';
import { retry, RetryError, type Clock } from '../failure/retry.ts';
import { type AwsCredentials, signRequest } from './sign-request.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What is needed to ask Secrets Manager. */
export interface SecretPorts {
  readonly fetch: (
    url: string,
    request: { method: 'POST'; headers: Record<string, string>; body: string; signal: AbortSignal },
  ) => Promise<{ readonly status: number; text(): Promise<string> }>;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wall_ms: () => number;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
}

/** Lambda gives a start ten seconds. */
const BUDGET_MS = 8_000;
const ATTEMPTS = 4;
const ATTEMPT_TIMEOUT_MS = 3_000;
const ANSWER_MAX_CHARS = 131_072;

const answerSchema = z.object({ SecretString: z.string() });
const errorSchema = z.object({ __type: z.string() });

/**
 * The environment in which each named variable X is set to the text of the secret whose ARN is in `X_SECRET`, without a
 * newline at its end. Where there is no `X_SECRET` nothing is asked and X stays what it is. The program's schema parses the
 * result as it would any environment. Throws ConfigurationError naming every secret that could not be read, never its text.
 */
export async function withSecrets(
  names: readonly string[],
  env: Environment,
  ports: SecretPorts,
): Promise<Environment> {
  const faults: string[] = [];
  const found = await Promise.all(
    names.map(async (name): Promise<Environment> => {
      const arn = (env[`${name}_SECRET`] ?? '').trim();
      if (arn === '') return {};
      try {
        return { [name]: await secretText(arn, env, ports) };
      } catch (error) {
        // No colon behind the name: what follows one behind `_SECRET` or `_PASSWORD` is hidden in a log.
        faults.push(`${name}_SECRET was not read: ${error instanceof Error ? error.message : 'nobody knows why'}`);
        return {};
      }
    }),
  );
  if (faults.length > 0) throw new ConfigurationError('program', faults);
  return Object.assign({}, env, ...found) as Environment;
}

async function secretText(arn: string, env: Environment, ports: SecretPorts): Promise<string> {
  const [, , service, region] = arn.split(':');
  if (service !== 'secretsmanager' || region === undefined) throw new Error('what it holds is no ARN of a secret');
  const credentials = credentialsOf(env);
  if (credentials === undefined) throw new Error('there are no AWS credentials');
  const url = new URL(env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] ?? `https://secretsmanager.${region}.amazonaws.com/`);
  const { clock, random } = ports;
  try {
    return await retry(({ remainingMs }) => ask(arn, { url, region, credentials, remainingMs, ports }), {
      task: 'reading it',
      attempts: ATTEMPTS,
      budgetMs: BUDGET_MS,
      policyOf,
      clock,
      random,
    });
  } catch (error) {
    if (!(error instanceof RetryError)) throw error;
    const { failure, attempts } = error;
    throw new Error(`${failure.reason}, after ${attempts} attempt(s)`, { cause: error });
  }
}

/** What Secrets Manager refuses it refuses again, unless it was asked too often; a start has no time for long waits. */
function policyOf(failure: Failure): BackoffPolicy {
  const { class: kind, httpStatus = 0 } = failure;
  const isRefused = httpStatus >= 400 && httpStatus < 500 && kind !== 'overload';
  return isRefused ? BACKOFF_POLICIES.no : BACKOFF_POLICIES.short;
}

interface Question {
  readonly url: URL;
  readonly region: string;
  readonly credentials: AwsCredentials;
  readonly remainingMs: number;
  readonly ports: SecretPorts;
}

async function ask(arn: string, { url, region, credentials, remainingMs, ports }: Question): Promise<string> {
  const body = JSON.stringify({ SecretId: arn });
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.GetSecretValue' };
  const request = { method: 'POST', url, headers, body, region, service: 'secretsmanager' } as const;
  const signed = signRequest(request, credentials, ports.wall_ms());
  const signal = AbortSignal.timeout(Math.min(ATTEMPT_TIMEOUT_MS, remainingMs));
  const answer = await ports.fetch(url.href, { method: 'POST', headers: signed, body, signal });
  const text = (await answer.text()).slice(0, ANSWER_MAX_CHARS);
  if (answer.status !== 200) throw refusalOf(answer.status, text);
  const parsed = answerSchema.safeParse(readJson(text));
  if (!parsed.success) throw new Error('the answer holds no text: is the secret binary?');
  return parsed.data.SecretString.replace(/\r?\n$/, '');
}

/** `__type` is `ResourceNotFoundException`, or the same behind a prefix and #. The message may name the ARN, no more. */
function refusalOf(statusCode: number, text: string): Error {
  const parsed = errorSchema.safeParse(readJson(text));
  const name = parsed.success ? (parsed.data.__type.split('#').at(-1) ?? '') : 'UnknownAnswer';
  return Object.assign(new Error(`Secrets Manager refused: ${name}`), { name, statusCode });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function credentialsOf(env: Environment): AwsCredentials | undefined {
  const accessKeyId = env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'];
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, sessionToken: env['AWS_SESSION_TOKEN'] };
}
