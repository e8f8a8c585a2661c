import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Line, LogGate } from '../../../core/logging/gate.ts';

const BOUNDS = { linesPerKind: 3, bytesPerMinute: 1_000 };

const line = (over: Partial<Line> = {}): Line => ({
  level: 'INFO',
  kind: 'ws_error',
  bytes: 10,
  vital: false,
  ...over,
});

describe('LogGate', () => {
  test('lets the first lines of a kind pass and counts the others exactly', () => {
    const gate = new LogGate(BOUNDS);
    gate.turn(0);
    expect(Array.from({ length: 10 }, () => gate.admit(line()))).toEqual([
      true,
      true,
      true,
      ...Array<boolean>(7).fill(false),
    ]);
    expect(gate.turn(59_999)).toBeUndefined();
    const suppressed = gate.turn(60_000);
    expect(suppressed).toMatchObject({ lines: 7, bytes: 70 });
    expect(suppressed?.kinds.get('ws_error')).toBe(7);
    expect(gate.admit(line())).toBe(true);
  });

  test('spends the budget by level: DEBUG stops first, then INFO, then WARN', () => {
    const gate = new LogGate({ linesPerKind: 1_000, bytesPerMinute: 100 });
    gate.turn(0);
    const passes = (level: Line['level']): number => {
      let passed = 0;
      while (gate.admit(line({ level }))) passed++;
      return passed;
    };
    expect([passes('DEBUG'), passes('INFO'), passes('WARN')]).toEqual([5, 3, 2]);
  });

  test('never keeps back ERROR, CRITICAL or what is vital', () => {
    const gate = new LogGate({ linesPerKind: 0, bytesPerMinute: 0 });
    gate.turn(0);
    for (let i = 0; i < 1_000; i++) {
      expect(gate.admit(line({ level: 'ERROR' }))).toBe(true);
      expect(gate.admit(line({ level: 'CRITICAL' }))).toBe(true);
      expect(gate.admit(line({ vital: true }))).toBe(true);
    }
    expect(gate.admit(line())).toBe(false);
  });

  test('knows a bounded number of kinds, even where the budget lets none of them pass', () => {
    const gate = new LogGate({ linesPerKind: 3, bytesPerMinute: 0 });
    gate.turn(0);
    for (let i = 0; i < 5_000; i++) gate.admit(line({ kind: `kind-${i}` }));
    const suppressed = gate.turn(60_000);
    expect(suppressed).toMatchObject({ lines: 5_000, bytes: 50_000 });
    expect(suppressed!.kinds.size).toBeLessThanOrEqual(201);
    expect([...suppressed!.kinds.values()].reduce((sum, count) => sum + count, 0)).toBe(5_000);
  });

  test('has in its total what was told and what is not told yet', () => {
    const gate = new LogGate({ linesPerKind: 0, bytesPerMinute: 1_000 });
    gate.turn(0);
    gate.admit(line());
    expect(gate.total).toEqual({ lines: 1, bytes: 10 });
    gate.turn(60_000);
    gate.admit(line({ bytes: 5 }));
    expect(gate.total).toEqual({ lines: 2, bytes: 15 });
  });

  test('what passed and what was counted is what was offered, in any storm, and the budget holds each minute', () => {
    const storm = fc.array(
      fc.record({
        level: fc.constantFrom('DEBUG' as const, 'INFO' as const, 'WARN' as const),
        kind: fc.constantFrom('a', 'b', 'c'),
        bytes: fc.integer({ min: 1, max: 400 }),
        after_ms: fc.integer({ min: 0, max: 30_000 }),
      }),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(storm, (lines) => {
        const gate = new LogGate(BOUNDS);
        let now = 0;
        let passed = 0;
        let told = 0;
        let spent = 0;
        let offered = 0;
        for (const { after_ms, ...rest } of lines) {
          offered++;
          now += after_ms;
          const before = Math.floor((now - after_ms) / 60_000);
          told += gate.turn(now)?.lines ?? 0;
          if (Math.floor(now / 60_000) !== before) spent = 0;
          if (gate.admit({ ...rest, vital: false })) {
            passed++;
            spent += rest.bytes;
          }
          expect(spent).toBeLessThanOrEqual(BOUNDS.bytesPerMinute);
          expect(passed + gate.total.lines).toBe(offered);
        }
        told += gate.turn(now + 120_000)?.lines ?? 0;
        expect(passed + told).toBe(lines.length);
      }),
    );
  });
});
