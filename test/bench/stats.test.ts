import { describe, expect, it } from 'vitest';
import { isMet } from '../../bench/support/bars.ts';
import { quantile, spreadOf } from '../../bench/support/stats.ts';
import { spreadText, tableText } from '../../bench/support/table.ts';

describe('the statistics of a benchmark', () => {
  it('tell median and range, whatever the order', () => {
    expect(spreadOf([5, 1, 9])).toEqual({ median: 5, min: 1, max: 9 });
    expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
  });

  it('interpolate quantiles', () => {
    expect(quantile([10, 20], 0.25)).toBe(12.5);
    expect(quantile([7], 0.99)).toBe(7);
  });

  it('have nothing to say of no values', () => {
    expect(() => spreadOf([])).toThrow(RangeError);
  });
});

describe('a bar', () => {
  it('is met at its bound and missed beyond it', () => {
    expect(isMet({ name: 'a', value: 0.5, atLeast: 0.5 })).toBe(true);
    expect(isMet({ name: 'a', value: 0.49, atLeast: 0.5 })).toBe(false);
    expect(isMet({ name: 'a', value: 25.1, atMost: 25 })).toBe(false);
  });

  it('is missed by what is not a number', () => {
    expect(isMet({ name: 'a', value: Number.NaN, atMost: 25 })).toBe(false);
  });
});

describe('a table', () => {
  it('aligns the first column to the left and numbers to the right', () => {
    const lines = tableText(
      ['mode', 'msg/s'],
      [
        ['count', '1,000'],
        ['streamer', '20'],
      ],
    ).split('\n');
    expect(lines).toEqual(['  mode      msg/s', '  --------  -----', '  count     1,000', '  streamer     20', '']);
  });

  it('shows a median with its range', () => {
    expect(spreadText({ median: 1_234.5, min: 1, max: 2_000 }, 1)).toBe('1,234.5 (1.0-2,000.0)');
  });
});
