import { connect as netConnect, type createConnection, isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as tlsConnect, type ConnectionOptions } from 'node:tls';
import { FrameReader, type FrameReaderPorts } from './frame-reader.ts';

export interface TapPorts extends Pick<FrameReaderPorts, 'onMessage' | 'maxMessageBytes'> {
  /** All messages of one read were given: their bytes are about to be overwritten. */
  readonly onRead: () => void;
}

/** What one read of the socket brings at most. It is read into the same memory each time: nothing is left to collect. */
const READ_BUFFER_BYTES = 262_144;

/**
 * Reads messages off a WebSocket's transport before `ws` does. `ws` hears what is left: pings, the close, anything out of
 * the ordinary, and from then on everything. Give `connect` to `ws` as its createConnection, and call `open` while it
 * emits `open`: its listener is there, and only the bytes behind the upgrade have come.
 */
export class FrameTap {
  readonly #ports: TapPorts;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  #transport: Socket | undefined;
  #reader: FrameReader | undefined;

  constructor(ports: TapPorts) {
    this.#ports = ports;
  }

  /** Whether messages come from here; else they come from `ws`. */
  get active(): boolean {
    return this.#reader !== undefined;
  }

  /** Connects as `ws` does by itself, over TLS where `isSecure`. */
  connector(isSecure: boolean): typeof createConnection {
    const onread = { buffer: this.#buffer, callback: (bytes: number) => this.#read(bytes) };
    const connect = (options: TcpNetConnectOpts & ConnectionOptions): Socket => {
      const { host = '' } = options;
      const tapped = { ...options, path: undefined, onread };
      this.#transport = isSecure
        ? tlsConnect({ ...tapped, servername: isIP(host) === 0 ? host : '' } as ConnectionOptions)
        : netConnect(tapped);
      return this.#transport;
    };
    return connect as typeof createConnection;
  }

  /** Where the transport's listeners are not as we know them, all is left to `ws`: slower, and just as right. */
  open(): void {
    const transport = this.#transport;
    const [library, ...others] = transport?.listeners('data') ?? [];
    if (transport === undefined || library === undefined || others.length > 0) return;
    const toLibrary = (bytes: Buffer): void => void library.call(transport, Buffer.from(bytes));
    const take = (chunk: Buffer): void => this.#take(chunk);
    this.#reader = new FrameReader({
      ...this.#ports,
      onControl: toLibrary,
      onHandOver: (bytes) => {
        this.#reader = undefined;
        transport.off('data', take);
        transport.on('data', library as (chunk: Buffer) => void);
        toLibrary(bytes);
      },
    });
    transport.off('data', library as (chunk: Buffer) => void);
    transport.on('data', take);
  }

  #read(bytes: number): boolean {
    const transport = this.#transport!;
    const chunk = this.#buffer.subarray(0, bytes);
    // Before what was read earlier has been heard, and where `ws` reads, it goes the usual way.
    if (this.#reader === undefined || transport.readableLength > 0) return transport.push(Buffer.from(chunk));
    this.#take(chunk);
    return true;
  }

  #take(chunk: Buffer): void {
    this.#reader?.take(chunk);
    this.#ports.onRead();
  }
}
