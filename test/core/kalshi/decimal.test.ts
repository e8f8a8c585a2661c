import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { COUNT, decimalOf, PRICE, unitsOf } from '../../../core/kalshi/decimal.ts';

describe('a decimal', () => {
  test.each([
    ['0.0001', 100n],
    ['1.0000', 1_000_000n],
    ['0', 0n],
    ['-0.0000', 0n],
    ['0.352', 352_000n],
    ['-0.96', -960_000n],
    ['0.0000010000000000', 1n],
    ['000999.999999', 999_999_999n],
  ])('of a price, %s, is %s millionths', (text, units) => {
    expect(unitsOf(text, PRICE)).toBe(units);
  });

  test.each([
    ['5338404.13', 533_840_413n],
    ['-54.00', -5_400n],
    ['9999999999999999.99', 999_999_999_999_999_999n],
    ['-9999999999999999.990', -999_999_999_999_999_999n],
  ])('of a count, %s, is %s hundredths', (text, units) => {
    expect(unitsOf(text, COUNT)).toBe(units);
  });

  test.each([
    '',
    '-',
    '.5',
    '5.',
    '+1',
    '1e3',
    '0x1',
    ' 1',
    '1 ',
    '1\n',
    '1,000',
    '1.0.0',
    '--1',
    'NaN',
    'Infinity',
    '٣',
    'null',
  ])('is not what %j is', (text) => {
    expect(unitsOf(text, COUNT)).toBe('not_a_decimal');
  });

  test('with more decimals than the column holds is refused, not rounded', () => {
    expect(unitsOf('0.0000001', PRICE)).toBe('too_many_decimals');
    expect(unitsOf('0.001', COUNT)).toBe('too_many_decimals');
    expect(unitsOf('1.0049', COUNT)).toBe('too_many_decimals');
  });

  test('with more digits than the column holds is refused', () => {
    expect(unitsOf('1000', PRICE)).toBe('out_of_range');
    expect(unitsOf('10000000000000000', COUNT)).toBe('out_of_range');
    expect(unitsOf('9'.repeat(100_000), COUNT)).toBe('out_of_range');
  });

  const units = fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n });

  test.prop([units])('comes back from its text', (value) => {
    expect(unitsOf(decimalOf(value, COUNT), COUNT)).toBe(value);
  });

  test.prop([units, units])('is ordered and added as integers are', (a, b) => {
    const [x, y] = [unitsOf(decimalOf(a, COUNT), COUNT) as bigint, unitsOf(decimalOf(b, COUNT), COUNT) as bigint];
    expect([x < y, x + y]).toEqual([a < b, a + b]);
  });

  test.prop([units, fc.nat(5), fc.nat(5)])('means the same with zeros around it', (value, before, behind) => {
    const [, sign = '', digits = ''] = /^(-?)(.+)$/.exec(decimalOf(value, COUNT)) ?? [];
    expect(unitsOf(`${sign}${'0'.repeat(before)}${digits}${'0'.repeat(behind)}`, COUNT)).toBe(value);
  });

  test('is written with all decimals of its kind and no more', () => {
    expect(decimalOf(-125n, COUNT)).toBe('-1.25');
    expect(decimalOf(-5n, COUNT)).toBe('-0.05');
    expect(decimalOf(0n, PRICE)).toBe('0.000000');
    expect(decimalOf(1_000_000n, PRICE)).toBe('1.000000');
  });

  test.prop([fc.string({ unit: fc.constantFrom('-', '+', '.', '0', '1', '5', '9', 'e', 'E', ' ') })])(
    'is read as Number reads it, or refused',
    (text) => {
      const value = unitsOf(text, COUNT);
      if (typeof value === 'bigint') expect(Number(value) / 100).toBeCloseTo(Number(text), 2);
      else expect(['not_a_decimal', 'too_many_decimals', 'out_of_range']).toContain(value);
    },
  );
});
