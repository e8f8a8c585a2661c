import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { STREAMER_NODE_FLAGS } from '../../../core/contract/runtime.ts';
import { STATE_DIR } from '../../../lib/streamer/streamer-environment.ts';
import { streamerImageDirectory } from '../../../lib/streamer/streamer-image.ts';
import { makeBaseRoot } from '../../../scripts/image/base-root.ts';
import { Buildah, type ImageConfig } from '../../../scripts/image/buildah.ts';
import { containerEnvironment, containerOf, synthesized } from '../../lib/synthesized.ts';
import { Bench } from '../ecs/bench.ts';
import { Contained, containmentMissing } from './contained.ts';

const BASE = 'localhost/kalshi-tape-test-base';
const IMAGE = 'localhost/kalshi-tape-test-streamer';
const template = synthesized('prod');

let bench: Bench;
let streamer: Contained | undefined;

beforeEach(async () => {
  bench = await Bench.open({ rate: 1_000 });
  streamer = undefined;
});
afterEach(async () => {
  await streamer?.end();
  await bench.close();
});

/** What ECS would give it, sent to this machine's exchange and Kinesis. */
function environment(): Record<string, string> {
  const deployed = containerEnvironment(template);
  const { SPOOL_DIR = '' } = deployed;
  return { ...deployed, ...bench.environment(), SPOOL_DIR, SHUTDOWN_TIMEOUT_MS: '10000' };
}

async function recordsAndDrains(running: Contained): Promise<void> {
  const received = () => Number(running.events('heartbeat').at(-1)?.['frames_received_total'] ?? 0);
  await running.until(() => received() >= 500, '500 frames');
  // Frames are in its hands when it is told to stop.
  running.kill('SIGTERM');
  expect(await running.exit).toBe(0);
  expect(running.events('received_signal')).toMatchObject([{ signal: 'SIGTERM' }]);
  expect(running.events('shutdown_complete')).toMatchObject([{ rows_buffered: 0, spool_blocks: 0 }]);
  const tape = bench.tape();
  expect(tape.frames.length).toBeGreaterThanOrEqual(500);
  expect(tape.frames.length).toBe(running.events('shutdown_complete')[0]!['rows_written_total']);
  // What the exchange sent while the socket was being closed is not ours; up to there every byte is.
  bench.expectWhole(
    tape,
    bench.exchange.control.sent().map(({ connection }) => connection),
  );
}

describe('the deployed bundle', () => {
  test('as number 1 of its namespace hears SIGTERM, publishes what it holds and ends with 0', async ({ skip }) => {
    skip(containmentMissing() !== undefined, containmentMissing());
    const env = { ...environment(), SPOOL_DIR: bench.directory, HEALTH_FILE: join(bench.directory, 'health.json') };
    const bundle = join(streamerImageDirectory(), 'streamer.mjs');
    streamer = new Contained({ argv: [process.execPath, ...STREAMER_NODE_FLAGS, bundle], env });
    await recordsAndDrains(streamer);
  });
});

describe('the image', () => {
  const missing = Buildah.missing() ?? containmentMissing();
  let store: string;
  let config: ImageConfig;
  let root: string;

  beforeAll(() => {
    if (missing !== undefined) return;
    store = mkdtempSync(join(tmpdir(), 'tape-image-'));
    const base = join(store, 'base');
    makeBaseRoot(base, 'host');
    const buildah = new Buildah(store);
    buildah.imageOf(base, BASE);
    buildah.build(streamerImageDirectory(), IMAGE, { BASE_IMAGE: BASE });
    config = buildah.config(IMAGE);
    root = buildah.mount(IMAGE);
  });
  afterAll(() => {
    if (missing === undefined) rmSync(store, { recursive: true, force: true });
  });

  function start(): Contained {
    const told = Object.fromEntries(config.Env.map((variable) => variable.split(/=(.*)/s).slice(0, 2)));
    return new Contained({
      argv: config.Cmd,
      env: { ...told, ...environment() },
      image: { root, user: String(containerOf(template)['User']), directory: config.WorkingDir, writable: STATE_DIR },
    });
  }

  test('is started by the program itself, as nobody special, with the task’s health check', ({ skip }) => {
    skip(missing !== undefined, missing);
    expect(config.Cmd).toEqual(['node', ...STREAMER_NODE_FLAGS, 'streamer.mjs']);
    expect(config.Entrypoint ?? []).toEqual([]);
    expect(config.User).toBe(containerOf(template)['User']);
    expect(config.StopSignal).toBe('SIGTERM');
    expect(Object.keys(config.Volumes)).toEqual([STATE_DIR]);
    const { Command } = containerOf(template)['HealthCheck'] as { readonly Command: readonly string[] };
    expect(config.Healthcheck.Test).toEqual(Command);
  });

  test('records on a read-only root, is healthy while its socket lives, and drains on SIGTERM', async ({ skip }) => {
    skip(missing !== undefined, missing);
    streamer = start();
    const env = environment();
    const check = () => streamer!.run(config.Healthcheck.Test.slice(1), env);
    await streamer.until(() => streamer!.events('ws_subscribed').length > 0, 'a subscription');
    await streamer.until(() => check().status === 0, 'the health check says 0');
    expect(streamer.run(['/bin/sh', '-c', 'echo x > /app/x'], {}).status).not.toBe(0);
    expect(streamer.run(['/bin/sh', '-c', `echo x > ${STATE_DIR}/x`], {}).status).toBe(0);
    expect(streamer.events('startup_config')).toMatchObject([{ git_commit: 'abc123', instance_type: 't4g.small' }]);
    await recordsAndDrains(streamer);
  });

  test('is unhealthy while the exchange lets nobody in', async ({ skip }) => {
    skip(missing !== undefined, missing);
    bench.exchange.control.fault({ kind: 'refuse_connections', status: 503, count: 1_000 });
    streamer = start();
    await streamer.until(() => streamer!.lines.length > 1, 'that it started');
    const { status, stderr } = streamer.run(config.Healthcheck.Test.slice(1), environment());
    expect([status, stderr]).toEqual([1, expect.stringContaining('no connection has lived yet')]);
  });
});
