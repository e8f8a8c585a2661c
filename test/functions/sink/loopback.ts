import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { Secret } from '../../../core/logging/secret.ts';
import type { ClickHouseOptions } from '../../../functions/sink/clickhouse.ts';

/** A request as it arrived: search parameters, headers, the body as sent. */
export interface SeenRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly raw: Buffer;
  /** The body, unpacked where it says that it is gzip. */
  readonly body: string;
}

export interface Loopback extends AsyncDisposable {
  readonly port: number;
  readonly seen: readonly SeenRequest[];
  /** TCP connections accepted so far, and the most that were open at a time. */
  readonly connections: () => { readonly total: number; readonly most: number };
}

/** An HTTP server on a free port of 127.0.0.1 that notes every request, read to its end, and answers as told. */
export async function startLoopback(answer: (response: ServerResponse, seen: SeenRequest) => void): Promise<Loopback> {
  const seen: SeenRequest[] = [];
  const counted = { total: 0, open: 0, most: 0 };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw).toString() : raw.toString();
      const params = Object.fromEntries(new URL(request.url ?? '', 'http://loopback').searchParams);
      const one = { params, headers: request.headers, raw, body };
      seen.push(one);
      answer(response, one);
    });
  });
  server.on('connection', (socket) => {
    counted.total += 1;
    counted.open += 1;
    counted.most = Math.max(counted.most, counted.open);
    socket.on('close', () => (counted.open -= 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    connections: () => counted,
    [Symbol.asyncDispose]: () => closed(server),
  };
}

/** A bare TCP server on a free port of 127.0.0.1. */
export async function startTcp(
  onSocket: (socket: Socket) => void,
): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => {
      for (const socket of sockets) socket.destroy();
      return closed(server);
    },
  };
}

export const optionsFor = (url: string): ClickHouseOptions => ({
  CLICKHOUSE_URL: url,
  CLICKHOUSE_DATABASE: 'kalshi',
  CLICKHOUSE_USER: 'sink',
  CLICKHOUSE_PASSWORD: new Secret('secret'),
});

function closed(server: { close(done: () => void): unknown; closeAllConnections?: () => void }): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections?.();
  });
}
