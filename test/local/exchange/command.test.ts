import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../local/exchange/command.ts';

function parse(value: unknown) {
  return parseCommand(JSON.stringify(value));
}

describe('a command', () => {
  it('is understood with tickers named one by one or in a list, each once', () => {
    const params = {
      channels: ['ticker'],
      market_ticker: 'A',
      market_tickers: ['B', 'A'],
      send_initial_snapshot: true,
    };
    expect(parse({ id: 1, cmd: 'subscribe', params })).toEqual({
      cmd: 'subscribe',
      id: 1,
      channels: ['ticker'],
      markets: { by: 'ticker', tickers: ['A', 'B'] },
      sendInitialSnapshot: true,
      skipTickerAck: false,
      useYesPrice: false,
    });
  });

  it('names a subscription by sid or by sids', () => {
    const params = { action: 'add_markets', market_tickers: ['A'] };
    const expected = { cmd: 'update_subscription', id: 2, sid: 4, action: 'add_markets' };
    expect(parse({ id: 2, cmd: 'update_subscription', params: { ...params, sid: 4 } })).toMatchObject(expected);
    expect(parse({ id: 2, cmd: 'update_subscription', params: { ...params, sids: [4] } })).toMatchObject(expected);
  });

  const update = { cmd: 'update_subscription' };
  const add = { action: 'add_markets', market_tickers: ['A'] };
  it.each([
    [1, [1, 2]],
    [1, 'text'],
    [2, { cmd: 'subscribe' }],
    [2, { cmd: 'unsubscribe', params: [] }],
    [3, { cmd: 'subscribe', params: {} }],
    [3, { cmd: 'subscribe', params: { channels: [] } }],
    [4, { cmd: 'unsubscribe', params: {} }],
    [4, { cmd: 'unsubscribe', params: { sids: [] } }],
    [5, { cmd: 'dance', params: {} }],
    [5, {}],
    [11, { cmd: 'subscribe', params: { channels: 'ticker' } }],
    [11, { cmd: 'subscribe', params: { channels: ['ticker'], market_tickers: [1] } }],
    [11, { cmd: 'subscribe', params: { channels: ['ticker'], market_tickers: ['A'], market_ids: ['x'] } }],
    [11, { cmd: 'subscribe', params: { channels: ['ticker'], use_yes_price: 'yes' } }],
    [11, { cmd: 'unsubscribe', params: { sids: ['1'] } }],
    [12, { ...update, params: add }],
    [12, { ...update, params: { ...add, sids: [1, 2] } }],
    [13, { ...update, params: { ...add, sids: [1], action: 'replace' } }],
    [14, { ...update, params: { sids: [1], action: 'add_markets' } }],
    [15, { ...update, params: { sids: [1], market_tickers: ['A'] } }],
  ])('is refused with error %i: %j', (code, message) => {
    expect(parse(message)).toEqual({ cmd: 'refused', id: 0, code });
  });

  it('keeps its id when it is refused', () => {
    expect(parse({ id: 9, cmd: 'subscribe' })).toEqual({ cmd: 'refused', id: 9, code: 2 });
    expect(parse({ id: -1, cmd: 'subscribe' })).toEqual({ cmd: 'refused', id: 0, code: 2 });
  });

  it('never makes the reader throw', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => typeof parseCommand(text).cmd === 'string'));
  });
});
