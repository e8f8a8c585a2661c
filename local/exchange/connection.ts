import type { Armed } from './armed.ts';
import type { Disconnect } from './faults.ts';
import type { Ledger } from './ledger.ts';

/** The socket as far as a connection needs it; `wsTransport` makes one from a WebSocket. */
export interface Transport {
  readonly isOpen: boolean;
  /** Bytes accepted but not yet taken by the kernel. */
  readonly bufferedBytes: number;
  send(bytes: Buffer): void;
  /** The first half of a message, then the end of the socket. */
  sendTorn(bytes: Buffer): void;
  ping(body: string): void;
  /** Stops reading: nothing is answered any more, not even a close. */
  deafen(): void;
  hear(): void;
  /** Bytes between cork and uncork leave together. */
  cork(): void;
  uncork(): void;
  end(how: Disconnect): void;
}

/** data: from the tape. snapshot: data that a command asked for. reply: acknowledgements and errors. */
export type FrameKind = 'data' | 'snapshot' | 'reply';

const PING_BODY = 'heartbeat';

/** One client from upgrade to close. It knows bytes and faults, not what the messages mean. */
export class Connection {
  readonly number: number;
  readonly ledger: Ledger;
  readonly #transport: Transport;
  readonly #armed: Armed;
  #flow: Flow = 'all';
  #pings = true;
  /** Every command waits this long before it is looked at. */
  replyDelayMs = 0;

  constructor(number: number, transport: Transport, ledger: Ledger, armed: Armed) {
    this.number = number;
    this.ledger = ledger;
    this.#transport = transport;
    this.#armed = armed;
  }

  get isOpen(): boolean {
    return this.#transport.isOpen;
  }

  /** Open, and no fault holds its data back. */
  get takesData(): boolean {
    return this.#flow === 'all' && this.#transport.isOpen;
  }

  /** Closed, or deaf and mute by a fault: it will not take a frame again unless healed. */
  get isLost(): boolean {
    return this.#flow === 'nothing' || !this.#transport.isOpen;
  }

  get bufferedBytes(): number {
    return this.#transport.bufferedBytes;
  }

  /** Sends a frame unless a fault keeps it; then its seq is used up all the same. `ticker` '' where it has none. */
  send(text: string, kind: FrameKind, sid: number, ticker: string): void {
    if (!this.#lets(kind) || !this.#transport.isOpen) return;
    const bytes = Buffer.from(text);
    if (kind === 'snapshot') {
      const cut = this.#armed.cutsSnapshot(this.number);
      if (cut !== undefined) {
        this.#cut(cut, bytes);
        return;
      }
    }
    if (kind !== 'reply' && this.#armed.dropsFrame(this.number, sid, ticker)) return;
    this.#transport.send(bytes);
    this.ledger.add(text, bytes.length);
  }

  /** What a fault makes of the next data frame's `msg`. */
  altered(body: string): string {
    const told = this.#armed.addsField(this.number) ? `${body.slice(0, -1)},"shard_hint":3}` : body;
    return this.#armed.addsDecimal(this.number) ? told.replace(/_fp":"-?\d+\.\d+/, '$&1') : told;
  }

  ping(): void {
    if (this.#pings && this.#flow !== 'nothing' && this.#transport.isOpen) this.#transport.ping(PING_BODY);
  }

  silence(answersCommands: boolean): void {
    this.#flow = answersCommands ? 'answers' : 'pings';
  }

  halfOpen(): void {
    this.#flow = 'nothing';
    this.#transport.deafen();
  }

  stopPings(): void {
    this.#pings = false;
  }

  heal(): void {
    if (this.#flow === 'nothing') this.#transport.hear();
    this.#flow = 'all';
    this.#pings = true;
    this.replyDelayMs = 0;
  }

  end(how: Disconnect): void {
    this.#transport.end(how);
  }

  cork(): void {
    this.#transport.cork();
  }

  uncork(): void {
    this.#transport.uncork();
  }

  #lets(kind: FrameKind): boolean {
    return this.#flow === 'all' || (this.#flow === 'answers' && kind !== 'data');
  }

  #cut(cut: 'between' | 'inside', bytes: Buffer): void {
    this.#flow = 'nothing';
    if (cut === 'between') this.#transport.end('terminate');
    else this.#transport.sendTorn(bytes);
  }
}

/** What still leaves: everything; answers and pings; pings; nothing. */
type Flow = 'all' | 'answers' | 'pings' | 'nothing';
