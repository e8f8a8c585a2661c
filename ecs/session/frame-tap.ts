import type { Socket } from 'node:net';
import { FrameReader, type FrameReaderPorts } from './frame-reader.ts';

export type TapPorts = Pick<FrameReaderPorts, 'onMessage' | 'maxMessageBytes'>;

/**
 * Reads messages off a WebSocket's transport before `ws` does. `ws` hears what is left: pings, the close, anything out of
 * the ordinary, and from then on everything. Attach it while `ws` emits `open`: its listener is there, no byte has come.
 */
export class FrameTap {
  #active = false;

  /** Where the transport's listeners are not as we know them, all is left to `ws`: slower, and just as right. */
  constructor(transport: Socket | undefined, ports: TapPorts) {
    const [library, ...others] = transport?.listeners('data') ?? [];
    if (transport === undefined || library === undefined || others.length > 0) return;
    const toLibrary = (bytes: Buffer): void => void library.call(transport, bytes);
    const reader = new FrameReader({
      ...ports,
      onControl: toLibrary,
      onHandOver: (bytes) => {
        this.#active = false;
        transport.off('data', take);
        transport.on('data', library as (chunk: Buffer) => void);
        toLibrary(bytes);
      },
    });
    const take = (chunk: Buffer): void => reader.take(chunk);
    transport.off('data', library as (chunk: Buffer) => void);
    transport.on('data', take);
    this.#active = true;
  }

  /** Whether messages come from here; else they come from `ws`. */
  get active(): boolean {
    return this.#active;
  }
}
