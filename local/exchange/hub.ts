import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Armed } from './armed.ts';
import { CommandMeter } from './command-meter.ts';
import { Connection } from './connection.ts';
import { Ledger, type SentRecord } from './ledger.ts';
import type { RenderedEvent } from './rendered-event.ts';
import { Session } from './session.ts';
import { wsTransport } from './transport.ts';

export interface HubOptions {
  readonly pingMs: number;
  readonly keepSent: boolean;
  readonly commandsPerSecond: number;
  /** Milliseconds since 1970, never going back. */
  readonly now: () => number;
  /** The protocol on a new connection; undefined in replay, where commands are only watched. */
  readonly sessionOn: (connection: Connection, signedIn: boolean) => Session | undefined;
  /** In replay: a connection asked to subscribe. */
  readonly onReplayCommand: (connection: Connection, text: string) => void;
}

/** One client. */
export interface Member {
  readonly connection: Connection;
  readonly session: Session | undefined;
}

/** All connections: the open ones and what every one was sent. */
export class Hub {
  commands = 0;
  readonly #options: HubOptions;
  readonly #armed: Armed;
  readonly #open = new Map<number, Member>();
  readonly #ledgers: Ledger[] = [];

  constructor(options: HubOptions, armed: Armed) {
    this.#options = options;
    this.#armed = armed;
  }

  /** Takes over an upgraded socket until it closes. */
  join(ws: WebSocket, socket: Socket, keyId: string | undefined): void {
    const number = this.#ledgers.length + 1;
    const ledger = new Ledger(number, keyId, new Date(this.#options.now()), this.#options.keepSent);
    const connection = new Connection(number, wsTransport(ws, socket), ledger, this.#armed);
    const member = { connection, session: this.#options.sessionOn(connection, keyId !== undefined) };
    this.#ledgers.push(ledger);
    this.#open.set(number, member);

    const meter = new CommandMeter(this.#options.commandsPerSecond);
    const pinger = setInterval(() => connection.ping(), this.#options.pingMs);
    ws.on('message', (data) => this.#receive(member, meter, textOf(data)));
    // A socket error is followed by close, which is all that matters here.
    ws.on('error', () => undefined);
    ws.on('close', () => {
      clearInterval(pinger);
      ledger.closedAt = new Date(this.#options.now());
      this.#open.delete(number);
    });
  }

  members(): readonly Member[] {
    return [...this.#open.values()];
  }

  /** Sends one event to everybody subscribed to it. */
  deliver(event: RenderedEvent): void {
    for (const { session } of this.#open.values()) session?.deliver(event);
  }

  /** What `work` sends to one connection leaves together. */
  together(work: () => void): void {
    const corked = this.members();
    for (const { connection } of corked) connection.cork();
    try {
      work();
    } finally {
      for (const { connection } of corked) connection.uncork();
    }
  }

  sent(): readonly SentRecord[] {
    return this.#ledgers.map((ledger) => ledger.record());
  }

  /** Frames and bytes handed to all sockets so far. */
  totals(): { readonly connections: number; readonly opened: number; readonly frames: number; readonly bytes: number } {
    let frames = 0;
    let bytes = 0;
    for (const ledger of this.#ledgers) {
      frames += ledger.frames;
      bytes += ledger.bytes;
    }
    return { connections: this.#open.size, opened: this.#ledgers.length, frames, bytes };
  }

  #receive(member: Member, meter: CommandMeter, text: string): void {
    const { replyDelayMs } = member.connection;
    if (replyDelayMs === 0) {
      this.#carryOut(member, meter, text);
      return;
    }
    setTimeout(() => this.#carryOut(member, meter, text), replyDelayMs).unref();
  }

  #carryOut({ connection, session }: Member, meter: CommandMeter, text: string): void {
    if (!connection.isOpen) return;
    this.commands++;
    if (session === undefined) {
      this.#options.onReplayCommand(connection, text);
      return;
    }
    const refusal = this.#armed.commandError(connection.number) ?? (meter.allows(this.#options.now()) ? undefined : 27);
    session.receive(text, refusal);
  }
}

function textOf(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString();
}
