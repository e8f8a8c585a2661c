/** Unsigned LEB128 of safe integers: seven bits a byte, low first. */

/** The most bytes a safe integer takes. */
export const VARINT_MAX_BYTES = 8;

/** Writes `value` at `at`; returns the index behind it. The caller keeps VARINT_MAX_BYTES free. */
export function writeVarint(bytes: Buffer, at: number, value: number): number {
  let rest = value;
  let i = at;
  while (rest >= 0x80) {
    bytes[i++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  bytes[i++] = rest;
  return i;
}

/** Reads integers one after the other; `ok` turns false for good at the first that is cut off or too long. */
export class VarintReader {
  readonly #bytes: Buffer;
  #at: number;
  ok = true;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  next(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < VARINT_MAX_BYTES; i++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
      scale *= 0x80;
    }
    this.ok = false;
    return 0;
  }
}
