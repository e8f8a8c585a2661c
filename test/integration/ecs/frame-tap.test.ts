import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { FrameTap } from '../../../ecs/session/frame-tap.ts';

/** A real server and a real client of `ws`, with the tap between the client and its socket. */

const servers: WebSocketServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.clients.forEach((client) => client.terminate());
    server.close();
  }
});

interface Connected {
  readonly server: WebSocket;
  readonly client: WebSocket;
  readonly tap: FrameTap;
  /** Messages as they came, and by which way. */
  readonly seen: string[];
  /** How many messages had been seen when the bytes of a read were given up. */
  readonly reads: number[];
}

interface Options {
  readonly maxMessageBytes?: number;
  readonly extraListener?: boolean;
  /** Sent in one piece with the answer to the upgrade. */
  readonly behindUpgrade?: Buffer;
  readonly isSecure?: boolean;
}

/** A key both sides know stands in for certificates: what is tested is how TLS hands its bytes over. */
const PSK = Buffer.from('0123456789abcdef');
const PSK_CIPHER = { ciphers: 'PSK-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' } as const;

async function connected(options: Options = {}): Promise<Connected> {
  const isSecure = options.isSecure === true;
  const http: Server = isSecure ? createHttpsServer({ ...PSK_CIPHER, pskCallback: () => PSK }) : createHttpServer();
  const listening = new WebSocketServer({ server: http });
  servers.push(listening);
  listening.once('close', () => http.close());
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise<WebSocket>((resolve) => listening.once('connection', resolve));
  if (options.behindUpgrade !== undefined) joinToUpgrade(listening, options.behindUpgrade);

  const maxMessageBytes = options.maxMessageBytes ?? 1_000_000;
  const seen: string[] = [];
  const reads: number[] = [];
  const tap = new FrameTap({
    onMessage: (bytes, start, end) => void seen.push(`tap ${bytes.toString('utf8', start, end)}`),
    onRead: () => void reads.push(seen.length),
    maxMessageBytes,
  });
  let transport: Socket | undefined;
  const connect = tap.connector(isSecure) as (...all: unknown[]) => Socket;
  const client = new WebSocket(`${isSecure ? 'wss' : 'ws'}://127.0.0.1:${(http.address() as AddressInfo).port}`, {
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    createConnection: ((...all: unknown[]) => (transport = connect(...all))) as never,
    ...(isSecure && { ...PSK_CIPHER, checkServerIdentity: () => undefined }),
    ...(isSecure && ({ pskCallback: () => ({ psk: PSK, identity: 'test' }) } as object)),
  });
  client.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    client.once('open', () => {
      if (options.extraListener === true) transport?.on('data', () => undefined);
      tap.open();
      client.on('message', (data) => seen.push(`ws ${(data as Buffer).toString('utf8')}`));
      resolve();
    });
  });
  return { server: await accepted, client, tap, seen, reads };
}

/** `ws` writes the answer to the upgrade in one call: what is behind it goes with it. */
function joinToUpgrade(server: WebSocketServer, bytes: Buffer): void {
  server.once('headers', (_headers, request) => {
    const { socket } = request;
    const write = socket.write.bind(socket);
    socket.write = (answer: string) => {
      socket.write = write;
      return write(Buffer.concat([Buffer.from(answer), bytes]));
    };
  });
}

/** A ping behind what was sent: its answer says that everything before it was read. */
function read(server: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    server.once('pong', () => resolve());
    server.ping('x');
  });
}

test('messages come from the tap, and pings are answered', async () => {
  const { server, tap, seen } = await connected();
  server.send('one');
  server.send('t'.repeat(200_000));
  server.send('three');
  await read(server);
  expect(seen.map((message) => message.slice(0, 9))).toEqual(['tap one', 'tap ttttt', 'tap three']);
  expect(tap.active).toBe(true);
});

test('a message in fragments is read by ws, with all that follows, in order', async () => {
  const { server, tap, seen } = await connected();
  server.send('one');
  server.send('tw', { fin: false });
  server.send('o', { fin: true });
  server.send('three');
  await read(server);
  expect(seen).toEqual(['tap one', 'ws two', 'ws three']);
  expect(tap.active).toBe(false);
});

test('the close handshake is the library’s, with its code and reason', async () => {
  const { server, client, seen } = await connected();
  const closed = new Promise<[number, string]>((resolve) => {
    client.once('close', (code, reason) => resolve([code, reason.toString()]));
  });
  server.send('last');
  server.close(4001, 'maintenance');
  expect(await closed).toEqual([4001, 'maintenance']);
  expect(seen).toEqual(['tap last']);
});

test('our own close is answered', async () => {
  const { client } = await connected();
  const closed = new Promise<number>((resolve) => client.once('close', resolve));
  client.close(1000);
  expect(await closed).toBe(1000);
});

test('a message above the bound ends the connection with 1009', async () => {
  const { server, client, seen } = await connected({ maxMessageBytes: 1_000 });
  const closed = new Promise<number>((resolve) => server.once('close', resolve));
  server.send('fits');
  server.send('x'.repeat(1_001));
  expect(await closed).toBe(1009);
  client.terminate();
  expect(seen).toEqual(['tap fits']);
});

test('where somebody else reads the socket too, all is left to ws', async () => {
  const { server, tap, seen } = await connected({ extraListener: true });
  server.send('one');
  await read(server);
  expect(tap.active).toBe(false);
  expect(seen).toEqual(['ws one']);
});

test('what came in one piece with the upgrade is read first, the rest of its frame with it', async () => {
  const frame = Buffer.concat([Buffer.from([0x81, 5]), Buffer.from('first')]);
  const { server, tap, seen } = await connected({ behindUpgrade: Buffer.concat([frame, Buffer.from([0x81, 6])]) });
  (server as unknown as { readonly _socket: Socket })._socket.write('second');
  server.send('third');
  await read(server);
  expect(seen).toEqual(['tap first', 'tap second', 'tap third']);
  expect(tap.active).toBe(true);
});

test('over TLS the same: messages from the tap, a fragment and what follows from ws', async () => {
  const { server, seen } = await connected({ isSecure: true });
  server.send('one');
  server.send('t'.repeat(600_000));
  server.send('thr', { fin: false });
  server.send('ee', { fin: true });
  server.send('four');
  await read(server);
  expect(seen.map((message) => message.slice(0, 9))).toEqual(['tap one', 'tap ttttt', 'ws three', 'ws four']);
});

test('every message is given before its bytes are given up', async () => {
  const { server, seen, reads } = await connected();
  for (let i = 0; i < 20_000; i++) server.send(`message ${i}`);
  await read(server);
  expect(seen).toEqual(Array.from({ length: 20_000 }, (_, i) => `tap message ${i}`));
  expect(reads.at(-1)).toBe(20_000);
});
