import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { decodeBlock } from '../../../core/tape/block.ts';
import { PUT_RECORDS_MAX_BYTES, PUT_RECORDS_MAX_RECORDS } from '../../../core/contract/limits.ts';
import { Bench } from './bench.ts';

let bench: Bench;

afterEach(async () => await bench.close());

describe('a Kinesis that fails', () => {
  test('by throttling gets only the failed entries again, and every block lands once', async () => {
    bench = await Bench.open();
    const streamer = bench.start({ FLUSH_ROWS_THRESHOLD: '5', PUBLISH_ATTEMPTS: '20' });
    await bench.flow(streamer);
    bench.kinesis.script.push('throttle', 'throttle', 'throttle', 'throttle');
    await streamer.event('publish_retry', ({ category }) => category === 'throttled', 2);
    await bench.flow(streamer);
    const tape = await bench.finish(streamer);
    bench.expectWhole(tape);
    expect(tape.repeated).toBe(0);
    for (const { records, bytes } of bench.kinesis.requests) {
      expect(records).toBeLessThanOrEqual(PUT_RECORDS_MAX_RECORDS);
      expect(bytes).toBeLessThanOrEqual(PUT_RECORDS_MAX_BYTES);
    }
  });

  test('by losing its answer gets the same blocks again, under the same ids', async () => {
    bench = await Bench.open();
    const streamer = bench.start({ PUBLISH_TIMEOUT_MS: '300' });
    await bench.flow(streamer);
    bench.kinesis.script.push('lose_answer');
    await streamer.event('publish_retry', ({ category }) => category === 'timeout');
    const tape = await bench.finish(streamer);
    bench.expectWhole(tape);
    expect(tape.repeated).toBeGreaterThan(0);
  });

  test('for long does not stop the recording: blocks go to the disk and drain when it is back', async () => {
    bench = await Bench.open();
    const streamer = bench.start();
    await bench.flow(streamer);
    bench.kinesis.behaviour = 'reset';
    await streamer.event('publish_failed');
    await bench.flow(streamer, 200);
    const beat = await streamer.event('heartbeat', ({ ingest_lag_sec }) => (ingest_lag_sec as number) > 0.5);
    expect(beat).toMatchObject({ ws_state: 'live' });
    expect(await spooled(bench)).not.toEqual([]);
    bench.kinesis.behaviour = 'take';
    await streamer.event('spool_drained');
    const tape = await bench.finish(streamer);
    bench.expectWhole(tape);
    expect(tape.markers('gap_opened')).toEqual([]);
    expect(await spooled(bench)).toEqual([]);
  });
});

describe('a spool whose directory cannot be opened', () => {
  test('is told as what it is, and blocks wait in memory: all of them land', async () => {
    bench = await Bench.open();
    const file = join(bench.directory, 'file');
    await writeFile(file, '');
    const streamer = bench.start({ SPOOL_DIR: join(file, 'spool') });
    expect(await streamer.event('spool_unavailable')).toMatchObject({
      level: 'ERROR',
      spool_dir: join(file, 'spool'),
      exception_type: 'ENOTDIR',
    });
    await bench.flow(streamer);
    bench.kinesis.behaviour = 'reset';
    await streamer.event('publish_failed');
    await bench.flow(streamer, 200);
    bench.kinesis.behaviour = 'take';
    bench.expectWhole(await bench.finish(streamer));
    for (const event of ['spool_damaged', 'ws_frame_dropped']) expect(streamer.events(event), event).toEqual([]);
  });
});

