import type { Command } from '../../core/kalshi/commands.ts';
import type { Channel } from '../../core/contract/streamer-env.ts';
import type { MarkerOf } from '../../core/tape/marker.ts';
import { firstTickers } from '../../core/logging/event-log.ts';
import type { Live, Pending, SessionEffect, SessionPlan, StepContext } from './state.ts';

/** One step of a live session while it is being made: the state so far and what is to be done. */
export interface Turn {
  live: Live;
  readonly effects: SessionEffect[];
  readonly context: StepContext;
}

const NOTHING: ReadonlySet<string> = new Set();

export function update(turn: Turn, change: Partial<Live>): void {
  turn.live = { ...turn.live, ...change };
}

/** Channels that the exchange does not filter by market: one connection asks for them, for all. */
const UNFILTERED: readonly Channel[] = ['market_lifecycle_v2', 'multivariate_market_lifecycle'];

export function isUnfiltered(channel: Channel): boolean {
  return UNFILTERED.includes(channel);
}

export function marketsOf(plan: SessionPlan, channel: Channel | ''): readonly string[] {
  return channel !== '' && isUnfiltered(channel) ? [] : plan.markets;
}

export function subscribe(turn: Turn, channel: Channel, tries = 1): void {
  const { plan } = turn.context;
  const markets = marketsOf(plan, channel);
  const command: Command = {
    id: turn.live.nextId,
    cmd: 'subscribe',
    params: {
      channels: [channel],
      ...(markets.length === 0 ? {} : { market_tickers: [...markets] }),
      ...(channel === 'orderbook_delta' ? { use_yes_price: plan.use_yes_price } : {}),
      ...(channel === 'ticker' && markets.length > 0 ? { send_initial_snapshot: true } : {}),
    },
  };
  send(turn, command, { kind: 'subscribe', channel, tries, asked: NOTHING });
}

export function unsubscribe(turn: Turn, channel: Channel, sid: number): void {
  const command: Command = { id: turn.live.nextId, cmd: 'unsubscribe', params: { sids: [sid] } };
  send(turn, command, { kind: 'unsubscribe', channel, tries: 1, asked: NOTHING });
}

export function getSnapshot(
  turn: Turn,
  sid: number,
  markets: readonly string[],
  kind: 'probe' | 'refresh',
  tries = 1,
): void {
  const command: Command = {
    id: turn.live.nextId,
    cmd: 'update_subscription',
    params: { sids: [sid], action: 'get_snapshot', market_tickers: [...markets] },
  };
  const asked = kind === 'refresh' ? new Set(markets) : NOTHING;
  send(turn, command, { kind, channel: 'orderbook_delta', tries, asked });
}

export function listSubscriptions(turn: Turn): void {
  const channel = turn.context.plan.channels[0]!;
  send(turn, { id: turn.live.nextId, cmd: 'list_subscriptions' }, { kind: 'probe', channel, tries: 1, asked: NOTHING });
}

/** What log lines say of a list of markets: how many, and the first few. */
export function named(markets: readonly string[]) {
  return { markets: markets.length, market_tickers: firstTickers(markets) };
}

function send(turn: Turn, command: Command, what: Omit<Pending, 'id' | 'sent_us'>): void {
  const pending = { ...what, id: command.id, sent_us: turn.context.now };
  update(turn, { nextId: turn.live.nextId + 1, pending: [...turn.live.pending, pending] });
  turn.effects.push({ type: 'send', command });
}

/** What the markers of a session's beginning and end say alike. */
export function aboutSession(live: Live, { plan }: StepContext): Omit<MarkerOf<'session_opened'>, 'type'> {
  const { connection, url, channels, markets, use_yes_price, version } = plan;
  return {
    opened_ts: live.opened_us,
    connection,
    url,
    channels: [...channels],
    markets_count: markets.length,
    use_yes_price,
    version,
    previous_run: live.previous_run,
  };
}
