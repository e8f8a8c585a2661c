/** What a FrameReader finds. Bytes are valid during the call only: they are the socket's. */
export interface FrameReaderPorts {
  /** A whole text or binary message: `bytes` from `start` to `end`. */
  readonly onMessage: (bytes: Buffer, start: number, end: number, isBinary: boolean) => void;
  /** A whole ping or pong, with its WebSocket header: the library answers it. */
  readonly onControl: (frame: Buffer) => void;
  /** All bytes from here on are the library's: a close, a fragment, an extension, a fault. Nothing is read behind it. */
  readonly onHandOver: (bytes: Buffer) => void;
  /** A longer message is handed over, for the library to refuse. */
  readonly maxMessageBytes: number;
}

/** FIN set, no extension bit, opcode text or binary (RFC 6455, 5.2). */
const WHOLE_TEXT = 0x81;
const WHOLE_BINARY = 0x82;
const PING = 0x89;
const PONG = 0x8a;
const MASKED = 0x80;
const CONTROL_MAX_BYTES = 125;
const LENGTH_16 = 126;
const NO_BYTES = Buffer.alloc(0);

/**
 * Cuts whole, unfragmented messages out of what the socket reads, without a view or an event for each: at full load that is
 * a third of the streamer's time (docs/decisions/0003-benchmarks.md). Everything else it leaves to the library, in order.
 */
export class FrameReader {
  readonly #ports: FrameReaderPorts;
  /** The beginning of a frame whose end has not come. */
  #begun: Buffer = NO_BYTES;
  #begunBytes = 0;
  #handedOver = false;

  constructor(ports: FrameReaderPorts) {
    this.#ports = ports;
  }

  take(chunk: Buffer): void {
    if (this.#handedOver) throw new Error('the bytes are the library’s since a hand-over; they were not read');
    const from = this.#begunBytes === 0 ? 0 : this.#finish(chunk);
    if (from < chunk.length) this.#readAll(chunk, from, chunk.length);
  }

  /** Completes the frame that was begun. Returns where the next one starts in the chunk. */
  #finish(chunk: Buffer): number {
    let at = 0;
    // Header bytes come one by one: until they are all here, nobody knows how long the frame is.
    while (at <= chunk.length) {
      const due = this.#frameBytes(this.#begun, 0, this.#begunBytes);
      if (due === HAND_OVER) {
        this.#handOver(Buffer.concat([this.#begun.subarray(0, this.#begunBytes), chunk.subarray(at)]));
        return chunk.length;
      }
      const wanted = (due === UNKNOWN ? this.#begunBytes + 1 : due) - this.#begunBytes;
      const taken = Math.min(wanted, chunk.length - at);
      this.#keep(chunk, at, at + taken, due === UNKNOWN ? 0 : due);
      at += taken;
      if (taken < wanted) return at;
      if (due === UNKNOWN) continue;
      const frame = this.#begun.subarray(0, due);
      this.#begun = NO_BYTES;
      this.#begunBytes = 0;
      this.#readAll(frame, 0, due);
      return at;
    }
    return at;
  }

  #readAll(bytes: Buffer, from: number, to: number): void {
    const { onMessage } = this.#ports;
    let at = from;
    while (at < to) {
      const due = this.#frameBytes(bytes, at, to);
      if (due === HAND_OVER) return this.#handOver(bytes.subarray(at, to));
      if (due === UNKNOWN || at + due > to) return this.#keep(bytes, at, to, due);
      const end = at + due;
      const kind = bytes[at]!;
      if (kind === WHOLE_TEXT || kind === WHOLE_BINARY) {
        onMessage(bytes, at + headerBytes(bytes[at + 1]!), end, kind === WHOLE_BINARY);
      } else {
        this.#ports.onControl(bytes.subarray(at, end));
      }
      at = end;
    }
  }

  /** The length of the frame at `at`, header and all; UNKNOWN where its header is not all there, HAND_OVER where it is not ours. */
  #frameBytes(bytes: Buffer, at: number, to: number): number {
    if (to - at < 2) return UNKNOWN;
    const kind = bytes[at]!;
    const length = bytes[at + 1]!;
    if (kind === PING || kind === PONG) return length > CONTROL_MAX_BYTES ? HAND_OVER : 2 + length;
    if ((kind !== WHOLE_TEXT && kind !== WHOLE_BINARY) || (length & MASKED) !== 0) return HAND_OVER;
    if (length < LENGTH_16) return 2 + length;
    if (to - at < headerBytes(length)) return UNKNOWN;
    const announced =
      length === LENGTH_16
        ? bytes[at + 2]! * 256 + bytes[at + 3]!
        : bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
    return announced > this.#ports.maxMessageBytes ? HAND_OVER : headerBytes(length) + announced;
  }

  /** Keeps a part of a frame; `due`: how long it will be, where that is known. */
  #keep(bytes: Buffer, from: number, to: number, due: number): void {
    const needed = this.#begunBytes + to - from;
    if (needed > this.#begun.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, due));
      this.#begun.copy(grown, 0, 0, this.#begunBytes);
      this.#begun = grown;
    }
    bytes.copy(this.#begun, this.#begunBytes, from, to);
    this.#begunBytes = needed;
  }

  #handOver(bytes: Buffer): void {
    this.#handedOver = true;
    this.#begun = NO_BYTES;
    this.#begunBytes = 0;
    this.#ports.onHandOver(bytes);
  }
}

const UNKNOWN = -1;
const HAND_OVER = -2;

function headerBytes(length: number): number {
  return length < LENGTH_16 ? 2 : length === LENGTH_16 ? 4 : 10;
}
