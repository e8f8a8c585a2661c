import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { VARINT_MAX_BYTES, VarintReader, writeVarint } from '../../../core/tape/varint.ts';

function written(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * VARINT_MAX_BYTES);
  let at = 0;
  for (const value of values) at = writeVarint(bytes, at, value);
  return bytes.subarray(0, at);
}

const EDGES = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32, 2 ** 49 - 1, 2 ** 49, Number.MAX_SAFE_INTEGER];
const value = fc.oneof(fc.maxSafeNat(), fc.nat(300), fc.constantFrom(...EDGES));

describe('a varint', () => {
  test.each([
    [0, '00'],
    [127, '7f'],
    [128, '8001'],
    [300, 'ac02'],
    [Number.MAX_SAFE_INTEGER, 'ffffffffffffff0f'],
  ])('of %d is the bytes %s', (n, hex) => {
    expect(written([n]).toString('hex')).toBe(hex);
  });

  test.prop([fc.array(value)])('comes back, and those behind it too', (values) => {
    const bytes = written(values);
    const reader = new VarintReader(bytes, 0);
    expect(values.map(() => reader.next())).toEqual(values);
    expect([reader.ok, reader.at]).toEqual([true, bytes.length]);
  });

  test('that is cut off is refused, and everything behind it', () => {
    const bytes = written([Number.MAX_SAFE_INTEGER]);
    for (let end = 0; end < bytes.length; end++) {
      const reader = new VarintReader(bytes.subarray(0, end), 0);
      reader.next();
      expect(reader.ok).toBe(false);
    }
    const reader = new VarintReader(Buffer.from('80', 'hex'), 0);
    reader.next();
    reader.next();
    expect(reader.ok).toBe(false);
  });

  test.each(['ffffffffffffff1f', 'ffffffffffffffff01', '8080808080808080808001'])(
    'larger than a safe integer, %s, is refused',
    (hex) => {
      const reader = new VarintReader(Buffer.from(hex, 'hex'), 0);
      reader.next();
      expect(reader.ok).toBe(false);
    },
  );

  test.prop([fc.uint8Array({ maxLength: 20 })])('is read from any bytes as a safe integer or not at all', (bytes) => {
    const reader = new VarintReader(Buffer.from(bytes), 0);
    const n = reader.next();
    expect(Number.isSafeInteger(n) && n >= 0).toBe(true);
    if (reader.ok) expect(reader.at).toBeLessThanOrEqual(bytes.length);
  });
});
