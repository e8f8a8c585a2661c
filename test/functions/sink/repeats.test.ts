import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { REPEAT_EVERY_SEC, REPEAT_MAX_KINDS, Repeats } from '../../../functions/sink/repeats.ts';

const EVERY_MS = REPEAT_EVERY_SEC * 1_000;

describe('a failure that repeats', () => {
  test('is told at once, then the newest of it once in a while with the exact number of those before it', () => {
    const repeats = new Repeats<string>();
    expect(repeats.heard('a', 'a0', 0)).toEqual({ what: 'a0', repeats: 0 });
    for (let n = 1; n <= 4; n++) expect(repeats.heard('a', `a${n}`, n)).toBeUndefined();
    expect(repeats.due(EVERY_MS - 1)).toEqual([]);
    expect(repeats.heard('a', 'a5', EVERY_MS)).toEqual({ what: 'a5', repeats: 4 });
    expect(repeats.heard('a', 'a6', EVERY_MS + 1)).toBeUndefined();
    expect(repeats.heard('a', 'a7', EVERY_MS + 2)).toBeUndefined();
    expect(repeats.due(2 * EVERY_MS)).toEqual([{ what: 'a7', repeats: 1 }]);
    expect(repeats.due(3 * EVERY_MS)).toEqual([]);
  });

  test('does not hide the first of another kind', () => {
    const repeats = new Repeats<string>();
    repeats.heard('a', 'a0', 0);
    expect(repeats.heard('b', 'b0', 1)).toEqual({ what: 'b0', repeats: 0 });
  });

  test('is a first again when it was over, and what was kept back until then is told', () => {
    const repeats = new Repeats<string>();
    for (const what of ['a0', 'a1', 'a2']) repeats.heard('a', what, 0);
    for (const what of ['b0', 'b1']) repeats.heard('b', what, 0);
    expect(repeats.over((kind) => kind === 'a', 5)).toEqual([{ what: 'a2', repeats: 1 }]);
    expect(repeats.heard('a', 'a3', 6)).toEqual({ what: 'a3', repeats: 0 });
    expect(repeats.heard('b', 'b2', 6)).toBeUndefined();
  });

  test('is told although the clock was set back', () => {
    const repeats = new Repeats<string>();
    repeats.heard('a', 'a0', 10 * EVERY_MS);
    expect(repeats.heard('a', 'a1', EVERY_MS)).toEqual({ what: 'a1', repeats: 0 });
  });

  test('of more kinds than are told apart is collapsed with the others, and told', () => {
    const repeats = new Repeats<string>();
    const heard = Array.from({ length: 2 * REPEAT_MAX_KINDS }, (_, n) => repeats.heard(`kind ${n}`, `${n}`, 0));
    expect(heard.filter((told) => told !== undefined)).toHaveLength(REPEAT_MAX_KINDS + 1);
    expect(repeats.due(EVERY_MS)).toEqual([{ what: `${2 * REPEAT_MAX_KINDS - 1}`, repeats: REPEAT_MAX_KINDS - 2 }]);
  });

  test('is counted exactly: what is told plus its repeats is what was heard, and no kind is told too often', () => {
    const step = fc.record({
      kind: fc.constantFrom('a', 'b', 'c'),
      does: fc.constantFrom('heard' as const, 'heard' as const, 'heard' as const, 'due' as const, 'over' as const),
      after_ms: fc.integer({ min: 0, max: EVERY_MS / 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const repeats = new Repeats<string>();
        const counted = new Map<string, number>();
        const lastAt = new Map<string, number>();
        let now = 0;
        const told = (all: readonly ({ what: string; repeats: number } | undefined)[], isOver = false): void => {
          for (const one of all) {
            if (one === undefined) continue;
            counted.set(one.what, (counted.get(one.what) ?? 0) + 1 + one.repeats);
            if (!isOver) expect(now - (lastAt.get(one.what) ?? -Infinity)).toBeGreaterThanOrEqual(EVERY_MS);
            lastAt.set(one.what, isOver ? -Infinity : now);
          }
        };
        for (const { kind, does, after_ms } of steps) {
          now += after_ms;
          if (does === 'heard') told([repeats.heard(kind, kind, now)]);
          else if (does === 'due') told(repeats.due(now));
          else {
            told(
              repeats.over((name) => name === kind, now),
              true,
            );
            lastAt.delete(kind);
          }
        }
        told(
          repeats.over(() => true, now),
          true,
        );
        const heard = steps.filter(({ does }) => does === 'heard');
        for (const kind of ['a', 'b', 'c']) {
          expect(counted.get(kind) ?? 0).toBe(heard.filter((one) => one.kind === kind).length);
        }
      }),
    );
  });
});
