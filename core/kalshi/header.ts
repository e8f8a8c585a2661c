/**
 * The header of a frame, found without parsing it. A frame laid out as the exchange writes its data,
 * `{"type":"T","sid":N,"seq":N,"msg":{…flat…}}`, is read from its bytes; any other frame goes through JSON.parse.
 *
 * Why the byte path is exact for every valid JSON frame: up to `"msg":{` the bytes are compared literally; behind it
 * the first `}` must be the last but one, so `msg` is flat and closes the frame. No key can follow, so none is repeated.
 */
export interface Header {
  /** The frame's `type`; '' where it has none or is not a JSON object. */
  type: string;
  /** 0 where the frame has none (the exchange counts from 1). */
  sid: number;
  /** 0 where the frame has none (the exchange counts from 1). */
  seq: number;
  /** The parsed frame where it had to be parsed; undefined on the byte path and where it is not JSON. */
  parsed: unknown;
  /** Where the value of `msg` starts, on the byte path; else -1. */
  msgAt: number;
}

export function emptyHeader(): Header {
  return { type: '', sid: 0, seq: 0, parsed: undefined, msgAt: -1 };
}

/** Types that are worth recognising without making a string for each frame. */
const KNOWN_TYPES = [
  'orderbook_delta',
  'orderbook_snapshot',
  'trade',
  'ticker',
  'market_lifecycle_v2',
  'multivariate_market_lifecycle',
  'event_lifecycle',
  'event_fee_update',
].map((type) => ({ type, bytes: Buffer.from(type) }));

const TYPE_KEY = Buffer.from('{"type":"');
const SID_KEY = Buffer.from('","sid":');
const SEQ_KEY = Buffer.from(',"seq":');
const MSG_KEY = Buffer.from(',"msg":{');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CLOSE = 0x7d;
const NEWLINE = 0x0a;
/** Digits of an integer that is surely exact as a number. */
const MAX_DIGITS = 15;

/** Fills `out` (one object serves all frames: this runs once per message). */
export function scanHeader(frame: Buffer, out: Header): void {
  if (!scanBytes(frame, out)) scanParsed(frame, out);
}

function scanBytes(frame: Buffer, out: Header): boolean {
  if (!startsWith(frame, TYPE_KEY, 0)) return false;
  const typeAt = TYPE_KEY.length;
  const typeEnd = endOfPlainString(frame, typeAt);
  if (typeEnd < 0 || !startsWith(frame, SID_KEY, typeEnd)) return false;

  const sidAt = typeEnd + SID_KEY.length;
  const sidEnd = endOfInteger(frame, sidAt);
  if (sidEnd < 0) return false;

  let seq = 0;
  let headEnd = sidEnd;
  if (startsWith(frame, SEQ_KEY, sidEnd)) {
    const seqAt = sidEnd + SEQ_KEY.length;
    headEnd = endOfInteger(frame, seqAt);
    if (headEnd < 0) return false;
    seq = integerAt(frame, seqAt, headEnd);
  }
  if (!startsWith(frame, MSG_KEY, headEnd) || !endsFlat(frame, headEnd + MSG_KEY.length)) return false;

  out.type = typeText(frame, typeAt, typeEnd);
  out.sid = integerAt(frame, sidAt, sidEnd);
  out.seq = seq;
  out.parsed = undefined;
  out.msgAt = headEnd + MSG_KEY.length - 1;
  return true;
}

function startsWith(frame: Buffer, expected: Buffer, at: number): boolean {
  for (let i = 0; i < expected.length; i++) if (frame[at + i] !== expected[i]) return false;
  return true;
}

/** Index of the closing quote of a string of `a-z 0-9 _`, or -1. */
function endOfPlainString(frame: Buffer, at: number): number {
  for (let i = at; i < frame.length; i++) {
    const byte = frame[i]!;
    if (byte === QUOTE) return i;
    const plain = (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f;
    if (!plain) return -1;
  }
  return -1;
}

/** Index behind a JSON integer without sign, leading zero or exponent, or -1. */
function endOfInteger(frame: Buffer, at: number): number {
  let i = at;
  while (i - at <= MAX_DIGITS && isDigit(frame[i])) i++;
  const digits = i - at;
  if (digits === 0 || digits > MAX_DIGITS || (digits > 1 && frame[at] === 0x30)) return -1;
  return frame[i] === 0x2c ? i : -1;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function integerAt(frame: Buffer, at: number, end: number): number {
  let value = 0;
  for (let i = at; i < end; i++) value = value * 10 + (frame[i]! - 0x30);
  return value;
}

/** The first `}` behind `at` is the last byte but one, the last is `}`; one trailing newline is the exchange's habit. */
function endsFlat(frame: Buffer, at: number): boolean {
  const end = frame.length - (frame[frame.length - 1] === NEWLINE ? 1 : 0);
  return frame[end - 1] === CLOSE && frame.indexOf(CLOSE, at) === end - 2;
}

function typeText(frame: Buffer, at: number, end: number): string {
  for (const known of KNOWN_TYPES) {
    if (known.bytes.length === end - at && startsWith(frame, known.bytes, at)) return known.type;
  }
  return frame.toString('latin1', at, end);
}

function scanParsed(frame: Buffer, out: Header): void {
  const parsed = parse(frame);
  const object = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Record<string, unknown>;
  const type = object['type'];
  out.type = typeof type === 'string' ? type : '';
  out.sid = count(object['sid']);
  out.seq = count(object['seq']);
  out.parsed = parsed;
  out.msgAt = -1;
}

function parse(frame: Buffer): unknown {
  try {
    return JSON.parse(frame.toString('utf8'));
  } catch {
    return undefined;
  }
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

const TICKER_KEY = Buffer.from('{"market_ticker":"');
const TICKER_NAME = Buffer.from('"market_ticker"');

/** The frame's `msg.market_ticker`, read from the bytes where `msg` starts with it (order books, lifecycle), else parsed. */
export function marketTickerOf(frame: Buffer, header: Header): string | undefined {
  if (header.msgAt >= 0 && startsWith(frame, TICKER_KEY, header.msgAt) && !frame.includes(BACKSLASH)) {
    const at = header.msgAt + TICKER_KEY.length;
    const end = frame.indexOf(QUOTE, at);
    if (end >= 0 && !frame.includes(TICKER_NAME, end)) return frame.toString('utf8', at, end);
  }
  const parsed = (header.parsed ?? parse(frame)) as { msg?: { market_ticker?: unknown } | null } | null | undefined;
  const ticker = parsed?.msg?.market_ticker;
  return typeof ticker === 'string' ? ticker : undefined;
}
