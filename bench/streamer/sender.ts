import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { senderArgument, type SenderReady } from './messages.ts';
import { encodePool } from './pool.ts';
import { acceptText } from './websocket.ts';

/**
 * The flood: whoever connects gets the whole pool, as fast as he reads, and then nothing more. What he sends is ignored.
 * Every connection gets the same bytes: seq is contiguous within a connection, as on the exchange, and is never patched.
 */
const { deltas } = senderArgument.parse(JSON.parse(process.argv[2] ?? ''));
const pool = encodePool(deltas);

const server = createServer();
server.on('upgrade', (request, socket) => {
  socket.on('error', () => undefined);
  socket.resume();
  socket.write(acceptText(request.headers['sec-websocket-key'] ?? ''));
  pour(socket, 0);
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  const { frames, bytes, sha256 } = pool;
  process.send?.({ port, frames, bytes, sha256 } satisfies SenderReady);
});
process.on('disconnect', () => process.exit(0));

function pour(socket: Duplex, from: number): void {
  for (let next = from; next < pool.chunks.length; next++) {
    if (socket.write(pool.chunks[next]!)) continue;
    socket.once('drain', () => pour(socket, next + 1));
    return;
  }
}
