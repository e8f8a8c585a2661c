import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Player } from '../../../local/exchange/player.ts';
import { inspectReplay, readReplay, ReplayError } from '../../../local/exchange/replay.ts';
import { fakeConnection } from './fake-transport.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'replay-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, lines: readonly string[]): string {
  const file = join(folder, name);
  writeFileSync(file, lines.join('\n'));
  return file;
}

function line(raw: string): string {
  return JSON.stringify({ recv_ts: '2026-11-23T19:00:00.000000+00:00', raw });
}

describe('a tape file', () => {
  it('is read exactly, and says what a recorder needs to know', async () => {
    const raws = [
      '{"type":"subscribed","id":1,"msg":{"channel":"orderbook_delta","sid":1}}',
      '{"type":"orderbook_snapshot","sid":1,"seq":1,"msg":{"market_ticker":"B.9","market_id":""}}',
      '{"type":"trade","sid":2,"seq":1,"msg":{"market_ticker":"A"}}\n',
      '{"type":"event_lifecycle","sid":3,"seq":1,"msg":{"event_ticker":"E"}}',
      '{"type":"market_lifecycle_v2","sid":3,"seq":2,"msg":{"market_ticker":"NOT-MINE"}}',
      '{"type":"multivariate_market_lifecycle","sid":4,"seq":1,"msg":{"market_ticker":"KXMVE"}}',
      ' not json at all ☃ ',
      '{"type":"ticker","sid":5,"msg":{"market_ticker":"A"}}',
    ];
    const file = write('good.jsonl', [...raws.map(line), '']);
    expect((await readReplay(file)).frames).toEqual(raws);
    expect(await inspectReplay(file)).toEqual({
      frames: 8,
      tickers: ['B.9'],
      channels: ['orderbook_delta', 'trade', 'market_lifecycle_v2', 'multivariate_market_lifecycle', 'ticker'],
    });
  });

  it('is read whatever its lines say beside raw, and however they end', async () => {
    const separated = JSON.stringify({ type: 'x', title: 'one\u2028two\u2029three\u0085four' });
    const lines = [
      JSON.stringify({ recv_ts: 1_764_522_154, raw: 'a number' }),
      JSON.stringify({ recv_ts: null, raw: 'null' }),
      JSON.stringify({ raw: 'no time' }),
      JSON.stringify({ captured: '2026', note: 'another recorder', raw: separated }),
    ];
    const file = join(folder, 'foreign.jsonl');
    writeFileSync(file, `\ufeff${lines.join('\r\n')}\r\n`);
    expect((await readReplay(file)).frames).toEqual(['a number', 'null', 'no time', separated]);
  });

  it('names no market that is only traded, and none that a list with a ticker a line cannot carry', async () => {
    const book = (market_ticker: unknown): string =>
      JSON.stringify({ type: 'orderbook_delta', sid: 1, seq: 1, msg: { market_ticker } });
    const trade = (market_ticker: string): string => JSON.stringify({ type: 'trade', sid: 2, msg: { market_ticker } });
    const traded = write('traded.jsonl', [trade('A'), trade('B')].map(line));
    expect(await inspectReplay(traded)).toMatchObject({ tickers: [], channels: ['trade'] });
    const odd = write(
      'odd.jsonl',
      ['A,B', 'C\0', 'D\nE', ' F', '', 7, undefined].map((ticker) => line(book(ticker))),
    );
    expect(await inspectReplay(odd)).toMatchObject({
      frames: 7,
      tickers: ['A,B', 'C\0'],
      channels: ['orderbook_delta'],
    });
    const nameless = write('nameless.jsonl', [line(book(undefined)), line(book('\n'))]);
    expect(await inspectReplay(nameless)).toMatchObject({ frames: 2, tickers: [], channels: [] });
  });

  it.each([
    ['text', 'no json'],
    ['no-raw', '{"recv_ts":"2026-11-23T19:00:00Z"}'],
    ['raw-no-text', '{"raw":{}}'],
    ['raw-null', '{"raw":null}'],
    ['list', '[1]'],
    ['surrogate', String.raw`{"recv_ts":"2026-11-23T19:00:00Z","raw":"\ud800"}`],
  ])('is refused with its name and line where a line is wrong: %s', async (name, bad) => {
    const file = write(`${name}.jsonl`, [line('{}'), '', bad, line('{}')]);
    const refused = readReplay(file);
    await expect(refused).rejects.toMatchObject({ name: 'ReplayError', file, line: 3 });
    await expect(refused).rejects.toThrow(/line 3: .*raw/);
  });

  it('is refused where it is empty or not there', async () => {
    await expect(readReplay(write('empty.jsonl', ['']))).rejects.toBeInstanceOf(ReplayError);
    const missing = readReplay(join(folder, 'none.jsonl'));
    await expect(missing).rejects.toMatchObject({ line: 0, cause: { code: 'ENOENT' } });
    await expect(missing).rejects.toThrow('ENOENT');
  });
});

describe('the player', () => {
  const frames = Array.from({ length: 100 }, (_, i) => `frame ${i}`);

  it('plays in order to the first that subscribes, and to the next one after that is lost', () => {
    const player = new Player(frames, 1_000, 1_000);
    const [first, second, third] = [fakeConnection(1), fakeConnection(2), fakeConnection(3)];
    player.tick(50);
    expect(player.position).toBe(0);
    player.subscribed(first.connection, 1_000);
    player.subscribed(second.connection, 1_005);
    player.tick(1_010);
    first.transport.isOpen = false;
    player.tick(1_020);
    expect(player.position).toBe(10);
    player.subscribed(third.connection, 5_000);
    player.tick(5_030);
    expect(first.transport.frames).toEqual(frames.slice(0, 10));
    expect(second.transport.frames).toEqual([]);
    expect(third.transport.frames).toEqual(frames.slice(10, 40));
    player.tick(5_100);
    expect(player.done).toBe(true);
    player.tick(9_000);
    expect(third.transport.frames).toEqual(frames.slice(10));
  });

  it('passes the tape on from a connection that is half open', () => {
    const player = new Player(frames, 1_000, 1_000);
    const [first, second] = [fakeConnection(1), fakeConnection(2)];
    player.subscribed(first.connection, 0);
    player.tick(10);
    first.connection.halfOpen();
    player.tick(20);
    player.subscribed(second.connection, 30);
    first.connection.heal();
    player.tick(200);
    expect(first.transport.frames).toEqual(frames.slice(0, 10));
    expect(second.transport.frames).toEqual(frames.slice(10));
  });

  it('waits for a slow or silenced listener and loses nothing', () => {
    const player = new Player(frames, 1_000, 1_000);
    const { connection, transport } = fakeConnection();
    player.subscribed(connection, 0);
    transport.bufferedBytes = 1_001;
    player.tick(20);
    transport.bufferedBytes = 0;
    connection.silence(false);
    player.tick(40);
    expect(transport.frames).toEqual([]);
    connection.heal();
    player.tick(80);
    player.tick(1_000);
    expect(transport.frames).toEqual(frames);
  });

  it('stops and goes on', () => {
    const player = new Player(frames, 1_000, 1_000);
    const { connection, transport } = fakeConnection();
    player.subscribed(connection, 0);
    player.pause();
    player.tick(50);
    player.resume(60);
    player.tick(70);
    expect(transport.frames).toEqual(frames.slice(0, 10));
  });
});
