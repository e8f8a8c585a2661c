import { describe, expect, test } from 'vitest';
import { parseEnvironment } from '../../../core/contract/environment.ts';
import { streamerEnv } from '../../../core/contract/streamer-env.ts';
import { VERSION } from '../../../core/contract/version.ts';
import { EVENTS } from '../../../core/logging/events.ts';
import { instanceType } from '../../../ecs/log/instance-type.ts';
import { startupConfig } from '../../../ecs/log/startup-config.ts';

const FACTS = { node_version: 'v24', instance_type: 'local', previous_run: 'clean' };
const config = (env: Readonly<Record<string, string>> = {}) =>
  startupConfig(
    parseEnvironment('streamer', streamerEnv, {
      KALSHI_API_KEY_ID: 'key-id-1',
      KALSHI_PRIVATE_KEY: 'pem-of-a-key',
      MARKETS: 'A,B,C,D,E,F,G',
      ...env,
    }),
    FACTS,
  );

describe('startup_config', () => {
  test('has all that its event names and nothing else', () => {
    expect(Object.keys(config()).sort()).toEqual([...EVENTS.startup_config.fields].sort());
  });

  test('says what the streamer was told', () => {
    const told = config({
      KALSHI_WS_URL: 'wss://exchange.example/trade-api/ws/v2?token=hunter2',
      GIT_COMMIT: 'c7f9fb5',
      CLICKHOUSE_URL: 'https://tape:hunter2@ch.example:8443',
      CLICKHOUSE_DATABASE: 'kalshi',
      CLICKHOUSE_USER: 'tape',
      LOG_FILE: '/var/log/tape.log',
    });
    expect(told).toMatchObject({
      ...FACTS,
      version: VERSION,
      git_commit: 'c7f9fb5',
      ws_url: 'wss://exchange.example/trade-api/ws/v2',
      markets: 7,
      market_tickers: ['A', 'B', 'C', 'D', 'E'],
      ch_url: 'https://ch.example:8443',
      ch_database: 'kalshi',
      ch_user: 'tape',
      log_level: 'INFO',
      log_file: '/var/log/tape.log',
      log_file_max_mb: 100,
    });
    expect(JSON.stringify(told)).not.toMatch(/hunter2|pem-of-a-key|key-id-1/);
  });
});

describe('the instance type', () => {
  const nothing = { INSTANCE_TYPE: '', ECS_CONTAINER_METADATA_URI_V4: '', AWS_EXECUTION_ENV: '' };
  const never = 'http://127.0.0.1:9';

  test('is what the environment says', async () => {
    const hints = { ...nothing, INSTANCE_TYPE: 'c7g.large', AWS_EXECUTION_ENV: 'AWS_ECS_EC2' };
    expect(await instanceType(hints, never)).toBe('c7g.large');
  });

  test('is local where nothing says AWS, and nobody is asked', async () => {
    expect(await instanceType(nothing, 'not even an address')).toBe('local');
  });
});
