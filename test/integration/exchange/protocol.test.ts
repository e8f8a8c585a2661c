import { afterEach, describe, expect, it } from 'vitest';
import { type Exchange, startExchange } from '../../../local/exchange/server.ts';
import type { ExchangeOptionsInput } from '../../../local/exchange/options.ts';
import { BookFold } from '../../local/exchange/book-fold.ts';
import { Client, type Frame } from './client.ts';

const MARKETS = ['KXA-1.5', 'KXB-2', 'KXC-3'];
const running: Exchange[] = [];
afterEach(async () => {
  for (const exchange of running.splice(0)) await exchange.close();
});

async function start(options: ExchangeOptionsInput = {}): Promise<Exchange> {
  const exchange = await startExchange({ markets: MARKETS, rate: 0, keepSent: true, ...options });
  running.push(exchange);
  return exchange;
}

function short({ type, sid, seq, msg }: Frame): string {
  const ticker = (msg as Frame['msg'] | undefined)?.['market_ticker'] as string | undefined;
  return [type, sid, seq, ticker].filter((part) => part !== undefined).join(' ');
}

describe('a client over a real socket', () => {
  it('subscribes, merges, updates, unsubscribes and subscribes anew', async () => {
    const exchange = await start();
    const client = await Client.open(exchange.wsUrl);
    client.subscribe(['orderbook_delta'], ['KXA-1.5', 'GONE-1']);
    client.subscribe(['orderbook_delta'], ['KXA-1.5', 'KXB-2']);
    client.command('update_subscription', { sids: [1], action: 'add_markets', market_tickers: ['KXC-3'] });
    client.command('update_subscription', { sid: 1, action: 'get_snapshot', market_tickers: ['KXB-2'] });
    client.command('update_subscription', { sids: [1], action: 'delete_markets', market_tickers: ['GONE-1'] });
    client.command('list_subscriptions');
    client.command('unsubscribe', { sids: [1] });
    client.subscribe(['orderbook_delta'], ['KXA-1.5']);
    await client.until(() => client.raws.length === 13, 'thirteen frames');
    expect(client.frames().map(short)).toEqual([
      'subscribed',
      'orderbook_snapshot 1 1 KXA-1.5',
      'orderbook_snapshot 1 2 GONE-1',
      'ok 1 3',
      'orderbook_snapshot 1 4 KXB-2',
      'ok 1 5',
      'orderbook_snapshot 1 6 KXC-3',
      'orderbook_snapshot 1 7 KXB-2',
      'ok 1 8',
      'ok',
      'unsubscribed 1 9',
      'subscribed',
      'orderbook_snapshot 2 1 KXA-1.5',
    ]);
    expect(client.raws[8]).toBe(
      '{"type":"ok","id":5,"sid":1,"seq":8,"msg":{"market_tickers":["KXA-1.5","KXB-2","KXC-3"]}}\n',
    );
    expect(client.raws[10]).toBe('{"id":7,"sid":1,"seq":9,"type":"unsubscribed"}\n');
    await client.leave();
  });

  it('hears exactly what the exchange says it sent, and its books are the truth', async () => {
    const exchange = await start({ rate: 2_000, maxEvents: 1_500 });
    const [one, two] = [await Client.open(exchange.wsUrl), await Client.open(exchange.wsUrl)];
    one.subscribe(['orderbook_delta', 'trade', 'ticker'], MARKETS);
    two.subscribe(['orderbook_delta'], MARKETS.slice(1));
    two.subscribe(['market_lifecycle_v2', 'multivariate_market_lifecycle', 'trade', 'ticker']);
    await one.until(() => exchange.control.stats().events === 1_500, '1,500 events');
    for (const [i, client] of [one, two].entries()) {
      await client.until(() => client.raws.length === exchange.control.sent()[i]!.frames, 'all that was sent');
      expect(client.raws).toEqual(exchange.control.sent()[i]!.raws);
      const fold = new BookFold();
      for (const raw of client.raws) fold.take(raw);
      for (const ticker of fold.tickers()) expect(fold.levels(ticker)).toEqual(exchange.control.truth(ticker));
      expect(holes(client)).toEqual([]);
    }
    // Two connections tell of the same trades, each with its own seq.
    const trades = (client: Client) => client.ofType('trade').map(({ msg }) => msg['trade_id']);
    expect(trades(one).length).toBeGreaterThan(10);
    expect(trades(one)).toEqual(trades(two).slice(-trades(one).length));
  });

  it('tells the same from the same seed, byte for byte', async () => {
    const heard: string[][] = [];
    for (let run = 0; run < 2; run++) {
      const exchange = await start({ seed: 77, start_us: 1_795_460_400_000_000 });
      const client = await Client.open(exchange.wsUrl);
      const id = client.subscribe(['orderbook_delta', 'trade', 'ticker', 'market_lifecycle_v2'], MARKETS);
      await client.reply(id);
      expect(exchange.control.emit(700)).toBe(700);
      await client.until(() => client.raws.length === exchange.control.sent()[0]!.frames, 'all');
      heard.push(client.raws);
    }
    expect(heard[0]!.length).toBeGreaterThan(600);
    expect(heard[0]).toEqual(heard[1]);
  });

  it('is pinged with the body heartbeat, and gets its own pings answered', async () => {
    const exchange = await start({ pingMs: 20 });
    const client = await Client.open(exchange.wsUrl);
    let ponged = '';
    client.ws.on('pong', (data) => (ponged = data.toString()));
    client.ws.ping('hello');
    await client.until(() => client.pings.length >= 3 && ponged === 'hello', 'three pings and a pong');
    expect(new Set(client.pings)).toEqual(new Set(['heartbeat']));
  });

  it('is refused what it may not do: too many commands, too many markets, nonsense', async () => {
    const exchange = await start({ commandsPerSecond: 4, marketLimit: 2 });
    const client = await Client.open(exchange.wsUrl);
    client.ws.send('nonsense');
    client.subscribe(['orderbook_delta'], MARKETS);
    client.subscribe(['fill']);
    for (let i = 0; i < 9; i++) client.command('list_subscriptions');
    await client.until(() => client.raws.length === 12, 'twelve replies');
    const codes = client.ofType('error').map(({ msg }) => msg['code']);
    expect(codes.slice(0, 3)).toEqual([1, 26, 9]);
    expect(codes).toContain(27);
  });

  it('keeps the pace and says how it goes', async () => {
    const exchange = await start({ rate: 1_000 });
    const client = await Client.open(exchange.wsUrl);
    client.subscribe(['orderbook_delta'], MARKETS);
    await client.until(() => client.ofType('orderbook_delta').length > 300, '300 deltas');
    const { connections, opened, commands, frames, bytes } = exchange.control.stats();
    expect({ connections, opened, commands }).toEqual({ connections: 1, opened: 1, commands: 1 });
    expect(frames).toBeGreaterThan(300);
    expect(bytes / frames).toBeGreaterThan(150);
    exchange.control.pause();
    const { events } = exchange.control.stats();
    exchange.control.emit(3);
    expect(exchange.control.stats().events).toBe(events + 3);
    exchange.control.resume();
    await client.until(() => exchange.control.stats().events > events + 50, 'the feed goes on');
    await client.leave();
    await client.until(() => exchange.control.stats().connections === 0, 'nobody is connected');
    expect(exchange.control.sent()[0]!.closed_ts).toBeDefined();
  });
});

/** [sid, expected, got] wherever a sid's seq does not go up by one. */
function holes(client: Client): [number, number, number][] {
  const last = new Map<number, number>();
  const found: [number, number, number][] = [];
  for (const { sid, seq } of client.frames()) {
    if (sid === undefined || seq === undefined) continue;
    const expected = (last.get(sid) ?? 0) + 1;
    if (seq !== expected) found.push([sid, expected, seq]);
    last.set(sid, seq);
  }
  return found;
}
