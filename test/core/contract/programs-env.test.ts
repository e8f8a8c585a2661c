import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ConfigurationError, parseEnvironment } from '../../../core/contract/environment.ts';
import { BLOCK_MAX_ENTRIES, BLOCK_MAX_RAW_BYTES } from '../../../core/contract/limits.ts';
import { DEFAULT_DATABASE, DEFAULT_STREAM_NAME } from '../../../core/contract/names.ts';
import { sinkEnv } from '../../../core/contract/sink-env.ts';
import { CHANNELS, marketLines, streamerEnv, WAIT_MAX_SECONDS } from '../../../core/contract/streamer-env.ts';
import { Redactor } from '../../../core/logging/redact.ts';
import { Secret } from '../../../core/logging/secret.ts';

type Env = Readonly<Record<string, string | undefined>>;

const STREAMER: Env = { KALSHI_API_KEY_ID: 'key-1', KALSHI_PRIVATE_KEY: 'pem', MARKETS: 'A,B' };
const SINK: Env = { CLICKHOUSE_URL: 'http://127.0.0.1:8123' };
const streamer = (env: Env) => parseEnvironment('streamer', streamerEnv, { ...STREAMER, ...env });
const sink = (env: Env) => parseEnvironment('sink', sinkEnv, { ...SINK, ...env });

/** The variables that have a fault. */
function faulty(parse: () => unknown): string[] {
  try {
    parse();
    return [];
  } catch (error) {
    const { faults } = error as ConfigurationError;
    // The log's last guard hides none of them.
    expect(faults.map((fault) => new Redactor([]).clean(fault))).toEqual(faults);
    return faults.map((fault) => fault.split(':')[0]!.split('.')[0]!).sort();
  }
}

