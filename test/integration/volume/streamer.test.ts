import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { EventName } from '../../../core/logging/events.ts';
import { LOG_BOUNDS } from '../../../core/logging/gate.ts';
import { KinesisStream } from '../../../ecs/publish/kinesis.ts';
import { type Behaviour, LoopbackKinesis } from '../../support/kinesis.ts';
import { violationsOf } from '../../support/catalogue.ts';
import { aDayOf, playAgain, type Written } from './play-again.ts';
import { type Recorded, recordStorm } from './storm.ts';

/** The worst storm, a day of one streamer, every level. */
const STORM_MAX_BYTES_A_DAY = 200_000_000;
/** What all programs together may write on a normal day at 500 messages a second, and the shares of the other two. */
const NORMAL_MAX_BYTES_A_DAY = 15_000_000;
/** The bound that sink.test.ts, beside this file, holds the sink to. */
const SINK_MAX_BYTES_A_DAY = 5_000_000;
/** One line a minute of 1,000 bytes at most (measured in a local run: below 700). */
const PROBE_MAX_BYTES_A_DAY = 1_440_000;
/** ERROR passes whatever comes: what bounds it is how often it can happen. */
const REFUSED_MAX_BYTES_A_DAY = 20_000_000;
const HOUR_SEC = 3_600;
const MINUTE_SEC = 60;
const DAY_SEC = 86_400;

/** As fast as the settings allow. */
const IMPATIENT = { RECONNECT_BASE_MS: '1', RECONNECT_MAX_MS: '1', MARKETS_PER_CONNECTION: '5' } as const;
const CONNECTIONS = 4;

function report(name: string, recorded: Recorded, written: Written): void {
  const parts = [...written.bytesBy].map(([level, bytes]) => `${level} ${Math.round(bytes / 1_000)} kB`);
  const perSec = Math.round((recorded.heard.length * 1_000) / recorded.ms);
  process.stdout.write(
    `${name}: ${(aDayOf(written) / 1e6).toFixed(2)} MB a day (${parts.join(', ')} in ${Math.round(written.seconds / 60)} min; ` +
      `${perSec} events/s and ${Math.round((recorded.frames * 1_000) / recorded.ms)} frames/s in the sample; kept back ${written.keptBack.lines} of ${written.heard} lines)\n`,
  );
}

const countOf = ({ heard }: Recorded, event: EventName): number => heard.filter((one) => one.event === event).length;

/** Whatever the log kept back is in its telling, and each line that it let out is the catalogue's. */
function expectTruthful({ lines, keptBack }: Written): void {
  expect(lines.flatMap(violationsOf)).toEqual([]);
  const told = lines
    .map((line) => JSON.parse(line) as { readonly event: string; readonly count?: number })
    .filter(({ event }) => event === 'log_suppressed')
    .reduce((all, { count }) => all + count!, 0);
  expect(told).toBeLessThanOrEqual(keptBack.lines);
  // But for the last minute, which nobody has ended yet, and for lines beyond those that were kept.
  if (keptBack.lines > 0) expect(told).toBeGreaterThan(0);
}

describe('a reconnect storm', () => {
  test('of an exchange that accepts, drops and refuses as fast as it can', async () => {
    const recorded = await recordStorm({
      exchange: { rate: 2_000 },
      env: IMPATIENT,
      calmMs: 500,
      forMs: 9_000,
      everyMs: 10,
      rage: (make, turn) => {
        const phase = Math.floor(turn / 300) % 3;
        if (turn % 300 === 0) make({ kind: 'heal' });
        if (turn % 300 === 0 && phase === 1) make({ kind: 'refuse_connections', status: 503 });
        if (turn % 300 === 0 && phase === 2) make({ kind: 'stop_listening' });
        make({ kind: 'disconnect', how: turn % 2 === 0 ? 'reset' : 'going_away' });
      },
    });
    const written = playAgain(recorded, HOUR_SEC);
    report('reconnect storm', recorded, written);
    expect(countOf(recorded, 'ws_disconnected')).toBeGreaterThan(50);
    expect(countOf(recorded, 'ws_error')).toBeGreaterThan(100);
    const bytes = aDayOf(written);
    expect(bytes).toBeLessThan(STORM_MAX_BYTES_A_DAY);
    expect(written.keptBack.lines).toBeGreaterThan(written.heard / 2);
    expectTruthful(written);
  });

  test('of a key that is refused says so at ERROR each time, and each time is minutes apart', async () => {
    const shortened = 100;
    const recorded = await recordStorm({
      exchange: { rate: 100 },
      env: { ...IMPATIENT, RECONNECT_REFUSED_MS: String(30_000 / shortened) },
      forMs: 7_000,
      rage: (make, turn) => {
        if (turn === 0) make({ kind: 'refuse_connections', status: 401 });
        if (turn === 0) make({ kind: 'disconnect' });
      },
    });
    const written = playAgain(recorded, DAY_SEC, shortened);
    report('key refused', recorded, written);
    expect(countOf(recorded, 'ws_auth_refused')).toBeGreaterThanOrEqual(CONNECTIONS);
    expect(aDayOf(written)).toBeLessThan(REFUSED_MAX_BYTES_A_DAY);
    expect(written.keptBack.lines).toBe(0);
  });
});

