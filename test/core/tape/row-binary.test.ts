import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { RowBinaryWriter } from '../../../core/tape/row-binary.ts';

/** RowBinary after ClickHouse's documentation of the format, written apart from the writer. */
class Reader {
  readonly #bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.at++);
  }

  uint64(): bigint {
    this.at += 8;
    return this.#bytes.readBigUInt64LE(this.at - 8);
  }

  string(): Buffer {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.uint8();
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }
}

const hex = (write: (writer: RowBinaryWriter) => RowBinaryWriter): string =>
  write(new RowBinaryWriter(1)).finish().toString('hex');

describe('RowBinary', () => {
  test('is little endian, with lengths before strings', () => {
    expect(hex((writer) => writer.uint8(255))).toBe('ff');
    expect(hex((writer) => writer.uint64(1))).toBe('0100000000000000');
    expect(hex((writer) => writer.uint64(1_795_460_576_522_510))).toBe(
      Buffer.from(new BigUint64Array([1_795_460_576_522_510n]).buffer).toString('hex'),
    );
    expect(hex((writer) => writer.string(''))).toBe('00');
    expect(hex((writer) => writer.string('ä'))).toBe('02c3a4');
    expect(hex((writer) => writer.string(Buffer.from('ff00', 'hex')))).toBe('02ff00');
    expect(hex((writer) => writer.string('a'.repeat(128))).slice(0, 6)).toBe('800161');
  });

  test('refuses an integer that UInt64 cannot hold', () => {
    for (const n of [-1, 1.5, Number.NaN]) expect(() => new RowBinaryWriter().uint64(n)).toThrow(RangeError);
  });

  test.prop([
    fc.array(
      fc.oneof(
        fc.nat(255).map((n) => ({ kind: 'uint8' as const, n })),
        fc.maxSafeNat().map((n) => ({ kind: 'uint64' as const, n })),
        fc.uint8Array({ maxLength: 300 }).map((bytes) => ({ kind: 'bytes' as const, bytes: Buffer.from(bytes) })),
        fc.string({ unit: 'grapheme', maxLength: 50 }).map((text) => ({ kind: 'text' as const, text })),
        fc
          .constantFrom(127, 128, 16_383, 16_384, 100_000)
          .map((n) => ({ kind: 'bytes' as const, bytes: Buffer.alloc(n, n) })),
      ),
    ),
    fc.nat(64),
  ])('comes back, whatever is written and however small it began', (values, expectedBytes) => {
    const writer = new RowBinaryWriter(expectedBytes);
    for (const value of values) {
      if (value.kind === 'uint8') writer.uint8(value.n);
      else if (value.kind === 'uint64') writer.uint64(value.n);
      else writer.string(value.kind === 'text' ? value.text : value.bytes);
    }
    const bytes = writer.finish();
    const reader = new Reader(bytes);
    for (const value of values) {
      if (value.kind === 'uint8') expect(reader.uint8()).toBe(value.n);
      else if (value.kind === 'uint64') expect(reader.uint64()).toBe(BigInt(value.n));
      else expect(reader.string().equals(value.kind === 'text' ? Buffer.from(value.text) : value.bytes)).toBe(true);
    }
    expect(reader.at).toBe(bytes.length);
  });
});
