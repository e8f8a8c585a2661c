import { expect, test } from 'vitest';
import { type ConfigurationError, parseEnvironment } from '../../../core/contract/environment.ts';
import { DEFAULT_DATABASE } from '../../../core/contract/names.ts';
import { probeEnv } from '../../../core/contract/probe-env.ts';

const parse = (env: Readonly<Record<string, string>>) =>
  parseEnvironment('probe', probeEnv, { CLICKHOUSE_URL: 'http://127.0.0.1:8123', ...env });

test('the probe needs ClickHouse’s address and has a default for all else', () => {
  const { CLICKHOUSE_PASSWORD, ...others } = parse({});
  expect(CLICKHOUSE_PASSWORD.reveal()).toBe('');
  expect(others).toEqual({
    CLICKHOUSE_URL: 'http://127.0.0.1:8123',
    CLICKHOUSE_DATABASE: DEFAULT_DATABASE,
    CLICKHOUSE_USER: 'default',
    PROBE_TIMEOUT_MS: 10_000,
    LOG_LEVEL: 'INFO',
    GIT_COMMIT: '',
  });
});

test('the probe’s password cannot be printed by mistake', () => {
  const env = parse({ CLICKHOUSE_PASSWORD: 'open sesame' });
  expect(env.CLICKHOUSE_PASSWORD.reveal()).toBe('open sesame');
  expect(JSON.stringify(env)).not.toContain('sesame');
});

test('the probe tells every fault of its environment at once', () => {
  const wrong = {
    CLICKHOUSE_URL: 'tcp://h:9000',
    CLICKHOUSE_DATABASE: 'a-b',
    PROBE_TIMEOUT_MS: '60000',
    LOG_LEVEL: '?',
  };
  let faults: readonly string[] = [];
  try {
    parse(wrong);
  } catch (error) {
    ({ faults } = error as ConfigurationError);
  }
  expect(faults.map((fault) => fault.split(':')[0]).sort()).toEqual(Object.keys(wrong).sort());
});
