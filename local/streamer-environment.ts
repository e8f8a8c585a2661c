import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DEFAULT_DATABASE } from '../core/contract/names.ts';
import { STREAMER_PROCESS_ENV } from '../core/contract/runtime.ts';
import { MARKETS_PER_CONNECTION_MAX, WAIT_MAX_SECONDS } from '../core/contract/streamer-env.ts';
import type { Source } from './source.ts';

/** The engine in process knows no other. */
const LOCAL_USER = 'default';
/** How long the local streamer may be silent: the status line lives on its heartbeats. */
const HEARTBEAT_SECONDS = 1;
/**
 * A tape is played to one connection, whole, and nobody answers its commands: what the streamer asks for in a repair stands
 * on the tape already, or never comes. It is to wait, not to give the connection up.
 */
const REPLAY_ENV = {
  MARKETS_PER_CONNECTION: String(MARKETS_PER_CONNECTION_MAX),
  REPLY_TIMEOUT_SECONDS: String(WAIT_MAX_SECONDS),
  DATA_SILENCE_SECONDS: String(WAIT_MAX_SECONDS),
};

/** In a file: a list may be longer than a variable, and a recorded ticker may hold what a variable cannot. Undefined: no list. */
export async function writeMarkets(markets: readonly string[], dataDir: string): Promise<string | undefined> {
  if (markets.length === 0) return undefined;
  const path = resolve(dataDir, 'markets.txt');
  await writeFile(path, markets.map((ticker) => `${ticker}\n`).join(''));
  return path;
}

interface Surroundings {
  readonly source: Source;
  readonly dataDir: string;
  readonly wsUrl: string;
  readonly kinesisEndpoint: string;
  readonly marketsPath: string | undefined;
}

/** What the streamer is told on this machine. ClickHouse's names are for its startup_config alone: it never asks it. */
export function localStreamerEnvironment({ source, dataDir, wsUrl, kinesisEndpoint, marketsPath }: Surroundings) {
  return {
    PATH: process.env['PATH'],
    ...STREAMER_PROCESS_ENV,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    KINESIS_ENDPOINT: kinesisEndpoint,
    KALSHI_WS_URL: wsUrl,
    KALSHI_API_KEY_ID: source.keyId,
    KALSHI_PRIVATE_KEY: source.privateKey,
    KALSHI_PRIVATE_KEY_PATH: source.privateKeyPath,
    MARKETS_PATH: marketsPath,
    CHANNELS: source.channels.join(','),
    SPOOL_DIR: resolve(dataDir, 'spool'),
    HEARTBEAT_SECONDS: String(HEARTBEAT_SECONDS),
    ...(source.simulator?.replay === undefined ? {} : REPLAY_ENV),
    CLICKHOUSE_DATABASE: DEFAULT_DATABASE,
    CLICKHOUSE_USER: LOCAL_USER,
  };
}
