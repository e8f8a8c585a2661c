import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { BookFold } from '../../local/exchange/book-fold.ts';
import { Bench } from './bench.ts';

let bench: Bench;

afterEach(async () => await bench.close());

describe('what the exchange sends is on the stream, byte for byte and once', () => {
  test.each(['rsa', 'ed25519'] as const)('with a key of kind %s', async (kind) => {
    bench = await Bench.open({ rate: 2_000 }, kind);
    const streamer = bench.start();
    await bench.flow(streamer, 1_000);
    const tape = await bench.finish(streamer);
    bench.expectWhole(tape);
    expect(tape.markers('gap_opened')).toEqual([]);
    expect(tape.markers('subscribed').map(({ channel }) => channel)).toEqual([
      'orderbook_delta',
      'trade',
      'ticker',
      'market_lifecycle_v2',
    ]);
    expect(tape.markers('session_opened')).toMatchObject([{ previous_run: 'unknown', use_yes_price: false }]);
    expect(tape.markers('session_closed')).toMatchObject([{ reason: 'shutdown' }]);
    expect(streamer.events('ws_frame_dropped')).toEqual([]);
  });

  test('over several connections, the unfiltered channel on the first alone', async () => {
    bench = await Bench.open();
    const streamer = bench.start({ MARKETS_PER_CONNECTION: '2' });
    await streamer.event('ws_subscribed', ({ channel }) => channel === 'ticker', 3);
    await bench.flow(streamer, 300);
    const tape = await bench.finish(streamer);
    bench.expectWhole(tape);
    expect(tape.sessions).toHaveLength(3);
    const lifecycle = tape.markers('subscribed').filter(({ channel }) => channel === 'market_lifecycle_v2');
    expect(lifecycle).toHaveLength(1);
    const books = tape.markers('subscribed').filter(({ channel }) => channel === 'orderbook_delta');
    expect(books.flatMap(({ markets }) => markets).sort()).toEqual([...bench.exchange.control.tickers()].sort());
  });

  test('and the heartbeat’s sums close at the end', async () => {
    bench = await Bench.open();
    const streamer = bench.start();
    await bench.flow(streamer, 200);
    const tape = await bench.finish(streamer);
    const last = streamer.events('heartbeat').at(-1)!;
    expect(last).toMatchObject({ rows_buffered: 0, ingest_lag_sec: 0, dropped_frames_total: 0, spool_blocks: 0 });
    expect(last['rows_written_total']).toBe(tape.frames.length);
    expect(last['frames_received_total']).toBe(tape.frames.length);
    expect(Date.parse(last['last_event_ts'] as string)).toBeGreaterThan(Date.now() - 60_000);
  });
});

test('a frame that no record can hold is counted as dropped, logged and a hole', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'oversize-'));
  const file = join(directory, 'tape.jsonl');
  const line = (raw: string): string => `${JSON.stringify({ recv_ts: '2026-11-23T22:00:00Z', raw })}\n`;
  // Random, so that it cannot be packed.
  const large = JSON.stringify({ type: 'news', sid: 9, msg: { text: randomBytes(500_000).toString('hex') } });
  await writeFile(file, ['[1]', large, '[2]', '[3]'].map(line).join(''));
  bench = await Bench.open({ replay: { file, rate: 50 } });
  const streamer = bench.start({ MARKETS: 'KXA' });
  await streamer.event('ws_frame_dropped', ({ reason }) => reason === 'frame_oversize');
  await streamer.until(() => streamer.events('heartbeat').at(-1)?.['frames_received_total'] === 4, 'all frames');
  streamer.kill('SIGTERM');
  expect(await streamer.exit).toBe(0);
  expect(streamer.events('heartbeat').at(-1)).toMatchObject({ dropped_frames_total: 1 });
  const tape = bench.tape();
  expect(tape.frames.map(({ raw }) => raw.toString())).toEqual(['[1]', '[2]', '[3]']);
  expect(tape.markers('gap_opened')).toMatchObject([{ cause: 'frame_oversize', first_frame_no: 2, missing: 1 }]);
  await rm(directory, { recursive: true });
});

