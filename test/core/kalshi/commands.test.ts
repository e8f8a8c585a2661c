import { describe, expect, test } from 'vitest';
import { command } from '../../../core/kalshi/commands.ts';
import {
  BUFFER_OVERFLOW,
  CHANNEL_ERROR,
  EXCHANGE_ERRORS,
  isTerminal,
  UNKNOWN_SUBSCRIPTION,
} from '../../../core/kalshi/errors.ts';

/** Shapes: AsyncAPI, newest copy, section commands. */
describe('a command', () => {
  test.each([
    {
      id: 1,
      cmd: 'subscribe',
      params: { channels: ['orderbook_delta'], market_tickers: ['A', 'B'], use_yes_price: false },
    },
    {
      id: 2,
      cmd: 'subscribe',
      params: { channels: ['trade', 'ticker'], send_initial_snapshot: true, skip_ticker_ack: true },
    },
    { id: 0, cmd: 'unsubscribe', params: { sids: [1, 2] } },
    { id: 3, cmd: 'update_subscription', params: { sids: [1], action: 'get_snapshot', market_tickers: ['A'] } },
    { id: 4, cmd: 'list_subscriptions' },
  ])('of the documented shape is one: $cmd $id', (value) => {
    expect(command.parse(value)).toEqual(value);
  });

  test.each([
    { id: -1, cmd: 'list_subscriptions' },
    { cmd: 'list_subscriptions' },
    { id: 1, cmd: 'place_order', params: {} },
    { id: 1, cmd: 'subscribe', params: { channels: [] } },
    { id: 1, cmd: 'unsubscribe', params: { sids: [] } },
    { id: 1, cmd: 'update_subscription', params: { sids: [1, 2], action: 'add_markets', market_tickers: ['A'] } },
    { id: 1, cmd: 'update_subscription', params: { sids: [1], action: 'add_markets', market_tickers: [] } },
  ])('of another shape is none: %j', (value) => {
    expect(command.safeParse(value).success).toBe(false);
  });
});

describe('the error codes of the exchange', () => {
  test('are 1 to 28 without the three that are retired', () => {
    const codes = Array.from({ length: 28 }, (_, i) => i + 1).filter((code) => ![6, 16, 17].includes(code));
    expect(Object.keys(EXCHANGE_ERRORS).map(Number)).toEqual(codes);
  });

  test('end a subscription where they are 10 and 25 only', () => {
    const terminal = Array.from({ length: 100 }, (_, code) => code).filter(isTerminal);
    expect(terminal).toEqual([CHANNEL_ERROR, BUFFER_OVERFLOW]);
    expect(EXCHANGE_ERRORS[UNKNOWN_SUBSCRIPTION]?.text).toBe('Unknown subscription ID');
  });
});
