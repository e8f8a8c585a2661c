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

const WORD_BYTES = 8;

/** Types that are worth recognising without making a string for each frame; the most frequent first. */
const KNOWN_HEADS = [
  'orderbook_delta',
  'orderbook_snapshot',
  'trade',
  'ticker',
  'market_lifecycle_v2',
  'multivariate_market_lifecycle',
  'event_lifecycle',
  'event_fee_update',
].map((type) => ({ type, head: wordsOf(`{"type":"${type}","sid":`) }));

const TYPE_KEY = wordsOf('{"type":"');
const SID_KEY = wordsOf('","sid":');
const SEQ_KEY = Buffer.from(',"seq":');
/** Its first and its last four bytes: it is shorter than a word. */
const SEQ_HEAD = SEQ_KEY.readInt32LE(0);
const SEQ_TAIL = SEQ_KEY.readInt32LE(SEQ_KEY.length - 4);
const MSG_KEY = wordsOf(',"msg":{');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CLOSE = 0x7d;
const NEWLINE = 0x0a;
const ZERO = 0x30;
const COMMA = 0x2c;
/** Digits of an integer that is surely exact as a number. */
const MAX_DIGITS = 15;

/** Fills `out` (one object serves all frames: this runs once per message). The frame is `bytes` from `start` to `end`. */
export function scanHeader(bytes: Buffer, out: Header, start = 0, end = bytes.length): void {
  if (!scanBytes(bytes, out, start, end)) scanParsed(bytes.subarray(start, end), out);
}

function scanBytes(bytes: Buffer, out: Header, start: number, end: number): boolean {
  const known = knownHead(bytes, start, end);
  const sidAt = known === undefined ? sidBehindAnyType(bytes, start, end) : start + known.head.length;
  if (sidAt < 0) return false;
  const sidEnd = endOfInteger(bytes, sidAt, end);
  if (sidEnd < 0) return false;
  const sid = integer;

  let seq = 0;
  let headEnd = sidEnd;
  if (isSeqKey(bytes, sidEnd, end)) {
    headEnd = endOfInteger(bytes, sidEnd + SEQ_KEY.length, end);
    if (headEnd < 0) return false;
    seq = integer;
  }
  if (!startsWith(bytes, MSG_KEY, headEnd, end) || !endsFlat(bytes, headEnd + MSG_KEY.length, end)) return false;

  out.type = known?.type ?? bytes.toString('latin1', start + TYPE_KEY.length, sidAt - SID_KEY.length);
  out.sid = sid;
  out.seq = seq;
  out.parsed = undefined;
  out.msgAt = headEnd + MSG_KEY.length - 1 - start;
  return true;
}

function knownHead(bytes: Buffer, start: number, end: number): (typeof KNOWN_HEADS)[number] | undefined {
  for (const head of KNOWN_HEADS) if (startsWith(bytes, head.head, start, end)) return head;
  return undefined;
}

/** Where the sid starts behind a type that is not known, or -1. */
function sidBehindAnyType(bytes: Buffer, start: number, end: number): number {
  if (!startsWith(bytes, TYPE_KEY, start, end)) return -1;
  const typeEnd = endOfPlainString(bytes, start + TYPE_KEY.length, end);
  return typeEnd >= 0 && startsWith(bytes, SID_KEY, typeEnd, end) ? typeEnd + SID_KEY.length : -1;
}

/** A text to compare with, eight bytes at a time: measured, see docs/decisions/0003-benchmarks.md. */
interface Words {
  readonly length: number;
  /**
   * Eight bytes each, read as a little endian double; the last eight overlap those before where the length is no multiple of
   * eight. ASCII is never NaN nor zero as a double, so two are equal only where their bytes are.
   */
  readonly words: Float64Array;
}

/** `text`: ASCII, of eight bytes at least. */
function wordsOf(text: string): Words {
  const bytes = Buffer.from(text);
  const { length } = bytes;
  const words = Float64Array.from({ length: Math.ceil(length / WORD_BYTES) }, (_, i) =>
    bytes.readDoubleLE(Math.min(WORD_BYTES * i, length - WORD_BYTES)),
  );
  return { length, words };
}

/** The bytes compared last: many frames lie in one read of the socket. */
let viewed: Buffer = Buffer.alloc(0);
let view: DataView = new DataView(viewed.buffer);

function viewOf(bytes: Buffer): DataView {
  if (bytes !== viewed) {
    viewed = bytes;
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  return view;
}

function startsWith(bytes: Buffer, { length, words }: Words, at: number, end: number): boolean {
  if (at + length > end) return false;
  const own = viewOf(bytes);
  const last = words.length - 1;
  for (let i = 0; i < last; i++) if (own.getFloat64(at + WORD_BYTES * i, true) !== words[i]) return false;
  return own.getFloat64(at + length - WORD_BYTES, true) === words[last];
}

/** Index of the closing quote of a string of `a-z 0-9 _`, or -1. */
function endOfPlainString(bytes: Buffer, at: number, end: number): number {
  for (let i = at; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) return i;
    const plain = (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f;
    if (!plain) return -1;
  }
  return -1;
}

function isSeqKey(bytes: Buffer, at: number, end: number): boolean {
  if (at + SEQ_KEY.length > end) return false;
  const own = viewOf(bytes);
  return own.getInt32(at, true) === SEQ_HEAD && own.getInt32(at + SEQ_KEY.length - 4, true) === SEQ_TAIL;
}

/** What endOfInteger read last. */
let integer = 0;

/** Index behind a JSON integer without sign, leading zero or exponent, or -1. */
function endOfInteger(bytes: Buffer, at: number, end: number): number {
  const most = Math.min(end - 1, at + MAX_DIGITS);
  let value = 0;
  let i = at;
  for (; i < most; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  integer = value;
  if (i === at || (i - at > 1 && bytes[at] === ZERO)) return -1;
  return i < end && bytes[i] === COMMA ? i : -1;
}

/** The first `}` behind `at` is the last byte but one, the last is `}`; one trailing newline is the exchange's habit. */
function endsFlat(bytes: Buffer, at: number, frameEnd: number): boolean {
  const end = frameEnd - (bytes[frameEnd - 1] === NEWLINE ? 1 : 0);
  return bytes[end - 1] === CLOSE && bytes.indexOf(CLOSE, at) === end - 2;
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

const TICKER_KEY = wordsOf('{"market_ticker":"');
const TICKER_NAME = Buffer.from('"market_ticker"');

/** The frame's `msg.market_ticker`, read from the bytes where `msg` starts with it (order books, lifecycle), else parsed. */
export function marketTickerOf(frame: Buffer, header: Header): string | undefined {
  if (header.msgAt >= 0 && startsWith(frame, TICKER_KEY, header.msgAt, frame.length) && !frame.includes(BACKSLASH)) {
    const at = header.msgAt + TICKER_KEY.length;
    const end = frame.indexOf(QUOTE, at);
    if (end >= 0 && !frame.includes(TICKER_NAME, end)) return frame.toString('utf8', at, end);
  }
  const parsed = (header.parsed ?? parse(frame)) as { msg?: { market_ticker?: unknown } | null } | null | undefined;
  const ticker = parsed?.msg?.market_ticker;
  return typeof ticker === 'string' ? ticker : undefined;
}
