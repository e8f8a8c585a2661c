import type { StreamerEnv } from '../../core/contract/streamer-env.ts';
import type { SessionPlan } from './state.ts';
import { isUnfiltered } from './turn.ts';

const CONNECT_TIMEOUT_MS = 15_000;
const CLOSE_TIMEOUT_MS = 3_000;

/**
 * Cuts the market list into connections. Channels that the exchange does not filter by market are the first's alone; a
 * connection without a channel is not made.
 */
export function plansOf(env: StreamerEnv, version: string): readonly SessionPlan[] {
  const markets = [...new Set(env.MARKETS)];
  const shares: (readonly string[])[] = [];
  for (let at = 0; at < markets.length; at += env.MARKETS_PER_CONNECTION) {
    shares.push(markets.slice(at, at + env.MARKETS_PER_CONNECTION));
  }
  if (shares.length === 0) shares.push([]);
  const plans = shares.map((share, connection) => ({
    connection,
    url: env.KALSHI_WS_URL,
    channels: env.CHANNELS.filter((channel) => connection === 0 || !isUnfiltered(channel)),
    markets: share,
    use_yes_price: env.USE_YES_PRICE,
    version,
    deadSocket_us: env.DEAD_SOCKET_SECONDS * 1e6,
    dataSilence_us: env.DATA_SILENCE_SECONDS * 1e6,
    replyTimeout_us: env.REPLY_TIMEOUT_SECONDS * 1e6,
    connectTimeout_us: CONNECT_TIMEOUT_MS * 1_000,
    closeTimeout_us: CLOSE_TIMEOUT_MS * 1_000,
    backoffBase_ms: env.RECONNECT_BASE_MS,
    backoffMax_ms: env.RECONNECT_MAX_MS,
    backoffRefused_ms: env.RECONNECT_REFUSED_MS,
  }));
  return plans.filter(({ channels }) => channels.length > 0);
}
