import { describe, expect, test } from 'vitest';
import { type Capture, PRELUDE_MIN, SCALE, scaled } from '../../../local/drills/scale.ts';

const MINUTE_MS = 60_000;
const START = 1_700_000_000_000;

/** Healthy for four seconds, a fault of two, and healthy for four: a line a second says the time. */
const CAPTURE: Capture = {
  startAt: START,
  faultAt: START + 4_000,
  healedAt: START + 6_000,
  endAt: START + 10_000,
  lines: Array.from({ length: 10 }, (_, second) => ({
    program: 'streamer' as const,
    at: START + second * 1_000,
    text: JSON.stringify({ event: 'heartbeat', timestamp: 'then', ingest_lag_sec: 0.5, duration_ms: 7, second }),
  })),
  samples: [
    { name: 'GetRecords.IteratorAgeMilliseconds', at: START + 4_500, value: 100 },
    { name: 'Duration', at: START + 4_500, value: 100 },
  ],
};

describe('a scaled capture', () => {
  const { from_ms, fault_ms, healed_ms, to_ms, lines, samples } = scaled(CAPTURE, { settle_min: 20 });

  test('lets a second stand for a minute, in order', () => {
    expect(healed_ms - fault_ms).toBe(2 * MINUTE_MS);
    expect(lines.map(({ ts_ms }) => ts_ms)).toEqual(lines.map(({ ts_ms }) => ts_ms).toSorted((a, b) => a - b));
  });

  test('repeats healthy time before the fault and behind the recovery, and nothing of the fault', () => {
    expect(fault_ms - from_ms).toBeGreaterThanOrEqual(PRELUDE_MIN * MINUTE_MS);
    expect(to_ms - healed_ms).toBeGreaterThanOrEqual(20 * MINUTE_MS);
    const seconds = (from: number, to: number) =>
      new Set(lines.filter(({ ts_ms }) => ts_ms >= from && ts_ms < to).map(({ text }) => secondOf(text)));
    expect(seconds(from_ms, fault_ms)).toEqual(new Set([0, 1, 2, 3]));
    expect(seconds(fault_ms, healed_ms)).toEqual(new Set([4, 5]));
    expect(seconds(healed_ms, to_ms)).toEqual(new Set([6, 7, 8, 9]));
  });

  test('stretches instants and ages, and leaves latencies as they were measured', () => {
    const [line] = lines;
    expect(JSON.parse(line!.text)).toMatchObject({
      timestamp: new Date(line!.ts_ms).toISOString(),
      ingest_lag_sec: 0.5 * SCALE,
      duration_ms: 7,
    });
    expect(samples.map(({ value }) => value)).toEqual([100 * SCALE, 100]);
  });

  test('makes a fault last by repeating its end', () => {
    const held = scaled(CAPTURE, { hold_min: 30 });
    expect(held.healed_ms - held.fault_ms).toBeGreaterThanOrEqual(30 * MINUTE_MS);
  });

  test('keeps an embedded metric as much older than its line as it was', () => {
    const [at, hour_ms] = [START + 1, 3_600_000];
    const text = JSON.stringify({ _aws: { Timestamp: at - 6 * hour_ms, CloudWatchMetrics: [] } });
    const [line] = scaled({ ...CAPTURE, lines: [{ program: 'sink', at, text }] }).lines;
    const { _aws } = JSON.parse(line!.text) as { _aws: { Timestamp: number } };
    expect(line!.ts_ms - _aws.Timestamp).toBe(6 * hour_ms * SCALE);
  });

  test('keeps what is no JSON as it is', () => {
    const text = '{"half of a line';
    const one = scaled({ ...CAPTURE, lines: [{ program: 'sink', at: START + 1, text }] });
    expect(one.lines[0]!.text).toBe(text);
  });
});

function secondOf(text: string): number {
  return (JSON.parse(text) as { second: number }).second;
}
