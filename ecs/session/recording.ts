import { emptyHeader, type Header, marketTickerOf, scanHeader } from '../../core/kalshi/header.ts';
import { decode } from '../../core/kalshi/decode.ts';
import { PerSid } from '../../core/kalshi/per-sid.ts';
import { SequenceTracker } from '../../core/kalshi/sequence.ts';
import type { Channel } from '../../core/contract/streamer-env.ts';
import type { Cutter } from '../publish/cutter.ts';
import type { Heard, SessionInput } from './state.ts';

/** The channel that a data type belongs to, where its sid is not known to be another's. */
const CHANNEL_OF: ReadonlyMap<string, Channel> = new Map([
  ['orderbook_delta', 'orderbook_delta'],
  ['orderbook_snapshot', 'orderbook_delta'],
  ['trade', 'trade'],
  ['ticker', 'ticker'],
  ['market_lifecycle_v2', 'market_lifecycle_v2'],
  ['event_fee_update', 'market_lifecycle_v2'],
  ['event_lifecycle', 'market_lifecycle_v2'],
  ['multivariate_market_lifecycle', 'multivariate_market_lifecycle'],
]);

/** A frame with data, and when it was received, microseconds since 1970. */
export interface DataFrame {
  readonly raw: Buffer;
  readonly recv_ts: number;
}

const NO_BYTES = Buffer.alloc(0);
const REPLIES: readonly string[] = ['subscribed', 'unsubscribed', 'ok', 'error'];

/**
 * One connection's recording: number, time and bytes of every frame, and what of them the session must hear.
 * This is the hot path: a data frame costs a header scan, a sequence check and a copy.
 */
export class Recording {
  readonly session_id: string;
  readonly cutter: Cutter;
  readonly #tell: (input: SessionInput) => void;
  readonly #sequence = new SequenceTracker();
  readonly #header: Header = emptyHeader();
  readonly #seen = new Set<Channel>();
  readonly #channels = new Map<number, Channel>();
  /** When the last frame of each subscription came, by sid. */
  readonly #whole = new PerSid();
  #fresh: { sid: number; markets: string[]; last_ts: number } | undefined;

  /** Microseconds since 1970; 0 before the first. */
  #lastFrame_ts = 0;
  #lastData_ts = 0;
  /** Where the newest data frame lies that may carry the exchange's time: a snapshot never does. */
  #newest: Buffer | undefined;
  #newestStart = 0;
  #newestEnd = 0;
  #newest_ts = 0;
  #kept = NO_BYTES;

  constructor(session_id: string, cutter: Cutter, tell: (input: SessionInput) => void) {
    this.session_id = session_id;
    this.cutter = cutter;
    this.#tell = tell;
  }

  /** `ping_ts`: when the exchange last pinged, 0: not yet. */
  heard(ping_ts: number): Heard {
    const frame_ts = this.#lastFrame_ts;
    return { inbound_ts: Math.max(ping_ts, frame_ts), frame_ts, data_ts: this.#lastData_ts };
  }

  /** The newest data frame that may carry the exchange's time, and when it was received. */
  get lastData(): DataFrame | undefined {
    const raw = this.#newest?.subarray(this.#newestStart, this.#newestEnd);
    return raw === undefined ? undefined : { raw, recv_ts: this.#newest_ts };
  }

  /** The bytes that were taken are about to be overwritten: the newest frame that `lastData` tells is copied. */
  keepNewest(): void {
    if (this.#newest === undefined || this.#newest === this.#kept) return;
    const length = this.#newestEnd - this.#newestStart;
    if (length > this.#kept.length) this.#kept = Buffer.allocUnsafeSlow(2 * length);
    this.#newest.copy(this.#kept, 0, this.#newestStart, this.#newestEnd);
    this.#newest = this.#kept;
    this.#newestStart = 0;
    this.#newestEnd = length;
  }

  /** Takes the frame, `bytes` from `start` to `end`. */
  take(bytes: Buffer, isBinary: boolean, start = 0, end = bytes.length): void {
    const recv_ts = this.cutter.frame(isBinary ? 'binary' : 'text', bytes, start, end);
    this.#lastFrame_ts = recv_ts;
    const header = this.#header;
    scanHeader(bytes, header, start, end);

    const sequence = this.#sequence.observe(header.sid, header.seq);
    if (sequence !== undefined) {
      const channel = this.#channelOf(header);
      const before_ts = this.#whole.get(header.sid);
      this.#tell({ type: 'break', session_id: this.session_id, sequence, before_ts, channel });
    }
    if (header.type === 'orderbook_delta') this.#data('orderbook_delta', recv_ts, header);
    else this.#other(header, bytes.subarray(start, end), recv_ts);
    if (this.#lastData_ts === recv_ts && header.type !== 'orderbook_snapshot') {
      this.#newest = bytes;
      this.#newestStart = start;
      this.#newestEnd = end;
      this.#newest_ts = recv_ts;
    }
    this.#whole.set(header.sid, recv_ts);
  }

  /** Tells of the snapshots gathered since the last call. */
  tellFresh(): void {
    const fresh = this.#fresh;
    this.#fresh = undefined;
    if (fresh !== undefined) this.#tell({ type: 'snapshots', session_id: this.session_id, ...fresh });
  }

  #other(header: Header, raw: Buffer, recv_ts: number): void {
    if (REPLIES.includes(header.type)) return this.#reply(header, raw, recv_ts);
    const channel = this.#channelOf(header);
    if (channel === undefined) return;
    this.#data(channel, recv_ts, header);
    if (header.type === 'orderbook_snapshot') this.#gather(header, raw, recv_ts);
  }

  /** The sid decides: event_lifecycle comes on both lifecycle channels, and a new type is nobody's by its name. */
  #channelOf({ sid, type }: Header): Channel | undefined {
    return this.#channels.get(sid) ?? CHANNEL_OF.get(type);
  }

  #data(channel: Channel, recv_ts: number, { sid }: Header): void {
    this.#lastData_ts = recv_ts;
    if (this.#seen.has(channel)) return;
    this.#seen.add(channel);
    this.#tell({ type: 'data', session_id: this.session_id, channel, sid });
  }

  #gather(header: Header, raw: Buffer, recv_ts: number): void {
    const market = marketTickerOf(raw, header);
    if (market === undefined) return;
    if (this.#fresh?.sid !== header.sid) this.tellFresh();
    this.#fresh ??= { sid: header.sid, markets: [], last_ts: recv_ts };
    this.#fresh.markets.push(market);
    this.#fresh.last_ts = recv_ts;
  }

  #reply(header: Header, raw: Buffer, recv_ts: number): void {
    const decoded = decode(raw.toString('utf8'));
    if (decoded.kind !== 'message') return;
    const { message } = decoded;
    this.tellFresh();
    if (message.type === 'subscribed') {
      this.#channels.set(message.msg.sid, message.msg.channel as Channel);
      this.#whole.set(message.msg.sid, recv_ts);
    }
    if (message.type === 'unsubscribed') this.#sequence.forget(header.sid);
    this.#tell({ type: 'reply', session_id: this.session_id, message, whole: this.#whole });
  }
}