describe('a killed streamer', () => {
  test('leaves its spool, which the next one drains, and a hole that starts no later than the last durable frame', async () => {
    bench = await Bench.open();
    const first = bench.start();
    await bench.flow(first);
    bench.kinesis.behaviour = 'error';
    await first.event('publish_failed');
    await bench.flow(first, 300);
    first.kill('SIGKILL');
    expect(await first.exit).toBe('SIGKILL');
    const durable = await durableFrames(bench);
    await writeFile(join(bench.directory, '000000009999.ktb.part'), 'half of a block');
    bench.kinesis.behaviour = 'take';

    const second = bench.start();
    expect(await second.event('startup_config')).toMatchObject({ previous_run: 'crashed' });
    expect((await second.event('spool_recovered'))['blocks']).toBeGreaterThan(0);
    await second.event('spool_drained');
    await second.event('ws_resubscribed');
    await bench.flow(second);
    const tape = await bench.finish(second);
    bench.expectWhole(tape, [1]);
    const [before, after] = tape.sessions;
    expect(before!.frames.map(({ frame_no }) => frame_no)).toEqual(durable.map(({ frame_no }) => frame_no));
    const [hole] = tape.markers('gap_closed');
    expect(hole).toMatchObject({ cause: 'recorder_crashed', previous_session_id: before!.session_id });
    expect(hole!.from_ts).toBeLessThanOrEqual(durable.at(-1)!.recv_ts);
    expect(hole!.from_ts).toBeGreaterThan(durable.at(-1)!.recv_ts - 1_500_000);
    expect(hole!.to_ts).toBeGreaterThan(after!.frames[0]!.recv_ts);
    expect(await spooled(bench)).toEqual([]);
  });

  test('whose blocks were taken out of order starts its hole before the one that was not', async () => {
    bench = await Bench.open();
    const first = bench.start({ FLUSH_ROWS_THRESHOLD: '5', PUBLISH_ATTEMPTS: '20' });
    await bench.flow(first, 200);
    bench.kinesis.behaviour = 'throttle';
    await first.event('publish_retry');
    await bench.flow(first, 200);
    first.kill('SIGKILL');
    await first.exit;
    const { sessions } = bench.tape();
    const { frames } = sessions[0]!;
    const whole = frames.filter(({ frame_no }, index) => frame_no === index + 1);
    bench.kinesis.behaviour = 'take';
    const second = bench.start();
    await second.event('ws_resubscribed');
    const tape = await bench.finish(second);
    expect(tape.markers('gap_closed')[0]!.from_ts).toBeLessThanOrEqual(whole.at(-1)!.recv_ts);
  });
});

describe('a spool that is full', () => {
  test('drops the newest frames, and the holes name exactly those that are missing', async () => {
    bench = await Bench.open({ rate: 4_000 });
    const streamer = bench.start({ SPOOL_MAX_MB: '0.2', PUBLISH_QUEUE_MAX_MB: '1', FLUSH_SECS_THRESHOLD: '0.01' });
    await bench.flow(streamer);
    bench.kinesis.behaviour = 'error';
    bench.exchange.control.fault({ kind: 'burst', count: 60_000 });
    await streamer.event('ws_frame_dropped', ({ reason }) => reason === 'spool_full');
    bench.exchange.control.fault({ kind: 'disconnect' });
    await streamer.event('ws_connected', undefined, 2);
    await bench.flow(streamer, 500);
    bench.kinesis.behaviour = 'take';
    await streamer.event('ws_resubscribed', ({ cause }) => cause === 'spool_full');
    await streamer.event('spool_drained');
    const tape = await bench.finish(streamer);
    const named = new Set<string>();
    for (const { gap_id, previous_session_id, first_frame_no, last_frame_no } of tape.markers('gap_closed')) {
      if (first_frame_no === 0) continue;
      const session_id = previous_session_id === '' ? gap_id.split(':')[0]! : previous_session_id;
      for (let frame_no = first_frame_no; frame_no <= last_frame_no; frame_no++) named.add(`${session_id}:${frame_no}`);
    }
    const missing = new Set<string>();
    const received = new Map(
      streamer.events('ws_disconnected').map((line) => [line['session_id'], line['frames'] as number]),
    );
    for (const { session_id, frames } of tape.sessions) {
      const there = new Set(frames.map(({ frame_no }) => frame_no));
      const last = received.get(session_id) ?? frames.at(-1)!.frame_no;
      for (let frame_no = 1; frame_no <= last; frame_no++) {
        if (!there.has(frame_no)) missing.add(`${session_id}:${frame_no}`);
      }
    }
    expect(missing.size).toBeGreaterThan(0);
    expect(named).toEqual(missing);
    expect(streamer.events('heartbeat').at(-1)).toMatchObject({ dropped_frames_total: missing.size });
    // Markers do not share the fate of the frames around them.
    expect(tape.markers('session_opened')).toHaveLength(2);
    expect(tape.markers('session_closed')).toHaveLength(2);
    expect(tape.markers('gap_closed').map(({ cause }) => cause)).toContain('disconnect');
  });
});