describe('the streamer’s environment', () => {
  test('needs a key and markets, and has a default for all else', () => {
    expect(streamer({})).toMatchObject({
      KALSHI_WS_URL: 'wss://external-api-ws.kalshi.com/trade-api/ws/v2',
      KALSHI_API_KEY_ID: 'key-1',
      MARKETS: ['A', 'B'],
      CHANNELS: ['orderbook_delta', 'trade', 'ticker', 'market_lifecycle_v2'],
      USE_YES_PRICE: false,
      STREAM_NAME: DEFAULT_STREAM_NAME,
      FLUSH_SECS_THRESHOLD: 1,
      LOG_LEVEL: 'INFO',
      LOG_FILE: '',
      LOG_FILE_LEVEL: 'DEBUG',
      LOG_FILE_MAX_MB: 100,
      LOG_FRAMES_EVERY: 1,
      HEALTH_FILE: '',
      INSTANCE_TYPE: '',
      GIT_COMMIT: '',
      CLICKHOUSE_URL: '',
      CLICKHOUSE_DATABASE: '',
      CLICKHOUSE_USER: '',
    });
  });

  test('holds its secret as a type: nothing that prints the environment prints it', () => {
    const env = streamer({
      KALSHI_PRIVATE_KEY: 'a-pem-of-a-key',
      CLICKHOUSE_URL: 'https://tape:hunter2@ch.example:8443/x?p=y',
    });
    expect(env.KALSHI_PRIVATE_KEY).toBeInstanceOf(Secret);
    expect(env.KALSHI_PRIVATE_KEY?.reveal()).toBe('a-pem-of-a-key');
    for (const shown of [
      JSON.stringify(env),
      inspect(env, { depth: 9, showHidden: true }),
      Object.values(env).join(),
    ]) {
      expect(shown).not.toMatch(/a-pem-of-a-key|hunter2/);
    }
  });

  test('knows ClickHouse’s address to tell it, without credentials, and starts whatever is written there', () => {
    const told = (CLICKHOUSE_URL: string) => streamer({ CLICKHOUSE_URL }).CLICKHOUSE_URL;
    expect(told('https://tape:hunter2@ch.example:8443/?user=x')).toBe('https://ch.example:8443');
    expect(told('ch.example:8443 hunter2')).toBe('unreadable');
    expect(told('hunter2')).toBe('unreadable');
  });

  test('bounds what the log may take', () => {
    const wrong = { LOG_FILE_LEVEL: 'TRACE', LOG_FILE_MAX_MB: '0.5', LOG_FRAMES_EVERY: '0' };
    expect(faulty(() => streamer(wrong))).toEqual(Object.keys(wrong).sort());
  });

  test('tells of all that is missing at once', () => {
    expect(faulty(() => parseEnvironment('streamer', streamerEnv, {}))).toEqual([
      'KALSHI_API_KEY_ID',
      'KALSHI_PRIVATE_KEY',
      'MARKETS',
    ]);
  });

  test('takes the private key as text or as a file', () => {
    expect(faulty(() => streamer({ KALSHI_PRIVATE_KEY: undefined, KALSHI_PRIVATE_KEY_PATH: '/run/key.pem' }))).toEqual(
      [],
    );
    expect(faulty(() => streamer({ KALSHI_PRIVATE_KEY: undefined }))).toEqual(['KALSHI_PRIVATE_KEY']);
  });

  test('needs markets for books only', () => {
    expect(streamer({ MARKETS: '', CHANNELS: 'trade,ticker' })).toMatchObject({
      MARKETS: [],
      CHANNELS: ['trade', 'ticker'],
    });
    expect(faulty(() => streamer({ MARKETS: ' , ', CHANNELS: 'trade,orderbook_delta' }))).toEqual(['MARKETS']);
  });

  test('takes the markets as a list or as a file, not as both', () => {
    const file = { MARKETS: undefined, MARKETS_PATH: '/run/markets' };
    expect(streamer(file)).toMatchObject({ MARKETS: [], MARKETS_PATH: '/run/markets' });
    expect(faulty(() => streamer({ ...file, MARKETS: 'A' }))).toEqual(['MARKETS_PATH']);
  });

  test('reads a file of markets line by line, whatever a ticker holds', () => {
    expect(marketLines('A\r\n B,C \n\n  \nA\nD\0')).toEqual(['A', 'B,C', 'D\0']);
    expect(marketLines('\ufeffA\nB\n')).toEqual(['A', 'B']);
    expect(marketLines('\n')).toEqual([]);
  });

  test('can be told to wait longer than any run, and no longer', () => {
    for (const name of ['REPLY_TIMEOUT_SECONDS', 'DATA_SILENCE_SECONDS']) {
      expect(faulty(() => streamer({ [name]: String(WAIT_MAX_SECONDS) }))).toEqual([]);
      expect(faulty(() => streamer({ [name]: String(WAIT_MAX_SECONDS + 1) }))).toEqual([name]);
    }
  });

  test('takes a market or a channel that is named twice once: twice would be recorded twice', () => {
    expect(streamer({ MARKETS: 'A,B,A', CHANNELS: 'trade,trade' })).toMatchObject({
      MARKETS: ['A', 'B'],
      CHANNELS: ['trade'],
    });
  });

  test('takes the channels of market data and no others', () => {
    expect(streamer({ CHANNELS: CHANNELS.join(',') }).CHANNELS).toEqual([...CHANNELS]);
    for (const channel of ['fill', 'user_orders', 'ticker_v2', 'trade;ticker', ',']) {
      expect(faulty(() => streamer({ CHANNELS: channel }))).toEqual(['CHANNELS']);
    }
  });

  test('cuts a secret’s newline off the key id, which goes into a header', () => {
    expect(streamer({ KALSHI_API_KEY_ID: 'key-1\n' }).KALSHI_API_KEY_ID).toBe('key-1');
    expect(faulty(() => streamer({ KALSHI_API_KEY_ID: 'key 1\r\nX: y' }))).toEqual(['KALSHI_API_KEY_ID']);
  });

  test('takes WebSocket addresses without credentials', () => {
    for (const url of ['ws://127.0.0.1:8080/x', 'wss://demo-api.kalshi.co/trade-api/ws/v2']) {
      expect(streamer({ KALSHI_WS_URL: url }).KALSHI_WS_URL).toBe(url);
    }
    for (const url of ['https://h/x', 'h', 'wss://user@h/x', 'wss://:pass@h/x', 'wss://']) {
      expect(faulty(() => streamer({ KALSHI_WS_URL: url }))).toEqual(['KALSHI_WS_URL']);
    }
  });

  test('takes an HTTP address for Kinesis', () => {
    expect(streamer({ KINESIS_ENDPOINT: 'http://127.0.0.1:4567' }).KINESIS_ENDPOINT).toBe('http://127.0.0.1:4567');
    expect(faulty(() => streamer({ KINESIS_ENDPOINT: 'localhost:4567' }))).toEqual(['KINESIS_ENDPOINT']);
  });

  test('takes a recorder’s name that is safe in a block id and a path', () => {
    expect(streamer({ RECORDER_ID: 'eu-1_a.b' }).RECORDER_ID).toBe('eu-1_a.b');
    for (const RECORDER_ID of ['a b', 'a/b', 'a:b', 'x'.repeat(65)])
      expect(faulty(() => streamer({ RECORDER_ID }))).toEqual(['RECORDER_ID']);
  });

  test('cannot ask for a block larger than a block may be', () => {
    expect(faulty(() => streamer({ FLUSH_BYTES_THRESHOLD: String(BLOCK_MAX_RAW_BYTES) }))).toEqual([]);
    expect(faulty(() => streamer({ FLUSH_BYTES_THRESHOLD: String(BLOCK_MAX_RAW_BYTES + 1) }))).toEqual([
      'FLUSH_BYTES_THRESHOLD',
    ]);
    expect(faulty(() => streamer({ FLUSH_ROWS_THRESHOLD: String(BLOCK_MAX_ENTRIES + 1) }))).toEqual([
      'FLUSH_ROWS_THRESHOLD',
    ]);
  });

  test('does not take a blank for zero', () => {
    expect(streamer({ SPOOL_MAX_MB: ' ' }).SPOOL_MAX_MB).toBe(512);
  });

  test('shows no secret where all is wrong', () => {
    const secret = 'wrong s3cr3t';
    const env = Object.fromEntries(Object.keys(streamerEnv.shape).map((name) => [name, secret]));
    const faults = faulty(() => parseEnvironment('streamer', streamerEnv, env));
    expect(faults.length).toBeGreaterThan(20);
    expect(() => parseEnvironment('streamer', streamerEnv, env)).not.toThrow(/s3cr3t/);
    expect(() => parseEnvironment('streamer', streamerEnv, env)).toThrow(ConfigurationError);
  });
});

