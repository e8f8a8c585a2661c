import { expect, test } from 'vitest';
import { streamerEnv } from '../../../core/contract/streamer-env.ts';
import { plansOf } from '../../../ecs/session/plan.ts';

const plans = (env: Record<string, string>) =>
  plansOf(streamerEnv.parse({ KALSHI_API_KEY_ID: 'k', KALSHI_PRIVATE_KEY: 'p', ...env }), 'v');

test('each market is on one connection, and a connection has its share at most', () => {
  const shares = plans({ MARKETS: 'A,B,C,B,D,E', MARKETS_PER_CONNECTION: '2' });
  expect(shares.map(({ markets }) => markets)).toEqual([['A', 'B'], ['C', 'D'], ['E']]);
  expect(shares.map(({ connection }) => connection)).toEqual([0, 1, 2]);
});

test('a channel that the exchange does not filter is asked for once', () => {
  const shares = plans({ MARKETS: 'A,B', MARKETS_PER_CONNECTION: '1', CHANNELS: 'trade,market_lifecycle_v2' });
  expect(shares.map(({ channels }) => channels)).toEqual([['trade', 'market_lifecycle_v2'], ['trade']]);
});

test('without markets there is one connection for all of them', () => {
  expect(plans({ CHANNELS: 'trade' })).toMatchObject([{ markets: [], channels: ['trade'] }]);
});

test('a connection that would have no channel is not made', () => {
  expect(plans({ MARKETS: 'A,B', MARKETS_PER_CONNECTION: '1', CHANNELS: 'market_lifecycle_v2' })).toHaveLength(1);
});
