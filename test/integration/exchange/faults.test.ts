import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Exchange, startExchange } from '../../../local/exchange/server.ts';
import { Client, eventually, passing, refusal } from './client.ts';

const MARKETS = ['KXA-1', 'KXB-2', 'KXC-3', 'KXD-4'];
let exchange: Exchange;
beforeEach(async () => {
  exchange = await startExchange({ markets: MARKETS, rate: 500, pingMs: 20, slowConsumerBytes: 300_000 });
});
afterEach(() => exchange.close());

async function subscribed(): Promise<Client> {
  const client = await Client.open(exchange.wsUrl);
  client.subscribe(['orderbook_delta'], MARKETS);
  await client.until(() => client.ofType('orderbook_delta').length > 5, 'deltas');
  return client;
}

async function seqsUntilHole(client: Client): Promise<[number, number]> {
  const hole = () => {
    const seqs = client.frames().flatMap(({ seq }) => seq ?? []);
    const at = seqs.findIndex((seq, i) => i > 0 && seq !== seqs[i - 1]! + 1);
    return at < 0 ? undefined : ([seqs[at - 1]!, seqs[at]!] as [number, number]);
  };
  await client.until(() => hole() !== undefined, 'a hole');
  return hole()!;
}

describe('faults over a real socket', () => {
  it('drop_frames leaves a hole of that many seqs', async () => {
    const client = await subscribed();
    exchange.control.fault({ kind: 'drop_frames', sid: 1, count: 3 });
    const [before, after] = await seqsUntilHole(client);
    expect(after - before).toBeLessThanOrEqual(4);
    await client.until(() => exchange.control.stats().dropped === 3, 'three dropped');
  });

  it.each([
    ['going_away', 1_001],
    ['terminate', 1_006],
    ['reset', 1_006],
  ] as const)('disconnect %s closes with %i', async (how, code) => {
    const [one, two] = [await subscribed(), await subscribed()];
    expect(exchange.control.fault({ kind: 'disconnect', connection: 2, how })).toBe(1);
    await two.until(() => two.closed !== undefined, 'the close');
    expect(two.closed).toBe(code);
    expect(one.closed).toBeUndefined();
  });

  it('half_open stops everything, even the answer to a ping, and heals', async () => {
    const client = await subscribed();
    exchange.control.fault({ kind: 'half_open' });
    await heardAll(client);
    await passing(50);
    const [frames, pings] = [client.raws.length, client.pings.length];
    client.command('list_subscriptions');
    client.ws.ping();
    let ponged = false;
    client.ws.on('pong', () => (ponged = true));
    await passing(150);
    expect([client.raws.length, client.pings.length, ponged]).toEqual([frames, pings, false]);
    expect(client.ws.readyState).toBe(WebSocket.OPEN);
    exchange.control.fault({ kind: 'heal' });
    const [before, after] = await seqsUntilHole(client);
    expect(after).toBeGreaterThan(before + 1);
    await client.until(() => ponged && client.ofType('ok').length === 1, 'what was asked in between');
  });

  it('silent stops data and goes on pinging; stop_pings the other way round', async () => {
    const client = await subscribed();
    exchange.control.fault({ kind: 'silent' });
    await heardAll(client);
    const frames = client.raws.length;
    const pings = client.pings.length;
    await client.until(() => client.pings.length > pings + 3, 'pings');
    expect(client.raws).toHaveLength(frames);
    exchange.control.fault({ kind: 'heal' });
    exchange.control.fault({ kind: 'stop_pings' });
    await client.until(() => client.raws.length > frames + 5, 'data sent after the last ping');
    const later = client.pings.length;
    await client.until(() => client.raws.length > frames + 60, 'data');
    expect(client.pings).toHaveLength(later);
  });

  it('channel_error ends the subscription with a sequenced error', async () => {
    const client = await subscribed();
    expect(exchange.control.fault({ kind: 'channel_error', code: 25 })).toBe(1);
    await client.until(() => client.ofType('error').length === 1, 'the error');
    const frames = client.frames();
    expect(frames.at(-1)).toMatchObject({ type: 'error', sid: 1, msg: { code: 25 } });
    expect(frames.at(-1)!.seq).toBe(frames.at(-2)!.seq! + 1);
    await passing(50);
    expect(client.raws).toHaveLength(frames.length);
    const id = client.subscribe(['orderbook_delta'], MARKETS);
    expect(await client.reply(id)).toMatchObject({ type: 'subscribed', msg: { sid: 2 } });
  });

  it('command_error answers the next commands', async () => {
    const client = await subscribed();
    exchange.control.fault({ kind: 'command_error', code: 26 });
    expect(await client.reply(client.command('list_subscriptions'))).toMatchObject({
      type: 'error',
      msg: { code: 26 },
    });
    expect(await client.reply(client.command('list_subscriptions'))).toMatchObject({ type: 'ok' });
  });

  it('delay_replies answers later', async () => {
    const client = await subscribed();
    exchange.control.fault({ kind: 'delay_replies', delayMs: 120 });
    const asked = performance.now();
    await client.reply(client.command('list_subscriptions'));
    expect(performance.now() - asked).toBeGreaterThanOrEqual(115);
  });

  it('refuse_connections answers upgrades with a status, so often or until healed', async () => {
    exchange.control.fault({ kind: 'refuse_connections', status: 429, count: 1 });
    expect(await refusal(exchange.wsUrl)).toEqual({ status: 429, body: '{"error":"too many requests"}' });
    await (await Client.open(exchange.wsUrl)).leave();
    exchange.control.fault({ kind: 'refuse_connections', status: 401 });
    for (let i = 0; i < 3; i++) expect((await refusal(exchange.wsUrl)).status).toBe(401);
    exchange.control.fault({ kind: 'heal' });
    await (await Client.open(exchange.wsUrl)).leave();
    exchange.control.fault({ kind: 'refuse_rest', status: 503, count: 1 });
    expect((await fetch(`${exchange.restUrl}/exchange/status`)).status).toBe(503);
    expect((await fetch(`${exchange.restUrl}/exchange/status`)).status).toBe(200);
  });

  it('stop_listening refuses connections and keeps the open ones, until it listens again', async () => {
    const client = await subscribed();
    exchange.control.fault({ kind: 'stop_listening', forMs: 150 });
    await expect(once(new WebSocket(exchange.wsUrl), 'open')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const frames = client.raws.length;
    await client.until(() => client.raws.length > frames + 20, 'data on the open connection');
    await eventuallyConnects();
    exchange.control.fault({ kind: 'stop_listening', drop: true });
    await client.until(() => client.closed === 1_006, 'the drop');
    exchange.control.fault({ kind: 'heal' });
    await eventuallyConnects();
  });

  it.each(['between', 'inside'] as const)('cut_snapshot cuts %s snapshots', async (cut) => {
    exchange.control.fault({ kind: 'cut_snapshot', after: 2, cut });
    const client = await Client.open(exchange.wsUrl);
    client.subscribe(['orderbook_delta'], MARKETS);
    await client.until(() => client.closed !== undefined, 'the cut');
    expect(client.closed).toBe(1_006);
    expect(client.frames().map(({ type }) => type)).toEqual(['subscribed', 'orderbook_snapshot', 'orderbook_snapshot']);
    expect(exchange.control.sent()[0]!.frames).toBe(3);
  });

  it('burst sends many frames at once', async () => {
    const client = await subscribed();
    exchange.control.pause();
    const { events } = exchange.control.stats();
    exchange.control.fault({ kind: 'burst', count: 10_000 });
    expect(exchange.control.stats().events).toBe(events + 10_000);
    await client.until(() => client.raws.length === exchange.control.sent()[0]!.frames, 'the burst');
  });

  it('a client that does not read gets error 25', async () => {
    const client = await subscribed();
    client.ws.pause();
    await eventually(
      () => {
        exchange.control.fault({ kind: 'burst', count: 2_000 });
        const { frames } = exchange.control.sent()[0]!;
        exchange.control.fault({ kind: 'burst', count: 10 });
        return exchange.control.sent()[0]!.frames === frames;
      },
      () => 'the subscription ends',
    );
    client.ws.resume();
    await client.until(() => client.ofType('error').length === 1, 'the error');
    expect(client.frames().at(-1)).toMatchObject({ type: 'error', sid: 1, msg: { code: 25 } });
  });

  it('foreign, unknown_field and finer_decimals send what no client knows', async () => {
    const client = await subscribed();
    client.subscribe(['market_lifecycle_v2']);
    await client.until(() => client.ofType('subscribed').length === 2, 'lifecycle');
    for (const what of ['type', 'event_type', 'price_level_structure'] as const) {
      expect(exchange.control.fault({ kind: 'foreign', what })).toBe(1);
    }
    exchange.control.fault({ kind: 'unknown_field' });
    await client.until(() => client.raws.some((raw) => raw.includes('shard_hint')), 'the field');
    exchange.control.fault({ kind: 'finer_decimals' });
    await client.until(() => client.raws.some((raw) => /_fp":"-?\d+\.\d{3}"/.test(raw)), 'the third decimal');
    expect(client.ofType('market_halt_v3')).toHaveLength(1);
  });

  it('maintenance: cancels only, then everybody is out and refused, then all is well', async () => {
    const client = await subscribed();
    client.subscribe(['trade', 'ticker']);
    await client.until(() => client.ofType('subscribed').length === 3, 'trades and tickers');
    exchange.control.fault({ kind: 'maintenance', pauseMs: 200, downMs: 300 });
    const from = client.raws.length + 20;
    expect(await (await fetch(`${exchange.restUrl}/exchange/status`)).json()).toMatchObject({ trading_active: false });
    await client.until(() => client.closed !== undefined, 'the disconnect');
    expect(client.closed).toBe(1_001);
    const last = client.frames().slice(from);
    expect(last.length).toBeGreaterThan(20);
    expect(last.every(({ type, msg }) => type === 'orderbook_delta' && String(msg['delta_fp']).startsWith('-'))).toBe(
      true,
    );
    expect((await refusal(exchange.wsUrl)).status).toBe(503);
    await eventuallyConnects();
    expect(await (await fetch(`${exchange.restUrl}/exchange/status`)).json()).toMatchObject({ trading_active: true });
  });

  it('refuses a fault that is none', () => {
    expect(() => exchange.control.fault({ kind: 'burst', count: -1 })).toThrow();
  });
});

/** What was sent before a fault to the only connection has arrived. */
async function heardAll(client: Client): Promise<void> {
  await client.until(() => client.raws.length === exchange.control.sent()[0]!.frames, 'all that was sent');
}

async function eventuallyConnects(): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const ws = new WebSocket(exchange.wsUrl);
    try {
      await once(ws, 'open');
      ws.terminate();
      return;
    } catch (error) {
      if (attempt > 100) throw error;
      await passing(20);
    }
  }
}
