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
}

async function connected(options: { maxMessageBytes?: number; extraListener?: boolean } = {}): Promise<Connected> {
  const listening = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  servers.push(listening);
  await new Promise((resolve) => listening.once('listening', resolve));
  const accepted = new Promise<WebSocket>((resolve) => listening.once('connection', resolve));
  const maxMessageBytes = options.maxMessageBytes ?? 1_000_000;
  const client = new WebSocket(`ws://127.0.0.1:${(listening.address() as AddressInfo).port}`, {
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
  });
  const seen: string[] = [];
  let transport: Socket | undefined;
  client.on('upgrade', (response) => {
    transport = response.socket;
  });
  client.on('error', () => undefined);
  const tap = await new Promise<FrameTap>((resolve) => {
    client.once('open', () => {
      if (options.extraListener === true) transport?.on('data', () => undefined);
      const onMessage = (bytes: Buffer, start: number, end: number): void =>
        void seen.push(`tap ${bytes.toString('utf8', start, end)}`);
      const made = new FrameTap(transport, { onMessage, maxMessageBytes });
      client.on('message', (data) => seen.push(`ws ${(data as Buffer).toString('utf8')}`));
      resolve(made);
    });
  });
  return { server: await accepted, client, tap, seen };
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
