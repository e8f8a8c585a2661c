import { WebSocket } from 'ws';
import type { Measured, ReceiverArgument } from './messages.ts';
import { Stopwatch } from './stopwatch.ts';

/** As ecs/session/connection.ts has it. */
const WS_MAX_PAYLOAD_BYTES = 32 * 1_048_576;

/** The ceilings: a `ws` that hands every frame to `take` and does nothing else. */
export function consume({ url, warmUp, frames }: ReceiverArgument, take: (frame: Buffer) => void): Promise<Measured> {
  const watch = new Stopwatch();
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: WS_MAX_PAYLOAD_BYTES,
    skipUTF8Validation: true,
  });
  return new Promise((resolve, reject) => {
    let received = 0;
    socket.on('message', (data) => {
      take(data as Buffer);
      received++;
      if (received === warmUp) watch.start(received);
      if (received === frames) resolve(watch.stop(received));
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`the flood ended after ${received} of ${frames} frames`)));
  });
}
