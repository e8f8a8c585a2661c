import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { microsOfMillis, microsOfRfc3339, microsOfSeconds } from '../../../core/kalshi/instant.ts';

const MIN_S = Date.UTC(2000, 0, 1) / 1_000;
const MAX_S = Date.UTC(2100, 0, 1) / 1_000;
const BASE_US = Date.UTC(2026, 6, 6, 3, 21, 5) * 1_000;

describe('an instant of RFC 3339', () => {
  test.each([
    ['2026-07-06T03:21:05Z', 0],
    ['2026-07-06T03:21:05.5Z', 500_000],
    ['2026-07-06T03:21:05.52251Z', 522_510],
    ['2026-07-06T03:21:05.000001Z', 1],
    ['2026-07-06T03:21:05.999999Z', 999_999],
    ['2026-07-06T03:21:05.9999999Z', 999_999],
    ['2026-07-06T03:21:05.123456789Z', 123_456],
    ['2026-07-06t03:21:05.1z', 100_000],
    ['2026-07-06 03:21:05+00:00', 0],
    ['2026-07-06T05:51:05.25+02:30', 250_000],
    ['2026-07-05T22:21:05-05:00', 0],
  ])('%s is exact to the microsecond', (text, micros) => {
    expect(microsOfRfc3339(text)).toBe(BASE_US + micros);
  });

  test.each([
    '',
    '2026-07-06',
    '2026-07-06T03:21:05',
    '2026-07-06T03:21Z',
    '2026-07-06T03:21:05.Z',
    '2026-07-06T03:21:05,5Z',
    '2026-7-6T03:21:05Z',
    '2026-13-06T03:21:05Z',
    '2026-00-06T03:21:05Z',
    '2026-07-00T03:21:05Z',
    '2026-07-32T03:21:05Z',
    '2026-02-29T03:21:05Z',
    '2026-02-30T03:21:05Z',
    '2026-04-31T03:21:05Z',
    '2026-07-06T24:00:00Z',
    '2026-07-06T03:60:05Z',
    '2026-07-06T03:21:61Z',
    '2026-07-06T03:21:05+25:00',
    '2026-07-06T03:21:05Z ',
    '2026-07-06T03:21:05Z\n',
    '1795460576',
  ])('is not what %j is', (text) => {
    expect(microsOfRfc3339(text)).toBeUndefined();
  });

  test('may be 29 February in a leap year', () => {
    expect(microsOfRfc3339('2028-02-29T00:00:00Z')).toBe(Date.UTC(2028, 1, 29) * 1_000);
  });

  test.prop([fc.integer({ min: MIN_S, max: MAX_S - 1 }), fc.nat(999_999)])(
    'with its trailing zeros trimmed is the same instant',
    (seconds, micros) => {
      const head = new Date(seconds * 1_000).toISOString().slice(0, 19);
      const fraction = `.${String(micros).padStart(6, '0')}`.replace(/\.?0+$/, '');
      expect(microsOfRfc3339(`${head}${fraction}Z`)).toBe(seconds * 1_000_000 + micros);
    },
  );

  test.prop([fc.string()])('never throws', (text) => {
    expect(() => microsOfRfc3339(text)).not.toThrow();
  });
});

describe('an instant', () => {
  test('of seconds and one of milliseconds are in microseconds', () => {
    expect(microsOfSeconds(1_795_460_576)).toBe(1_795_460_576_000_000);
    expect(microsOfMillis(1_795_460_576_573)).toBe(1_795_460_576_573_000);
  });

  test('is within the years 2000 to 2099, whatever it is written in', () => {
    expect(microsOfSeconds(MIN_S)).toBe(MIN_S * 1_000_000);
    expect(microsOfSeconds(MIN_S - 1)).toBeUndefined();
    expect(microsOfSeconds(MAX_S - 1)).toBe((MAX_S - 1) * 1_000_000);
    expect(microsOfSeconds(MAX_S)).toBeUndefined();
    expect(microsOfMillis(MAX_S * 1_000)).toBeUndefined();
    expect(microsOfRfc3339('1999-12-31T23:59:59.999999Z')).toBeUndefined();
    expect(microsOfRfc3339('2000-01-01T00:00:00Z')).toBe(MIN_S * 1_000_000);
    expect(microsOfRfc3339('2100-01-01T00:00:00Z')).toBeUndefined();
  });

  test('in a wrong unit is refused rather than stored', () => {
    expect(microsOfSeconds(1_795_460_576_573)).toBeUndefined();
    expect(microsOfMillis(1_795_460_576)).toBeUndefined();
  });

  test.each([Number.NaN, Infinity, -Infinity, 0, -1, 1_795_460_576.000_000_2, Number.MAX_VALUE])(
    'is not %d',
    (seconds) => {
      expect(microsOfSeconds(seconds)).toBeUndefined();
    },
  );
});
