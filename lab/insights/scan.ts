import { CLOSE_BRACE, COLON, COMMA, NONE, OPEN_BRACE, QUOTE, skipSpace, skipString, skipValue } from './bytes.ts';
import { flatten, TIME_KEYS, timeOf, timeOfMessage } from './flatten.ts';
import type { Row } from './row.ts';
import { Instant, type Value } from './value.ts';

/** What a scanner looks for: slots by field, and the slot of the event's time where it is asked for. */
export interface Wanted {
  readonly fields: ReadonlyMap<string, number>;
  readonly time: number | undefined;
}

interface Key {
  readonly bytes: Uint8Array;
  /** Where its value goes, where it is a text, a number or a boolean. */
  slot: number | undefined;
  /** Its place in TIME_KEYS. */
  time: number | undefined;
  /** A field below it is asked for. */
  nested: boolean;
}

/**
 * Reads a few fields from lines of JSON without parsing them whole: the bytes are walked once and checked as JSON.parse
 * would. Wherever something is unusual, JSON.parse reads the line. Either way a row holds what `flatten` says.
 */
export class FieldScanner {
  readonly #wanted: Wanted;
  readonly #slots: readonly number[];
  /** By length in bytes. */
  readonly #keys: Key[][] = [];
  readonly #times: (number | undefined)[] = TIME_KEYS.map(() => undefined);
  readonly #days = new Map<number, number>();

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
    this.#slots = [...wanted.fields.values()];
    for (const [name, slot] of wanted.fields) this.#want(name, slot);
    if (wanted.time === undefined) return;
    TIME_KEYS.forEach((name, i) => (this.#key(name).time = i));
    this.#key('_aws').nested = true;
  }

  /** Fills the wanted slots from the line; null in those that it does not have. */
  read(bytes: Buffer, start: number, end: number, row: Row): void {
    for (const slot of this.#slots) row[slot] = null;
    if (!this.#scan(bytes, start, end, row)) this.readText(bytes.toString('utf8', start, end), row);
  }

  /** As `read`, of a text. */
  readText(message: string, row: Row): void {
    const fields = flatten(message);
    for (const [name, slot] of this.#wanted.fields) row[slot] = fields.get(name) ?? null;
    if (this.#wanted.time !== undefined) row[this.#wanted.time] = instant(timeOfMessage(message, fields));
  }

  #want(name: string, slot: number): void {
    if (!name.startsWith('@')) this.#key(name).slot = slot;
    // `@x` alone is the service's own: no key of the JSON has that name.
    else if (name.startsWith('@@')) this.#key(name.slice(1)).slot = slot;
    const parts = name.split('.');
    for (let i = 1; i < parts.length; i++) this.#key(parts.slice(0, i).join('.').replace(/^@/, '')).nested = true;
  }

  #key(name: string): Key {
    const bytes = Buffer.from(name);
    const sameLength = (this.#keys[bytes.length] ??= []);
    const known = sameLength.find((key) => bytes.equals(key.bytes));
    if (known !== undefined) return known;
    const key: Key = { bytes, slot: undefined, time: undefined, nested: false };
    sameLength.push(key);
    return key;
  }

  /** False: unusual, nothing of it counts. */
  #scan(bytes: Buffer, start: number, end: number, row: Row): boolean {
    const times = this.#times;
    for (let i = 0; i < times.length; i++) times[i] = undefined;
    let i = skipSpace(bytes, start, end);
    if (bytes[i] !== OPEN_BRACE) return false;
    i = skipSpace(bytes, i + 1, end);
    if (i < end && bytes[i] === CLOSE_BRACE) return false;
    for (;;) {
      const nameAt = i + 1;
      if (i >= end || bytes[i] !== QUOTE || (i = skipString(bytes, i, end)) === NONE) return false;
      const key = this.#find(bytes, nameAt, i - 1);
      i = skipSpace(bytes, i, end);
      if (i >= end || bytes[i] !== COLON) return false;
      const at = skipSpace(bytes, i + 1, end);
      if (at >= end || (i = skipValue(bytes, at, end)) === NONE) return false;
      if (key !== undefined && !this.#take(key, bytes, at, i, row)) return false;
      i = skipSpace(bytes, i, end);
      if (i >= end) return false;
      if (bytes[i] === CLOSE_BRACE) break;
      if (bytes[i] !== COMMA) return false;
      i = skipSpace(bytes, i + 1, end);
    }
    if (skipSpace(bytes, i + 1, end) !== end) return false;
    if (this.#wanted.time !== undefined) row[this.#wanted.time] = instant(times.find((time) => time !== undefined));
    return true;
  }

  /** A key with an escape finds ESCAPED_KEY: it may be any. */
  #find(bytes: Buffer, at: number, end: number): Key | undefined {
    const sameLength = this.#keys[end - at];
    if (sameLength !== undefined) {
      for (const key of sameLength) if (isAt(bytes, at, key.bytes)) return key;
    }
    for (let i = at; i < end; i++) if (bytes[i] === 0x5c) return ESCAPED_KEY;
    return undefined;
  }

  #take(key: Key, bytes: Buffer, at: number, end: number, row: Row): boolean {
    const first = bytes[at]!;
    if (key.nested && (key === ESCAPED_KEY || first === OPEN_BRACE || first === 0x5b)) return false;
    if (key.time !== undefined) this.#times[key.time] = this.#timeAt(bytes, at, end);
    if (key.slot !== undefined) row[key.slot] = valueAt(bytes, at, end);
    return true;
  }

  #timeAt(bytes: Buffer, at: number, end: number): number | undefined {
    if (end - at !== ISO_LENGTH || bytes[end - 2] !== 0x5a) return timeOf(valueAt(bytes, at, end) ?? undefined);
    const day = this.#dayAt(bytes, at + 1);
    const hours = twoDigits(bytes, at + 12);
    const minutes = twoDigits(bytes, at + 15);
    const seconds = twoDigits(bytes, at + 18);
    const millis = twoDigits(bytes, at + 21) * 10 + digit(bytes, at + 23);
    const isUsual =
      bytes[at + 11] === 0x54 && bytes[at + 14] === COLON && bytes[at + 17] === COLON && bytes[at + 20] === 0x2e;
    const ms = day + ((hours * 60 + minutes) * 60 + seconds) * 1_000 + millis;
    if (isUsual && hours < 24 && minutes < 60 && seconds < 60 && !Number.isNaN(ms)) return ms;
    return timeOf(valueAt(bytes, at, end) ?? undefined);
  }

  /** Midnight of `YYYY-MM-DD`; NaN where it is none. */
  #dayAt(bytes: Buffer, at: number): number {
    if (bytes[at + 4] !== 0x2d || bytes[at + 7] !== 0x2d) return NaN;
    const year = twoDigits(bytes, at) * 100 + twoDigits(bytes, at + 2);
    const key = (year * 100 + twoDigits(bytes, at + 5)) * 100 + twoDigits(bytes, at + 8);
    let day = this.#days.get(key);
    if (day === undefined) {
      day = Date.parse(bytes.toString('latin1', at, at + 10));
      if (this.#days.size > MAX_DAYS) this.#days.clear();
      this.#days.set(key, day);
    }
    return day;
  }
}

const ESCAPED_KEY: Key = { bytes: new Uint8Array(), slot: undefined, time: undefined, nested: true };
/** `"2026-11-23T22:00:00.000Z"` with its quotes. */
const ISO_LENGTH = 26;
/** Days whose midnight is remembered. */
const MAX_DAYS = 10_000;

function instant(ms: number | undefined): Value {
  return ms === undefined ? null : new Instant(ms);
}

function isAt(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}

/** A value that was skipped, so its form is known to be right. */
function valueAt(bytes: Buffer, at: number, end: number): Value {
  switch (bytes[at]) {
    case QUOTE:
      return textAt(bytes, at, end);
    case 0x74:
      return true;
    case 0x66:
      return false;
    case 0x6e:
    case OPEN_BRACE:
    case 0x5b:
      return null;
    default:
      return numberAt(bytes, at, end);
  }
}

function textAt(bytes: Buffer, at: number, end: number): string {
  let seen = 0;
  for (let i = at + 1; i < end - 1; i++) {
    const byte = bytes[i]!;
    if (byte === 0x5c) return JSON.parse(bytes.toString('utf8', at, end)) as string;
    seen |= byte;
  }
  return bytes.toString(seen < 0x80 ? 'latin1' : 'utf8', at + 1, end - 1);
}

/** Digits that a double holds exactly, whatever they are. */
const EXACT_DIGITS = 15;

/** Up to 15 digits without an exponent are divided exactly as Number() would; the rest is left to it. */
function numberAt(bytes: Buffer, at: number, end: number): number {
  const isNegative = bytes[at] === 0x2d;
  let mantissa = 0;
  let digits = 0;
  let decimals = NONE;
  for (let i = isNegative ? at + 1 : at; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === 0x2e) {
      decimals = 0;
      continue;
    }
    if (byte > 0x39 || byte < 0x30 || ++digits > EXACT_DIGITS) return Number(bytes.toString('latin1', at, end));
    mantissa = mantissa * 10 + (byte - 0x30);
    if (decimals !== NONE) decimals++;
  }
  const number = decimals > 0 ? mantissa / POWERS[decimals]! : mantissa;
  return isNegative ? -number : number;
}

const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, i) => 10 ** i);

function digit(bytes: Uint8Array, at: number): number {
  const value = bytes[at]! - 0x30;
  return value >= 0 && value <= 9 ? value : NaN;
}

function twoDigits(bytes: Uint8Array, at: number): number {
  return digit(bytes, at) * 10 + digit(bytes, at + 1);
}