describe('a connection that ends', () => {
  test.each(['going_away', 'terminate', 'reset'] as const)(
    'by %s is made anew and its hole closes with fresh books',
    async (how) => {
      bench = await Bench.open();
      const streamer = bench.start();
      await bench.flow(streamer);
      bench.exchange.control.fault({ kind: 'disconnect', how });
      await streamer.event('ws_resubscribed');
      await bench.flow(streamer);
      const tape = await bench.finish(streamer);
      bench.expectWhole(tape, [1]);
      const [first, second] = tape.sessions;
      const [closed] = tape.markers('gap_closed');
      expect(tape.markers('gap_opened')).toHaveLength(1);
      expect(closed).toMatchObject({
        cause: 'disconnect',
        previous_session_id: first!.session_id,
        repair: 'reconnect',
      });
      expect(closed!.from_ts).toBeGreaterThanOrEqual(first!.frames.at(-1)!.recv_ts);
      expect(closed!.from_ts).toBeLessThan(second!.frames[0]!.recv_ts);
      expect(closed!.to_ts).toBeGreaterThan(closed!.from_ts);
    },
  );

  test('by silence without even a ping is taken as dead within its bound, not before', async () => {
    bench = await Bench.open({ pingMs: 100 });
    const streamer = bench.start({ DEAD_SOCKET_SECONDS: '2' });
    await bench.flow(streamer);
    bench.exchange.control.pause();
    await streamer.event('heartbeat', undefined, streamer.events('heartbeat').length + 15);
    expect(streamer.events('ws_disconnected')).toEqual([]);
    bench.exchange.control.resume();
    await bench.flow(streamer);
    bench.exchange.control.fault({ kind: 'half_open' });
    const lost = await streamer.event('ws_disconnected');
    expect(lost).toMatchObject({ cause: 'dead_socket', close_code: 1006 });
    await streamer.event('ws_resubscribed');
    const tape = await bench.finish(streamer);
    bench.expectWhole(tape, [1]);
    expect(tape.markers('gap_closed')).toMatchObject([{ cause: 'dead_socket' }]);
  });

  test('is not what a streamer finds that was held up itself for longer than that', async () => {
    bench = await Bench.open({ pingMs: 100 });
    const streamer = bench.start({ DEAD_SOCKET_SECONDS: '1' });
    // What it looks at first when it goes on, its clock or its socket, is chance.
    for (let time = 0; time < 3; time++) {
      await bench.flow(streamer, 200);
      streamer.kill('SIGSTOP');
      await sleep(1_500);
      streamer.kill('SIGCONT');
    }
    await bench.flow(streamer, 200);
    const tape = await bench.finish(streamer);
    bench.expectWhole(tape);
    expect(tape.markers('gap_opened')).toEqual([]);
  });

  test('by data silence under pings is found by a probe, and the hole reaches back to the last frame', async () => {
    bench = await Bench.open({ pingMs: 50 });
    const streamer = bench.start({ DATA_SILENCE_SECONDS: '2' });
    await bench.flow(streamer);
    bench.exchange.control.fault({ kind: 'silent' });
    await streamer.event('ws_data_silence');
    await streamer.event('ws_resubscribed');
    const tape = await bench.finish(streamer);
    bench.expectWhole(tape, [1]);
    const [hole] = tape.markers('gap_closed');
    expect(hole).toMatchObject({ cause: 'data_silence', from_ts: tape.sessions[0]!.frames.at(-1)!.recv_ts });
  });

  test('with a refused key is not tried again before RECONNECT_REFUSED_MS', async () => {
    bench = await Bench.open();
    bench.exchange.control.fault({ kind: 'refuse_connections', status: 401, count: 2 });
    const streamer = bench.start({ RECONNECT_REFUSED_MS: '700' });
    await streamer.event('ws_connected');
    const [first, second] = streamer.events('ws_auth_refused');
    const attempts = streamer.events('ws_connecting').map(({ timestamp }) => Date.parse(timestamp as string));
    expect(first!['backoff_ms']).toBeGreaterThanOrEqual(700);
    expect(second).toMatchObject({ http_status: 401, exception_msg: expect.stringContaining('authentication_error') });
    expect(Math.abs(second!['clock_offset_sec'] as number)).toBeLessThanOrEqual(2);
    expect(attempts).toHaveLength(3);
    expect(attempts[1]! - attempts[0]!).toBeGreaterThanOrEqual(690);
    expect(attempts[2]! - attempts[1]!).toBeGreaterThanOrEqual(690);
  });
});

describe('a hole inside a connection', () => {
  test('in the books is opened, repaired with a new subscription, and the books are the exchange’s again', async () => {
    bench = await Bench.open();
    const streamer = bench.start();
    await bench.flow(streamer);
    bench.exchange.control.fault({ kind: 'drop_frames', sid: 1 });
    const repaired = await streamer.event('ws_resubscribed');
    expect(repaired).toMatchObject({ cause: 'sequence', repair: 'resubscribe' });
    await bench.flow(streamer);
    const tape = await bench.finish(streamer);
    bench.expectWhole(tape);
    const [hole] = tape.markers('gap_closed');
    expect(hole).toMatchObject({ cause: 'sequence', channel: 'orderbook_delta', sid: 1, missing: 1 });
    const before = tape.frames.filter(({ raw, recv_ts }) => raw.includes('"sid":1,') && recv_ts <= hole!.from_ts);
    expect(before.at(-1)!.recv_ts).toBe(hole!.from_ts);
    const fold = new BookFold();
    for (const { raw } of tape.frames) if (raw.includes('"type":"orderbook_')) fold.take(raw.toString());
    for (const ticker of bench.exchange.control.tickers()) {
      expect(fold.levels(ticker)).toEqual(bench.exchange.control.truth(ticker));
    }
  });

  test('in the trades is opened and closed at once, with what is missing', async () => {
    bench = await Bench.open({ rate: 3_000 });
    const streamer = bench.start();
    await streamer.event('ws_subscribed', ({ channel }) => channel === 'market_lifecycle_v2');
    bench.exchange.control.fault({ kind: 'drop_frames', sid: 2, count: 2 });
    await streamer.event('ws_gap');
    const tape = await bench.finish(streamer);
    bench.expectWhole(tape);
    expect(tape.markers('gap_opened')).toMatchObject([{ channel: 'trade', missing: 2 }]);
    expect(tape.markers('gap_closed')).toMatchObject([{ channel: 'trade', repair: 'none' }]);
  });

  test.each([
    [25, 'exchange_overflow'],
    [10, 'channel_error'],
  ] as const)('by error %i ends with a new subscription and fresh books', async (code, cause) => {
    bench = await Bench.open();
    const streamer = bench.start();
    await bench.flow(streamer);
    bench.exchange.control.fault({ kind: 'channel_error', code, sid: 1 });
    await streamer.event('ws_resubscribed');
    await bench.flow(streamer);
    const tape = await bench.finish(streamer);
    bench.expectWhole(tape);
    expect(tape.markers('gap_closed')).toMatchObject([{ cause, channel: 'orderbook_delta', repair: 'resubscribe' }]);
    const sids = tape.markers('subscribed').filter(({ channel }) => channel === 'orderbook_delta');
    expect(sids.map(({ sid }) => sid)).toEqual([1, 5]);
  });
});
