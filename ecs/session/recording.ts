import { emptyHeader, type Header, marketTickerOf, scanHeader } from '../../core/kalshi/header.ts';
import { decode } from '../../core/kalshi/decode.ts';
import { SequenceTracker } from '../../core/kalshi/sequence.ts';
import type { Channel } from '../../core/contract/streamer-env.ts';
import type { Cutter } from '../publish/cutter.ts';
import type { SessionInput } from './state.ts';

/** The channel that a data type belongs to. */
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
  #fresh: { sid: number; markets: string[]; last_ts: number } | undefined;

  /** Microseconds since 1970; 0 before the first. */
  lastFrame_ts = 0;
  lastData_ts = 0;
  /** The newest data frame, for who wants to know the exchange's time. */
  lastDataFrame: Buffer | undefined;

  constructor(session_id: string, cutter: Cutter, tell: (input: SessionInput) => void) {
    this.session_id = session_id;
    this.cutter = cutter;
    this.#tell = tell;
  }

  take(raw: Buffer, isBinary: boolean): void {
    const before_ts = this.lastFrame_ts;
    const recv_ts = this.cutter.frame(isBinary ? 'binary' : 'text', raw);
    this.lastFrame_ts = recv_ts;
    const header = this.#header;
    scanHeader(raw, header);

    const sequence = this.#sequence.observe(header.sid, header.seq);
    if (sequence !== undefined) {
      const channel = CHANNEL_OF.get(header.type) ?? this.#channels.get(header.sid);
      this.#tell({ type: 'break', session_id: this.session_id, sequence, before_ts: before_ts || recv_ts, channel });
    }
    if (header.type === 'orderbook_delta') this.#data('orderbook_delta', raw, recv_ts, header.sid);
    else this.#other(header, raw, recv_ts);
  }

  /** Tells of the snapshots gathered since the last call. */
  tellFresh(): void {
    const fresh = this.#fresh;
    this.#fresh = undefined;
    if (fresh !== undefined) this.#tell({ type: 'snapshots', session_id: this.session_id, ...fresh });
  }

  #other(header: Header, raw: Buffer, recv_ts: number): void {
    const channel = CHANNEL_OF.get(header.type);
    if (channel !== undefined) {
      this.#data(channel, raw, recv_ts, header.sid);
      if (header.type === 'orderbook_snapshot') this.#gather(header, raw, recv_ts);
    } else if (REPLIES.includes(header.type)) {
      this.#reply(header, raw);
    }
  }

  #data(channel: Channel, raw: Buffer, recv_ts: number, sid: number): void {
    this.lastData_ts = recv_ts;
    this.lastDataFrame = raw;
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

  #reply(header: Header, raw: Buffer): void {
    const decoded = decode(raw.toString('utf8'));
    if (decoded.kind !== 'message') return;
    const { message } = decoded;
    this.tellFresh();
    if (message.type === 'subscribed') this.#channels.set(message.msg.sid, message.msg.channel as Channel);
    if (message.type === 'unsubscribed') this.#sequence.forget(header.sid);
    this.#tell({ type: 'reply', session_id: this.session_id, message });
  }
}
