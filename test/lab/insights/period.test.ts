import { describe, expect, test } from 'vitest';
import { run } from './support.ts';

const TIME = '2026-11-23T22:07:31.456Z';

function bin(period: string): unknown {
  return run(`stats count(*) by bin(${period}) as b`, [{ timestamp: TIME }]).rows[0]!['b'];
}

describe('bin()', () => {
  test.each([
    ['100ms', '2026-11-23 22:07:31.400'],
    ['30s', '2026-11-23 22:07:30.000'],
    ['5m', '2026-11-23 22:05:00.000'],
    ['5min', '2026-11-23 22:05:00.000'],
    ['2hrs', '2026-11-23 22:00:00.000'],
    ['1HOUR', '2026-11-23 22:00:00.000'],
    ['1d', '2026-11-23 00:00:00.000'],
    ['1w', '2026-11-23 00:00:00.000'],
    ['2weeks', '2026-11-23 00:00:00.000'],
    ['3w', '2026-11-16 00:00:00.000'],
    ['1mo', '2026-11-01 00:00:00.000'],
    ['1q', '2026-10-01 00:00:00.000'],
    ['1y', '2026-01-01 00:00:00.000'],
  ])('of %s begins at %s', (period, begin) => {
    expect(bin(period)).toBe(begin);
  });

  test.each([
    ['300s', '60s', '2026-11-23 22:07:00.000'],
    ['90m', '60m', '2026-11-23 22:00:00.000'],
    ['48h', '24h', '2026-11-23 00:00:00.000'],
    ['5000ms', '1000ms', '2026-11-23 22:07:31.000'],
  ])('of %s is one of %s, as the service caps it, and the result says so', (period, capped, begin) => {
    const { rows, warnings } = run(`stats count(*) by bin(${period}) as b`, [{ timestamp: TIME }]);
    expect(rows[0]!['b']).toBe(begin);
    expect(warnings.join()).toContain(capped);
  });

  test('dateceil() to a month, a quarter and a year is the begin of the next one', () => {
    const query = 'fields dateceil(@timestamp, 1mo) as a, dateceil(@timestamp, 1q) as b, dateceil(@timestamp, 1y) as c';
    expect(run(query, [{ timestamp: TIME }]).rows).toEqual([
      { a: '2026-12-01 00:00:00.000', b: '2027-01-01 00:00:00.000', c: '2027-01-01 00:00:00.000' },
    ]);
  });
});
