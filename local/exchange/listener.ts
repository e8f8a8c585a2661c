import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Door } from './fault-desk.ts';
import { type Gate, refusalBody } from './gate.ts';
import { admit, type HandshakeRules } from './handshake.ts';
import type { Hub } from './hub.ts';
import { answerRest, needsSignature, type RestView } from './rest.ts';

export const WS_PATH = '/trade-api/ws/v2';

/** Only this machine: the keys are made up and the data is too. */
const HOST = '127.0.0.1';
/** The largest command, bytes: some 500,000 tickers. */
const COMMAND_MAX_BYTES = 32 * 1_048_576;

export interface ListenerParts {
  readonly hub: Hub;
  readonly gate: Gate;
  readonly view: RestView;
  readonly rules: HandshakeRules;
  readonly now: () => number;
}

/** One port for REST and for the WebSocket. */
export class Listener implements Door {
  readonly #parts: ListenerParts;
  readonly #server: Server;
  readonly #upgrades = new WebSocketServer({ noServer: true, maxPayload: COMMAND_MAX_BYTES, perMessageDeflate: false });
  #port = 0;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
    this.#server = createServer((request, response) => this.#rest(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** Resolves with the port; rejects where it is taken. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, HOST, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const address = this.#server.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : port;
    return this.#port;
  }

  open(): void {
    if (!this.#server.listening) this.#server.listen(this.#port, HOST);
  }

  close(): void {
    if (this.#server.listening) this.#server.close();
  }

  /** Ends everything: the port and all sockets. */
  async stop(): Promise<void> {
    for (const { connection } of this.#parts.hub.members()) connection.end('terminate');
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      if (!this.#server.listening) {
        resolve();
        return;
      }
      this.#server.close(() => resolve());
    });
  }

  #rest(request: IncomingMessage, response: ServerResponse): void {
    const { gate, view, rules, now } = this.#parts;
    const url = new URL(request.url ?? '/', `http://${HOST}`);
    const refusal = gate.refusesRest();
    if (refusal !== undefined) {
      answer(response, refusal, refusalBody(refusal));
      return;
    }
    if (request.method !== 'GET') {
      answer(response, 405, '{"code":"method_not_allowed","message":"method not allowed"}');
      return;
    }
    if (needsSignature(url.pathname)) {
      const admission = admit(request.headers, url.pathname, rules, now());
      if (admission.kind === 'refused') {
        answer(response, 401, admission.body);
        return;
      }
    }
    const { status, body } = answerRest(url.pathname, url.searchParams, view);
    answer(response, status, JSON.stringify(body));
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { hub, gate, rules, now } = this.#parts;
    socket.on('error', () => socket.destroy());
    if (!(socket instanceof Socket)) {
      refuseUpgrade(socket, 503, refusalBody(503), now());
      return;
    }
    const refusal = gate.refusesUpgrade();
    if (refusal !== undefined) {
      refuseUpgrade(socket, refusal, refusalBody(refusal), now());
      return;
    }
    const path = new URL(request.url ?? '/', `http://${HOST}`).pathname;
    if (path !== WS_PATH) {
      refuseUpgrade(socket, 404, '{"code":"not_found","message":"not found"}', now());
      return;
    }
    const admission = admit(request.headers, path, rules, now());
    if (admission.kind === 'refused') {
      refuseUpgrade(socket, 401, admission.body, now());
      return;
    }
    this.#upgrades.handleUpgrade(request, socket, head, (ws) => hub.join(ws, socket, admission.keyId));
  }
}

function answer(response: ServerResponse, status: number, body: string): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body);
}

function refuseUpgrade(socket: Duplex, status: number, body: string, now_ms: number): void {
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nDate: ${new Date(now_ms).toUTCString()}\r\n` +
      `Content-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
