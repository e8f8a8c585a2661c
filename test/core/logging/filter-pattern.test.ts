import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toFilterPattern } from '../../../core/logging/filter-pattern.ts';
import { type Condition, matches } from '../../../core/logging/query.ts';
import { compileFilter } from '../../../lab/filter/compile-filter.ts';

describe('a condition as a CloudWatch filter pattern', () => {
  test('compares texts in quotes and numbers without, every operand in parentheses', () => {
    const where: Condition = {
      all: [
        { field: 'event', is: ['ws_error', 'ws_gap'] },
        {
          any: [
            { field: 'http_status', is: [503] },
            { field: 'missing', above: 2.5 },
          ],
        },
      ],
    };
    expect(toFilterPattern(where)).toBe(
      '{ (($.event = "ws_error") || ($.event = "ws_gap")) && (($.http_status = 503) || ($.missing > 2.5)) }',
    );
  });

  test('asks that a field be there whose value is taken', () => {
    expect(toFilterPattern({ field: 'event', is: ['heartbeat'] }, ['ingest_lag_sec'])).toBe(
      '{ ($.event = "heartbeat") && ($.ingest_lag_sec = *) }',
    );
  });

  test('goes into a field that holds numbers by name', () => {
    const pattern = toFilterPattern({ field: 'rows_ingested_last_5m.frames', is: [0] });
    expect(pattern).toBe('{ $.rows_ingested_last_5m.frames = 0 }');
    expect(compileFilter(pattern).matches('{"rows_ingested_last_5m":{"frames":0}}')).toBe(true);
  });

  test.each<[string, Condition]>([
    ['a star, which would stand for anything', { field: 'reason', is: ['a*b'] }],
    ['a line break', { field: 'reason', is: ['a\nb'] }],
    ['nothing to compare with', { field: 'reason', is: [] }],
    ['more than CloudWatch takes', { field: 'reason', is: Array.from({ length: 60 }, (_, i) => `a long reason ${i}`) }],
  ])('is not rendered with %s', (_, condition) => {
    expect(() => toFilterPattern(condition)).toThrow(/not rendered/);
  });

  test('matches exactly the lines that the condition means', () => {
    // None looks like a number: CloudWatch compares a quoted one with numbers too, and no condition of ours does so.
    const text = fc.constantFrom('a', 'A', 'b"c', 'd\\e', 'with blank', '%x%');
    const value = fc.oneof(text, fc.constantFrom(1, 7, -2, 0.5), fc.constant(null));
    const leaf: fc.Arbitrary<Condition> = fc.oneof(
      fc.record({
        field: fc.constantFrom('reason' as const, 'rows_ingested_last_5m.frames' as const),
        is: fc.array(fc.oneof(text, fc.constantFrom(1, 7, -2)), { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ field: fc.constant('rows' as const), above: fc.constantFrom(0, -3, 0.25) }),
    );
    const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
      condition: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.record({ all: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
      ),
    }));
    const line = fc.record(
      { reason: value, rows: value, rows_ingested_last_5m: fc.oneof(value, fc.record({ frames: value })) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(condition, line, (where, fields) => {
        const pattern = rendered(where);
        fc.pre(pattern !== undefined);
        expect(compileFilter(pattern).matches(JSON.stringify(fields))).toBe(matches(where, fields));
      }),
      { numRuns: 500 },
    );
  });
});

function rendered(where: Condition): string | undefined {
  try {
    return toFilterPattern(where);
  } catch {
    return undefined;
  }
}
