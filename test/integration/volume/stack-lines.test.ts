import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseStartOptions } from '../../../local/options.ts';
import { sourceOf } from '../../../local/source.ts';
import { Stack } from '../../../local/stack.ts';
import { sequenceViolations, violationsOf } from '../../support/catalogue.ts';

const DRAIN_TIMEOUT_MS = 60_000;
const LANDED_TIMEOUT_MS = 60_000;
const POLL_MS = 200;
const FRAMES = 3_000;

let dir: string;
const printed = new Map<string, readonly string[]>();
const trouble: string[] = [];

/** A whole local run at DEBUG, with what makes the programs say more than on a good day. */
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tape-lines-'));
  const options = parseStartOptions(['--rate', '500', '--markets', 'KXA-1,KXB-1,KXC-1', '--data', dir]);
  const stack = await Stack.start({
    dataDir: dir,
    clickhousePort: 0,
    source: await sourceOf(options, {}),
    streamerEnv: { LOG_LEVEL: 'DEBUG', LOG_FRAMES_EVERY: '100', LOG_FILE: join(dir, 'own', 'tape.log') },
    sinkEnv: { LOG_LEVEL: 'DEBUG' },
    probeEveryMs: 1_000,
    onTrouble: (text) => trouble.push(text),
  });
  try {
    const landed = async (more: number): Promise<void> => {
      const count = () => stack.warehouse.framesOf(stack.watch.sessions);
      const wanted = (await count()) + more;
      for (const end = Date.now() + LANDED_TIMEOUT_MS; (await count()) < wanted;) {
        await sleep(POLL_MS);
        if (Date.now() > end) throw new Error(`${more} more frames did not land in time`);
      }
    };
    await landed(FRAMES / 3);
    // One after the other: a subscription that ends takes with it what was armed for its frames.
    for (const fault of [
      { kind: 'unknown_field', count: 20 },
      { kind: 'foreign', what: 'type' },
      { kind: 'drop_frames', count: 3 },
      { kind: 'channel_error', code: 25 },
    ]) {
      stack.simulator?.tell({ fault });
      await landed(FRAMES / 6);
    }
    stack.simulator?.tell({ fault: { kind: 'disconnect', how: 'reset' } });
    await landed(FRAMES / 3);
    await stack.drain(DRAIN_TIMEOUT_MS);
  } finally {
    await stack.stop();
  }
  const files = {
    streamer: 'logs/streamer.ndjson',
    sink: 'logs/sink.ndjson',
    probe: 'logs/probe.ndjson',
    own: 'own/tape.log',
  };
  for (const [program, file] of Object.entries(files)) {
    printed.set(program, (await readFile(join(dir, file), 'utf8')).split('\n').slice(0, -1));
  }
}, 2 * LANDED_TIMEOUT_MS);
afterAll(() => rm(dir, { recursive: true, force: true }));

const eventsOf = (program: string): ReadonlySet<unknown> =>
  new Set(printed.get(program)!.map((line) => (JSON.parse(line) as { readonly event?: string }).event ?? 'metrics'));

describe('every line of a whole local run', () => {
  test.each(['streamer', 'sink', 'probe', 'own'])('is the catalogue’s, of %s', (program) => {
    const lines = printed.get(program)!;
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.flatMap((line) => violationsOf(line).map((violation) => `${violation}: ${line}`))).toEqual([]);
    expect(sequenceViolations(lines)).toEqual([]);
  });

  test('was of more kinds than those of a good day, and no program ended before its time', () => {
    expect(trouble).toEqual([]);
    const streamer = ['startup_config', 'heartbeat', 'publish_ok', 'ws_gap', 'ws_resubscribed', 'ws_disconnected'];
    const frames = ['ws_frame', 'block_published', 'shutdown_complete'];
    expect([...eventsOf('streamer')]).toEqual(expect.arrayContaining([...streamer, ...frames]));
    expect([...eventsOf('own')]).toEqual(expect.arrayContaining([...streamer, ...frames]));
    expect([...eventsOf('sink')]).toEqual(
      expect.arrayContaining(['sink_started', 'sink_batch', 'insert_ok', 'schema_drift', 'metrics']),
    );
    expect([...eventsOf('probe')]).toEqual(['probe_started', 'warehouse_heartbeat']);
  });
});