test('50,000 messages a second are no more lines than 500', async () => {
  const recorded = await recordStorm({ exchange: { rate: 50_000 }, calmMs: 1_000, forMs: 6_000 });
  const written = playAgain(recorded, HOUR_SEC);
  report('50,000 messages a second', recorded, written);
  expect(recorded.frames).toBeGreaterThan(100_000);
  expect(written.keptBack.lines).toBe(0);
  expect(aDayOf(written)).toBeLessThan(STORM_MAX_BYTES_A_DAY);
  expectTruthful(written);
});

test('a gap storm: every subscription breaks again as soon as it is whole', async () => {
  const recorded = await recordStorm({
    exchange: { rate: 2_000 },
    env: IMPATIENT,
    calmMs: 500,
    forMs: 6_000,
    everyMs: 10,
    rage: (make) => make({ kind: 'drop_frames', count: 2 }),
  });
  const written = playAgain(recorded, HOUR_SEC);
  report('gap storm', recorded, written);
  expect(countOf(recorded, 'ws_gap')).toBeGreaterThan(100);
  expect(aDayOf(written)).toBeLessThan(STORM_MAX_BYTES_A_DAY);
  expectTruthful(written);
});

describe('Kinesis', () => {
  let kinesis: LoopbackKinesis;
  beforeEach(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    kinesis = await LoopbackKinesis.start();
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await kinesis.stop();
  });

  /** Blocks every tenth of a second; `behaviours` take turns of two seconds each. */
  async function failing(name: string, behaviours: readonly Behaviour[]): Promise<Recorded> {
    const stream = new KinesisStream({ streamName: 'tape', region: 'us-east-1', endpoint: kinesis.endpoint });
    const recorded = await recordStorm({
      exchange: { rate: 500 },
      env: { FLUSH_SECS_THRESHOLD: '0.1', PUBLISH_TIMEOUT_MS: '300' },
      stream,
      calmMs: 500,
      forMs: 8_000,
      rage: (_make, turn) => (kinesis.behaviour = behaviours[Math.floor(turn / 20) % behaviours.length]!),
    });
    const written = playAgain(recorded, HOUR_SEC);
    report(name, recorded, written);
    expect(aDayOf(written)).toBeLessThan(STORM_MAX_BYTES_A_DAY);
    expectTruthful(written);
    return recorded;
  }

  // Its going away is played again with each sample: an hour in one piece writes less.
  test('away for an hour', async () => {
    const recorded = await failing('Kinesis away', ['reset']);
    expect(countOf(recorded, 'publish_failed')).toBeGreaterThan(0);
  });

  test('that comes and goes', async () => {
    const recorded = await failing('Kinesis comes and goes', ['reset', 'take', 'error', 'take']);
    expect(countOf(recorded, 'publish_recovered')).toBeGreaterThan(0);
  });

  test('that throttles half of every request', async () => {
    const recorded = await failing('Kinesis throttles', ['throttle']);
    expect(countOf(recorded, 'publish_retry')).toBeGreaterThan(0);
  });
});

test('a normal day at 500 messages a second is a few MB', async () => {
  const recorded = await recordStorm({ exchange: { rate: 500 }, calmMs: 1_500, forMs: 8_000 });
  const written = playAgain(recorded, DAY_SEC);
  report('normal', recorded, written);
  expect(recorded.frames).toBeGreaterThan(2_000);
  expect([...written.bytesBy.keys()]).toEqual(['INFO']);
  const all = aDayOf(written) + SINK_MAX_BYTES_A_DAY + PROBE_MAX_BYTES_A_DAY;
  expect(all).toBeLessThan(NORMAL_MAX_BYTES_A_DAY);
  expectTruthful(written);
});

test('whatever repeats, a day of all that is below ERROR has its bound in the log itself', () => {
  const heartbeats = 2 * 1_000;
  const told = 2_000;
  const aMinute = LOG_BOUNDS.bytesPerMinute + heartbeats + told;
  expect((aMinute * DAY_SEC) / MINUTE_SEC).toBeLessThan(STORM_MAX_BYTES_A_DAY);
});
