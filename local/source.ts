import { generateKeyPairSync } from 'node:crypto';
import { z } from 'zod';
import { ConfigurationError } from '../core/contract/environment.ts';
import { type Channel, MARKETS_PER_CONNECTION_MAX } from '../core/contract/streamer-env.ts';
import { inspectReplay } from './exchange/replay.ts';
import type { ExchangeOptionsInput } from './exchange/options.ts';
import type { StartOptions } from './options.ts';

/** What is recorded, and how the streamer gets at it. */
export interface Source {
  /** Undefined: an exchange that is not ours. */
  readonly simulator: ExchangeOptionsInput | undefined;
  readonly wsUrl: string | undefined;
  readonly restUrl: string | undefined;
  readonly keyId: string;
  /** PEM; undefined where it is read from KALSHI_PRIVATE_KEY_PATH. */
  readonly privateKey: string | undefined;
  readonly privateKeyPath: string | undefined;
  /** Empty: to be asked of the exchange. */
  readonly markets: readonly string[];
  readonly channels: readonly Channel[];
}

const KALSHI_WS = 'wss://external-api-ws.kalshi.com/trade-api/ws/v2';
const KALSHI_REST = 'https://external-api.kalshi.com/trade-api/v2';
const ALL_CHANNELS: readonly Channel[] = ['orderbook_delta', 'trade', 'ticker', 'market_lifecycle_v2'];

const SIMULATED_MARKETS = 200;
const SIMULATED_RATE = 200;
/** A replay without --for and --rate. */
const REPLAY_RATE = 500;
/** The part of a run that a replay takes: connecting comes before, draining behind. */
const REPLAY_SHARE = 0.75;
/** Markets recorded of an exchange that was not told which. */
const DISCOVERED_MARKETS = 200;
const DISCOVERY_TIMEOUT_MS = 10_000;

export async function sourceOf(options: StartOptions, env: NodeJS.ProcessEnv): Promise<Source> {
  if (options.live || options.exchange !== undefined) return foreignSource(options, env);
  const key = throwawayKey();
  const replay = options.replay === undefined ? undefined : await inspectReplay(options.replay);
  const replayed = replay?.channels.length === 0 ? (['trade'] as const) : replay?.channels;
  return {
    simulator: {
      keys: { [key.keyId]: key.publicKey },
      ...(options.markets.length > 0 ? { markets: options.markets } : { marketCount: SIMULATED_MARKETS }),
      ...(options.replay === undefined
        ? { rate: options.rate ?? SIMULATED_RATE }
        : { replay: { file: options.replay, ...pace(options) } }),
    },
    wsUrl: undefined,
    restUrl: undefined,
    keyId: key.keyId,
    privateKey: key.privateKey,
    privateKeyPath: undefined,
    // One connection plays the tape: markets beyond it would be another's, which would wait for a tape of its own.
    markets:
      options.markets.length > 0 ? options.markets : (replay?.tickers.slice(0, MARKETS_PER_CONNECTION_MAX) ?? []),
    channels: options.channels ?? replayed ?? ALL_CHANNELS,
  };
}

/** Open markets, asked of the exchange's REST address. */
export async function discoverMarkets(restUrl: string): Promise<readonly string[]> {
  const url = `${restUrl}/markets?status=open&limit=${DISCOVERED_MARKETS}`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(DISCOVERY_TIMEOUT_MS) });
  if (!answer.ok) throw new Error(`the list of markets was not got: HTTP ${answer.status}; name them with --markets`);
  const { markets } = listing.parse(await answer.json());
  return markets.map(({ ticker }) => ticker);
}

const listing = z.object({ markets: z.array(z.object({ ticker: z.string() })) });

function pace({ rate, for: seconds }: StartOptions) {
  if (rate !== undefined) return { rate };
  return seconds === undefined ? { rate: REPLAY_RATE } : { duration_sec: seconds * REPLAY_SHARE };
}

function foreignSource(options: StartOptions, env: NodeJS.ProcessEnv): Source {
  const wsUrl = options.exchange ?? KALSHI_WS;
  const restUrl = options.rest ?? (options.live ? KALSHI_REST : loopbackRest(wsUrl));
  const keyId = env['KALSHI_API_KEY_ID'];
  const privateKey = env['KALSHI_PRIVATE_KEY'];
  const privateKeyPath = env['KALSHI_PRIVATE_KEY_PATH'];
  const isKeyed = keyId !== undefined && (privateKey !== undefined || privateKeyPath !== undefined);
  if (!isKeyed && !isLoopback(wsUrl)) {
    throw new ConfigurationError('npm start', [
      'KALSHI_API_KEY_ID and KALSHI_PRIVATE_KEY_PATH (or KALSHI_PRIVATE_KEY) are required: the exchange signs in every connection',
    ]);
  }
  const channels = options.channels ?? ALL_CHANNELS;
  if (options.markets.length === 0 && restUrl === undefined && channels.includes('orderbook_delta')) {
    throw new ConfigurationError('npm start', ['--markets or --rest is required: books are subscribed by market']);
  }
  const key = isKeyed ? undefined : throwawayKey();
  return {
    simulator: undefined,
    wsUrl,
    restUrl,
    keyId: keyId ?? key?.keyId ?? '',
    privateKey: key?.privateKey ?? privateKey,
    privateKeyPath,
    markets: options.markets,
    channels,
  };
}

function throwawayKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { keyId: 'throwaway-key', privateKey, publicKey };
}

function isLoopback(url: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
}

/** A simulator elsewhere on this machine serves REST on the same port. */
function loopbackRest(wsUrl: string): string | undefined {
  return isLoopback(wsUrl) ? `http://${new URL(wsUrl).host}/trade-api/v2` : undefined;
}