describe('a signal', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s flushes what was received and ends with 0', async (signal) => {
    bench = await Bench.open();
    const streamer = bench.start({ FLUSH_SECS_THRESHOLD: '30' });
    await bench.flow(streamer, 100);
    expect(bench.kinesis.records).toEqual([]);
    streamer.kill(signal);
    expect(await streamer.exit).toBe(0);
    const [session] = bench.tape().sessions;
    expect(streamer.events('heartbeat').at(-1)!['frames_received_total']).toBe(session!.frames.length);
    expect(session!.markers.at(-1)!.marker).toMatchObject({ type: 'session_closed', reason: 'shutdown' });
    expect(streamer.events('shutdown_complete')).toMatchObject([
      { exit_code: 0, rows_written_total: session!.frames.length },
    ]);

    const next = bench.start();
    expect(await next.event('startup_config')).toMatchObject({ previous_run: 'clean' });
    await next.event('ws_resubscribed');
    const [hole] = (await bench.finish(next)).markers('gap_closed');
    expect(hole).toMatchObject({ cause: 'recorder_stopped', previous_session_id: session!.session_id });
  });

  test('while Kinesis is away leaves nothing behind but the disk', async () => {
    bench = await Bench.open();
    const first = bench.start({ PUBLISH_TIMEOUT_MS: '300' });
    await bench.flow(first);
    bench.kinesis.behaviour = 'lose_answer';
    await bench.flow(first, 200);
    first.kill('SIGTERM');
    expect(await first.exit).toBe(0);
    const received = first.events('heartbeat').at(-1)!['frames_received_total'] as number;
    bench.kinesis.behaviour = 'take';
    const second = bench.start();
    await second.event('spool_drained');
    expect((await bench.finish(second)).sessions[0]!.frames).toHaveLength(received);
  });

  test('that comes twice ends it at once, and not with 0', async () => {
    bench = await Bench.open();
    const streamer = bench.start({ SHUTDOWN_TIMEOUT_MS: '20000', PUBLISH_TIMEOUT_MS: '20000' });
    await bench.flow(streamer);
    bench.kinesis.behaviour = 'lose_answer';
    await bench.flow(streamer);
    streamer.kill('SIGTERM');
    await streamer.event('shutdown_requested');
    const at = Date.now();
    streamer.kill('SIGINT');
    expect(await streamer.exit).toBe(130);
    expect(Date.now() - at).toBeLessThan(10_000);
    expect(streamer.events('shutdown_forced')[0]!['rows_buffered']).toBeGreaterThan(0);
  });
});

describe('a configuration that is missing or wrong', () => {
  test('is refused with one line that names every fault, and nothing is connected', async () => {
    bench = await Bench.open();
    const streamer = bench.start({
      KALSHI_API_KEY_ID: '',
      KALSHI_PRIVATE_KEY: '',
      KALSHI_PRIVATE_KEY_PATH: join(bench.directory, 'no-such-key.pem'),
      MARKETS: '',
      DEAD_SOCKET_SECONDS: '60',
      USE_YES_PRICE: 'perhaps',
    });
    expect(await streamer.exit).toBe(2);
    expect(streamer.lines).toHaveLength(1);
    const { event, level, faults } = streamer.lines[0]!;
    expect({ event, level }).toEqual({ event: 'startup_refused', level: 'CRITICAL' });
    const names = (faults as string[]).map((fault) => fault.split(':')[0]);
    expect(names.sort()).toEqual([
      'DEAD_SOCKET_SECONDS',
      'KALSHI_API_KEY_ID',
      'KALSHI_PRIVATE_KEY_PATH',
      'MARKETS',
      'USE_YES_PRICE',
    ]);
    expect(bench.exchange.control.stats()).toMatchObject({ opened: 0, refused: 0 });
    expect(bench.kinesis.requests).toEqual([]);
  });

  test('of markets is told with all else: a file that is not there, and one that names none', async () => {
    bench = await Bench.open();
    const [missing, empty] = [join(bench.directory, 'missing.txt'), join(bench.directory, 'empty.txt')];
    await writeFile(empty, '\n \n');
    for (const MARKETS_PATH of [missing, empty]) {
      const streamer = bench.start({ MARKETS: '', MARKETS_PATH, USE_YES_PRICE: 'perhaps' });
      expect(await streamer.exit).toBe(2);
      const names = (streamer.lines[0]!['faults'] as string[]).map((fault) => fault.split(':')[0]);
      expect(names.sort()).toEqual(['MARKETS_PATH', 'USE_YES_PRICE']);
    }
    expect(bench.exchange.control.stats()).toMatchObject({ opened: 0, refused: 0 });
  });

  test('of a key never shows the key', async () => {
    bench = await Bench.open();
    const streamer = bench.start({ KALSHI_PRIVATE_KEY: 'not a key but a secret' });
    expect(await streamer.exit).toBe(2);
    expect(JSON.stringify(streamer.lines)).not.toContain('secret');
    expect(streamer.lines).toHaveLength(1);
  });
});

async function spooled({ directory }: Bench): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.includes('.ktb')).sort();
}

/** Frames that are on the stream or in the spool. */
async function durableFrames(from: Bench) {
  const onDisk = (await spooled(from)).filter((name) => name.endsWith('.ktb'));
  const records = await Promise.all(onDisk.map((name) => readFile(join(from.directory, name))));
  const frames = [...from.kinesis.records, ...records].flatMap((record) => {
    const decoded = decodeBlock(record);
    return decoded.ok ? decoded.block.entries.filter((entry) => entry.kind !== 'marker') : [];
  });
  return frames.sort((a, b) => a.frame_no - b.frame_no);
}
