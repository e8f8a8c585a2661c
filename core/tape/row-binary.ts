/** ClickHouse's RowBinary, as far as we need it: rows whose bytes may be anything. Little endian. */
export class RowBinaryWriter {
  #bytes: Buffer;
  #at = 0;

  constructor(expectedBytes = 65_536) {
    this.#bytes = Buffer.allocUnsafe(expectedBytes);
  }

  /** UInt8, Enum8. */
  uint8(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
    return this;
  }

  /** UInt64, or DateTime64 as its ticks: a safe integer, not negative. */
  uint64(value: number): this {
    this.#reserve(8);
    this.#at = this.#bytes.writeBigUInt64LE(BigInt(value), this.#at);
    return this;
  }

  /** String or LowCardinality(String): its length as LEB128, then its bytes. */
  string(value: string | Buffer): this {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    this.#reserve(bytes.length + 5);
    let rest = bytes.length;
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#at++] = rest;
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  /** What was written so far; the writer is not used again. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#at + bytes, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
  }
}
