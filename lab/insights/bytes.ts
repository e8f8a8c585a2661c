/** What JSON is made of, in bytes. Every function takes where a thing begins and gives where it ends, or NONE. */
export const NONE = -1;

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const BACKSLASH = 0x5c;
const SMALL_U = 0x75;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const POINT = 0x2e;
const SPACE = 0x20;

/** What is nested deeper is left to JSON.parse. */
const MAX_NESTING = 32;

/** `"`, `\`, `/`, b, f, n, r, t. */
const ESCAPED: ReadonlySet<number> = new Set([0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74]);

export function skipSpace(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end) {
    const byte = bytes[i]!;
    if (byte !== SPACE && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    i++;
  }
  return i;
}

/** `at`: its opening quote. NONE where it has no end, holds a control character or an escape that JSON does not know. */
export function skipString(bytes: Uint8Array, at: number, end: number): number {
  let i = at + 1;
  while (i < end) {
    const byte = bytes[i]!;
    if (byte === QUOTE) return i + 1;
    if (byte === BACKSLASH) {
      const length = escapeLength(bytes, i, end);
      if (length === NONE) return NONE;
      i += length;
    } else if (byte < SPACE) return NONE;
    else i++;
  }
  return NONE;
}

function skipNumber(bytes: Uint8Array, at: number, end: number): number {
  let i = bytes[at] === MINUS ? at + 1 : at;
  if (i >= end) return NONE;
  if (bytes[i] === ZERO) i++;
  else {
    const from = i;
    i = skipDigits(bytes, i, end);
    if (i === from) return NONE;
  }
  if (i < end && bytes[i] === POINT) {
    const from = i + 1;
    i = skipDigits(bytes, from, end);
    if (i === from) return NONE;
  }
  if (i < end && (bytes[i]! | 0x20) === 0x65) {
    i++;
    if (bytes[i] === MINUS || bytes[i] === 0x2b) i++;
    const from = i;
    i = skipDigits(bytes, from, end);
    if (i === from) return NONE;
  }
  return i;
}

export function skipValue(bytes: Uint8Array, at: number, end: number, depth = 0): number {
  switch (bytes[at]) {
    case QUOTE:
      return skipString(bytes, at, end);
    case OPEN_BRACE:
      return depth < MAX_NESTING ? skipList(bytes, at, end, depth, CLOSE_BRACE) : NONE;
    case OPEN_BRACKET:
      return depth < MAX_NESTING ? skipList(bytes, at, end, depth, CLOSE_BRACKET) : NONE;
    case 0x74:
      return skipWord(bytes, at, end, TRUE);
    case 0x66:
      return skipWord(bytes, at, end, FALSE);
    case 0x6e:
      return skipWord(bytes, at, end, NULL);
    default:
      return skipNumber(bytes, at, end);
  }
}

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

function skipWord(bytes: Uint8Array, at: number, end: number, word: Uint8Array): number {
  if (at + word.length > end) return NONE;
  for (let i = 1; i < word.length; i++) if (bytes[at + i] !== word[i]) return NONE;
  return at + word.length;
}

/** An object or a list, told apart by how it closes. */
function skipList(bytes: Uint8Array, at: number, end: number, depth: number, close: number): number {
  let i = skipSpace(bytes, at + 1, end);
  if (bytes[i] === close && i < end) return i + 1;
  for (;;) {
    if (close === CLOSE_BRACE) {
      if (bytes[i] !== QUOTE || (i = skipString(bytes, i, end)) === NONE) return NONE;
      i = skipSpace(bytes, i, end);
      if (i >= end || bytes[i] !== COLON) return NONE;
      i = skipSpace(bytes, i + 1, end);
    }
    if (i >= end || (i = skipValue(bytes, i, end, depth + 1)) === NONE) return NONE;
    i = skipSpace(bytes, i, end);
    if (i >= end) return NONE;
    if (bytes[i] === close) return i + 1;
    if (bytes[i] !== COMMA) return NONE;
    i = skipSpace(bytes, i + 1, end);
  }
}

function skipDigits(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i]! >= ZERO && bytes[i]! <= NINE) i++;
  return i;
}

function escapeLength(bytes: Uint8Array, at: number, end: number): number {
  const next = bytes[at + 1];
  if (at + 1 >= end || next === undefined) return NONE;
  if (next !== SMALL_U) return ESCAPED.has(next) ? 2 : NONE;
  if (at + 6 > end) return NONE;
  for (let i = at + 2; i < at + 6; i++) if (!isHex(bytes[i]!)) return NONE;
  return 6;
}

function isHex(byte: number): boolean {
  return (byte >= ZERO && byte <= NINE) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}
