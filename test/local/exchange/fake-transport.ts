import { Armed } from '../../../local/exchange/armed.ts';
import { Connection, type Transport } from '../../../local/exchange/connection.ts';
import type { Disconnect } from '../../../local/exchange/faults.ts';
import { Ledger } from '../../../local/exchange/ledger.ts';

/** A socket that remembers. */
class FakeTransport implements Transport {
  isOpen = true;
  bufferedBytes = 0;
  readonly frames: string[] = [];
  readonly pings: string[] = [];
  torn: string | undefined;
  deaf = false;
  ended: Disconnect | undefined;

  send(bytes: Buffer): void {
    this.frames.push(bytes.toString());
  }

  sendTorn(bytes: Buffer): void {
    this.torn = bytes.toString();
    this.isOpen = false;
  }

  ping(body: string): void {
    this.pings.push(body);
  }

  deafen(): void {
    this.deaf = true;
  }

  hear(): void {
    this.deaf = false;
  }

  cork(): void {
    // Nothing is buffered here.
  }

  uncork(): void {
    // Nothing is buffered here.
  }

  end(how: Disconnect): void {
    this.ended = how;
    this.isOpen = false;
  }
}

export function fakeConnection(number = 1, armed = new Armed()) {
  const transport = new FakeTransport();
  const connection = new Connection(number, transport, new Ledger(number, 'key', new Date(0), true), armed);
  return { transport, connection, armed };
}