describe('the sink’s environment', () => {
  test('needs ClickHouse’s address and has a default for all else', () => {
    expect(sink({})).toEqual({
      CLICKHOUSE_URL: 'http://127.0.0.1:8123',
      CLICKHOUSE_DATABASE: DEFAULT_DATABASE,
      CLICKHOUSE_USER: 'default',
      CLICKHOUSE_PASSWORD: expect.any(Secret) as Secret,
      INSERT_TIMEOUT_MS: 20_000,
      INSERT_ATTEMPTS: 4,
      LOG_LEVEL: 'INFO',
      GIT_COMMIT: '',
    });
    expect(sink({}).CLICKHOUSE_PASSWORD.reveal()).toBe('');
    expect(sink({ CLICKHOUSE_PASSWORD: 'x' }).CLICKHOUSE_PASSWORD.reveal()).toBe('x');
    expect(faulty(() => parseEnvironment('sink', sinkEnv, {}))).toEqual(['CLICKHOUSE_URL']);
  });

  test('names every fault at once', () => {
    const env = {
      CLICKHOUSE_URL: 'tcp://h:9000',
      CLICKHOUSE_DATABASE: 'a-b',
      INSERT_TIMEOUT_MS: '1',
      INSERT_ATTEMPTS: '0',
      LOG_LEVEL: 'info',
    };
    expect(faulty(() => sink(env))).toEqual(Object.keys(env).sort());
  });

  test('takes a database that needs no quoting', () => {
    for (const CLICKHOUSE_DATABASE of ['kalshi', '_a1'])
      expect(sink({ CLICKHOUSE_DATABASE })).toMatchObject({ CLICKHOUSE_DATABASE });
    for (const name of ['1a', 'a.b', 'a;b', '`a`', 'a b'])
      expect(faulty(() => sink({ CLICKHOUSE_DATABASE: name }))).toEqual(['CLICKHOUSE_DATABASE']);
  });
});
