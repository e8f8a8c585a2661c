import { z } from 'zod';
import { Secret } from '../logging/secret.ts';
import { csv, flag, integerFrom, numberFrom, whenRead } from './environment.ts';
import { BLOCK_MAX_ENTRIES, BLOCK_MAX_RAW_BYTES } from './limits.ts';
import { DEFAULT_STREAM_NAME } from './names.ts';

/** Market-data channels a recorder may subscribe to; private channels are none of our business. */
export const CHANNELS = [
  'orderbook_delta',
  'trade',
  'ticker',
  'market_lifecycle_v2',
  'multivariate_market_lifecycle',
] as const;

export type Channel = (typeof CHANNELS)[number];

/** Markets of one connection: its markers name them all, and a marker has to fit a block. */
export const MARKETS_PER_CONNECTION_MAX = 10_000;

/** Ten years: a wait that no run sees the end of. In a replay nobody answers commands. */
export const WAIT_MAX_SECONDS = 315_360_000;

const level = z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']);
const secret = z.string().transform((text) => new Secret(text));
/** What is only told and never used: a fault in it must not keep the recorder from starting. */
const told = z.string().trim().default('');

/** The streamer's environment. Spans carry their unit in the name. */
export const streamerEnv = z
  .object({
    KALSHI_WS_URL: z
      .url({ protocol: /^wss?$/, abort: true })
      .refine((url) => new URL(url).username === '' && new URL(url).password === '', {
        error: 'must not hold credentials: the exchange takes a signature',
      })
      .default('wss://external-api-ws.kalshi.com/trade-api/ws/v2'),
    /** It goes into a header: printable ASCII. A secret's trailing newline is cut off. */
    KALSHI_API_KEY_ID: z
      .string()
      .trim()
      .regex(/^[\x21-\x7e]+$/),
    /** PEM text; `\n` may be written as two characters, as environment files do. */
    KALSHI_PRIVATE_KEY: secret.optional(),
    KALSHI_PRIVATE_KEY_PATH: z.string().optional(),
    MARKETS: csv.default([]),
    /** A file with a ticker a line, for more markets than a variable holds (Linux: 128 KiB). Read by `marketLines`. */
    MARKETS_PATH: z.string().optional(),
    CHANNELS: csv
      .pipe(z.array(z.enum(CHANNELS)).min(1))
      .default(['orderbook_delta', 'trade', 'ticker', 'market_lifecycle_v2']),
    /** Always sent explicitly: the exchange will flip its default. */
    USE_YES_PRICE: flag.default(false),
    MARKETS_PER_CONNECTION: integerFrom(1, MARKETS_PER_CONNECTION_MAX).default(1_000),
    RECORDER_ID: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/)
      .default('recorder-1'),

    STREAM_NAME: z.string().min(1).default(DEFAULT_STREAM_NAME),
    AWS_REGION: z.string().min(1).default('us-east-1'),
    /** Only for a Kinesis that is not AWS's: the local emulator. */
    KINESIS_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),

    FLUSH_ROWS_THRESHOLD: integerFrom(1, BLOCK_MAX_ENTRIES).default(5_000),
    FLUSH_BYTES_THRESHOLD: integerFrom(1_024, BLOCK_MAX_RAW_BYTES).default(1_572_864),
    FLUSH_SECS_THRESHOLD: numberFrom(0.01, 60).default(1),
    PUBLISH_QUEUE_MAX_MB: numberFrom(1, 1_024).default(16),
    PUBLISH_TIMEOUT_MS: integerFrom(50, 60_000).default(5_000),
    PUBLISH_ATTEMPTS: integerFrom(1, 20).default(4),
    SPOOL_DIR: z.string().min(1).default('spool'),
    SPOOL_MAX_MB: numberFrom(0, 1_000_000).default(512),

    HEARTBEAT_SECONDS: numberFrom(0.1, 3_600).default(30),
    /** The exchange pings every 10 s: this long without one byte means the socket is dead. */
    DEAD_SOCKET_SECONDS: numberFrom(0.2, 25).default(22),
    /** This long without data (pings alone) and the subscription is asked for a sign of life. */
    DATA_SILENCE_SECONDS: numberFrom(0.2, WAIT_MAX_SECONDS).default(120),
    REPLY_TIMEOUT_SECONDS: numberFrom(0.1, WAIT_MAX_SECONDS).default(10),
    RECONNECT_BASE_MS: integerFrom(1, 60_000).default(500),
    RECONNECT_MAX_MS: integerFrom(1, 600_000).default(30_000),
    /** After a refused key (401) or a throttled connection (429): never faster than this. */
    RECONNECT_REFUSED_MS: integerFrom(100, 3_600_000).default(30_000),
    SHUTDOWN_TIMEOUT_MS: integerFrom(100, 110_000).default(20_000),

    /** What stdout gets: this level and above, within the log's byte budget. */
    LOG_LEVEL: level.default('INFO'),
    /** Empty: no file. */
    LOG_FILE: told,
    LOG_FILE_LEVEL: level.default('DEBUG'),
    /** Over all generations of the file. */
    LOG_FILE_MAX_MB: numberFrom(1, 1_000_000).default(100),
    /** One frame in so many is logged, where somebody listens at DEBUG. */
    LOG_FRAMES_EVERY: integerFrom(1, 1_000_000_000).default(1),
    /** Touched while a connection lives, for the container's health check. Empty: none. */
    HEALTH_FILE: told,

    /** Empty: the metadata service is asked where there is one. */
    INSTANCE_TYPE: told,
    GIT_COMMIT: told,
    /** Set by the ECS agent; set in AWS's managed environments. */
    ECS_CONTAINER_METADATA_URI_V4: told,
    AWS_EXECUTION_ENV: told,
    /** Where the sink inserts: the streamer does not use it, its startup line says it. Credentials are cut off. */
    CLICKHOUSE_URL: told.transform(addressOf),
    CLICKHOUSE_DATABASE: told,
    CLICKHOUSE_USER: told,
  })
  .refine((env) => env.KALSHI_PRIVATE_KEY !== undefined || env.KALSHI_PRIVATE_KEY_PATH !== undefined, {
    path: ['KALSHI_PRIVATE_KEY'],
    error: 'is required (or KALSHI_PRIVATE_KEY_PATH)',
    when: whenRead('KALSHI_PRIVATE_KEY', 'KALSHI_PRIVATE_KEY_PATH'),
  })
  .refine((env) => env.MARKETS.length === 0 || env.MARKETS_PATH === undefined, {
    path: ['MARKETS_PATH'],
    error: 'goes without MARKETS: one list is recorded, not two',
    when: whenRead('MARKETS', 'MARKETS_PATH'),
  })
  .refine(
    (env) => !env.CHANNELS.includes('orderbook_delta') || env.MARKETS.length > 0 || env.MARKETS_PATH !== undefined,
    {
      path: ['MARKETS'],
      error: 'is required for orderbook_delta (or MARKETS_PATH): the exchange has no firehose of books',
      when: whenRead('CHANNELS', 'MARKETS', 'MARKETS_PATH'),
    },
  );

/** As read. Where MARKETS_PATH is given, MARKETS is still to be filled from that file. */
export type StreamerEnv = z.output<typeof streamerEnv>;

/** The tickers of a MARKETS_PATH file: one a line, each once, without the white space around them; blank lines are none. */
export function marketLines(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return [...new Set(lines.filter((line) => line !== ''))];
}

/** Scheme and host only; `unreadable` where it is no URL, for it may hold a secret all the same. */
function addressOf(text: string): string {
  if (text === '') return '';
  const url = URL.parse(text);
  return url === null || url.host === '' ? 'unreadable' : `${url.protocol}//${url.host}`;
}
