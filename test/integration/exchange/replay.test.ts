import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Exchange, startExchange } from '../../../local/exchange/server.ts';
import { Client, passing } from './client.ts';

/** Fixture written here in the shape of shared/kalshi/replay: one {recv_ts, raw} per line. */
const RAWS = [
  '{"type":"subscribed","id":1,"msg":{"channel":"orderbook_delta","sid":1}}',
  '{"type":"orderbook_snapshot","sid":1,"seq":1,"msg":{"market_ticker":"KXA-1.5","market_id":""}}',
  ...Array.from(
    { length: 400 },
    (_, i) =>
      `{"type":"orderbook_delta","sid":1,"seq":${i + 2},"msg":{"market_ticker":"KXA-1.5","delta_fp":"${i}.00"}}`,
  ),
  '{ "odd" : "spacing kept, ünïcode ☃ kept" }\n',
];

let folder: string;
let file: string;
let exchange: Exchange;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'replay-'));
  file = join(folder, 'tape.jsonl');
  const lines = RAWS.map((raw) => JSON.stringify({ recv_ts: '2025-11-30T17:02:34.780022+00:00', raw }));
  writeFileSync(file, `${lines.join('\n')}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => exchange.close());

describe('replay', () => {
  it('sends exactly the frames of the file, nothing else, and then stays silent', async () => {
    exchange = await startExchange({ replay: { file, rate: 2_000 }, pingMs: 20, keepSent: true });
    const [client, idle] = [await Client.open(exchange.wsUrl), await Client.open(exchange.wsUrl)];
    client.command('list_subscriptions');
    await passing(50);
    expect(client.raws).toEqual([]);
    client.subscribe(['orderbook_delta'], ['KXA-1.5']);
    await client.until(() => client.raws.length > 0, 'the tape starts');
    idle.subscribe(['orderbook_delta'], ['KXA-1.5']);
    client.command('unsubscribe', { sids: [1] });
    client.command('nonsense');
    await client.until(() => exchange.control.stats().replayDone, 'the end');
    await client.until(() => client.raws.length === RAWS.length, 'all');
    await passing(60);
    expect(client.raws).toEqual(RAWS);
    expect(exchange.control.sent()[0]!.raws).toEqual(RAWS);
    expect(client.pings.length).toBeGreaterThan(2);
    expect(idle.raws).toEqual([]);
    expect(client.closed).toBeUndefined();
    expect(exchange.control.stats()).toMatchObject({
      replayed: RAWS.length,
      replayFrames: RAWS.length,
      frames: RAWS.length,
    });
    expect(exchange.control.tickers()).toEqual(['KXA-1.5']);
  });

  it('goes on where it was when the client closes cleanly and comes back: no frame twice, none left out', async () => {
    exchange = await startExchange({ replay: { file, duration_sec: 1 }, keepSent: true });
    const heard: string[] = [];
    for (let i = 0; heard.length < RAWS.length; i++) {
      const client = await Client.open(exchange.wsUrl);
      client.subscribe(['orderbook_delta'], ['KXA-1.5']);
      await client.until(() => client.raws.length >= 100 || exchange.control.stats().replayDone, 'some of the tape');
      await client.leave();
      expect(client.raws).toEqual(exchange.control.sent()[i]!.raws);
      heard.push(...client.raws);
    }
    expect(heard).toEqual(RAWS);
  });

  it('takes the duration it is told to', async () => {
    exchange = await startExchange({ replay: { file, duration_sec: 0.5 } });
    const client = await Client.open(exchange.wsUrl);
    const started = performance.now();
    client.subscribe(['orderbook_delta'], ['KXA-1.5']);
    await client.until(() => client.raws.length === RAWS.length, 'all');
    expect(performance.now() - started).toBeGreaterThan(450);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('goes on with the next connection after a reset or a half open socket', async () => {
    exchange = await startExchange({ replay: { file, rate: 1_000 }, keepSent: true });
    const sent: string[] = [];
    for (const kind of ['disconnect', 'half_open', undefined] as const) {
      const client = await Client.open(exchange.wsUrl);
      client.subscribe(['orderbook_delta'], ['KXA-1.5']);
      await client.until(() => client.raws.length > 50 || exchange.control.stats().replayDone, 'some of the tape');
      if (kind === 'disconnect') exchange.control.fault({ kind, how: 'reset' });
      else if (kind === 'half_open') exchange.control.fault({ kind });
    }
    await passing(0);
    await until(() => exchange.control.stats().replayDone);
    for (const { raws } of exchange.control.sent()) sent.push(...raws!);
    expect(sent).toEqual(RAWS);
  });

  it('does not start where the file is wrong', async () => {
    const bad = join(folder, 'bad.jsonl');
    writeFileSync(bad, `${JSON.stringify({ recv_ts: 'x', raw: '{}' })}\nnot json\n`);
    await expect(startExchange({ replay: { file: bad, rate: 1 } })).rejects.toMatchObject({ file: bad, line: 2 });
  });

  const real = new URL('../../../../shared/kalshi/replay/kalshi-orderbook-2025-11-30a.jsonl', import.meta.url);
  it.skipIf(!existsSync(real))('plays a recorded session byte for byte', async () => {
    const raws = readFileSync(real, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { raw: string }).raw);
    exchange = await startExchange({ replay: { file: real.pathname, rate: 20_000 } });
    const client = await Client.open(exchange.wsUrl);
    client.subscribe(['orderbook_delta'], ['KXBTCMAXY-25-DEC31-129999.99']);
    await client.until(() => client.raws.length === raws.length, 'the session');
    expect(client.raws).toEqual(raws);
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await passing(5);
}
