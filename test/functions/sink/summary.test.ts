import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Landed,
  type LandedSum,
  Summary,
  SUMMARY_EVERY_SEC,
  SUMMARY_MAX_BATCHES,
} from '../../../functions/sink/summary.ts';

const EVERY_MS = SUMMARY_EVERY_SEC * 1_000;
const T0_MS = 1_795_428_000_000;

function landed(over: Partial<Landed> = {}): Landed {
  return {
    aws_request_id: 'r',
    newest_block_id: 's:1-500',
    records: 1,
    blocks: 1,
    duplicates: 0,
    torn: 0,
    frames: 500,
    rows: 499,
    rejects: 1,
    unknownTypes: 0,
    duration_ms: 40,
    ingest_lag_sec: 1.5,
    ...over,
  };
}

describe('a summary', () => {
  test('is due at the first batch, then only when its time has passed', () => {
    const summary = new Summary();
    summary.add(landed(), T0_MS);
    expect(summary.due(T0_MS)).toMatchObject({ batches: 1, frames: 500, span_sec: 0.04, lastAt: T0_MS });
    summary.add(
      landed({
        aws_request_id: 'r2',
        newest_block_id: 's:501-1000',
        duplicates: 2,
        torn: 3,
        unknownTypes: 4,
        duration_ms: 900,
      }),
      T0_MS + 1_000,
    );
    summary.add(
      landed({
        aws_request_id: 'r3',
        newest_block_id: undefined,
        duplicates: 10,
        torn: 20,
        unknownTypes: 30,
        ingest_lag_sec: 9,
      }),
      T0_MS + 2_000,
    );
    expect(summary.due(T0_MS + EVERY_MS - 1)).toBeUndefined();
    expect(summary.due(T0_MS + EVERY_MS)).toEqual({
      aws_request_id: 'r3',
      newest_block_id: 's:501-1000',
      records: 2,
      blocks: 2,
      duplicates: 12,
      torn: 23,
      frames: 1_000,
      rows: 998,
      rejects: 2,
      unknownTypes: 34,
      duration_ms: 900,
      ingest_lag_sec: 9,
      batches: 2,
      span_sec: SUMMARY_EVERY_SEC,
      lags: [1.5, 9],
      lastAt: T0_MS + 2_000,
    });
    expect(summary.due(T0_MS + 10 * EVERY_MS)).toBeUndefined();
  });

  test('has no lag of a batch that brought nothing new', () => {
    const summary = new Summary();
    summary.add(landed({ blocks: 0, duplicates: 3, ingest_lag_sec: 0 }), T0_MS);
    expect(summary.due(T0_MS)).toMatchObject({ duplicates: 3, lags: [] });
  });

  test('is told early rather than grow beyond its bound', () => {
    const summary = new Summary();
    summary.add(landed(), T0_MS);
    summary.due(T0_MS);
    for (let n = 1; n < SUMMARY_MAX_BATCHES; n++) summary.add(landed(), T0_MS + 1);
    expect(summary.due(T0_MS + 1)).toBeUndefined();
    summary.add(landed(), T0_MS + 1);
    expect(summary.due(T0_MS + 1)?.batches).toBe(SUMMARY_MAX_BATCHES);
  });

  test('is due although the clock was set back', () => {
    const summary = new Summary();
    summary.add(landed(), T0_MS);
    summary.due(T0_MS);
    summary.add(landed(), T0_MS - 3_600_000);
    expect(summary.due(T0_MS - 3_600_000)).toMatchObject({ batches: 1, span_sec: 0 });
  });

  test('loses no batch, whenever they land and however often it is asked, and is told at most once in its time', () => {
    const step = fc.record({
      adds: fc.boolean(),
      frames: fc.nat(1_000),
      after_ms: fc.integer({ min: 0, max: 20_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const summary = new Summary();
        const told: LandedSum[] = [];
        const at: number[] = [];
        let now = T0_MS;
        for (const { adds, frames, after_ms } of steps) {
          now += after_ms;
          if (adds) summary.add(landed({ frames }), now);
          const sum = summary.due(now);
          if (sum === undefined) continue;
          told.push(sum);
          at.push(now);
        }
        const rest = summary.take(now);
        if (rest !== undefined) told.push(rest);
        const added = steps.filter(({ adds }) => adds);
        const total = (of: (sum: LandedSum) => number): number => told.reduce((all, sum) => all + of(sum), 0);
        expect(total(({ batches }) => batches)).toBe(added.length);
        expect(total(({ frames }) => frames)).toBe(added.reduce((all, { frames }) => all + frames, 0));
        expect(total(({ lags }) => lags.length)).toBe(added.length);
        for (const [n, instant] of at.entries())
          if (n > 0) expect(instant - at[n - 1]!).toBeGreaterThanOrEqual(EVERY_MS);
      }),
    );
  });
});
