import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Transport } from './connection.ts';
import type { Disconnect } from './faults.ts';

const GOING_AWAY = 1001;

/** `socket` is the connection below the WebSocket: coalescing and RST are made there. */
export function wsTransport(ws: WebSocket, socket: Socket): Transport {
  return {
    get isOpen() {
      return ws.readyState === ws.OPEN;
    },
    get bufferedBytes() {
      return ws.bufferedAmount;
    },
    send: (bytes) => ws.send(bytes, { binary: false }),
    sendTorn: (bytes) =>
      ws.send(bytes.subarray(0, Math.floor(bytes.length / 2)), { binary: false, fin: false }, () => ws.terminate()),
    ping: (body) => ws.ping(body),
    deafen: () => ws.pause(),
    hear: () => ws.resume(),
    cork: () => socket.cork(),
    uncork: () => socket.uncork(),
    end: (how) => end(ws, socket, how),
  };
}

function end(ws: WebSocket, socket: Socket, how: Disconnect): void {
  if (how === 'going_away') ws.close(GOING_AWAY);
  else if (how === 'terminate') ws.terminate();
  else socket.resetAndDestroy();
}
