import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FaultyWay } from '../../../local/drills/proxy.ts';

let server: Server;
let way: FaultyWay;

beforeEach(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.end(`${request.url ?? ''} ${Buffer.concat(chunks).toString()}`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  way = new FaultyWay((server.address() as AddressInfo).port);
  await way.open();
});

afterEach(async () => {
  await way.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const ask = async (timeoutMs = 5_000): Promise<string> => {
  const answer = await fetch(`${way.url}/a?query=INSERT`, {
    method: 'POST',
    body: 'rows',
    signal: AbortSignal.timeout(timeoutMs),
  });
  return `${answer.status} ${await answer.text()}`;
};

test('a way that is well passes the request and its body on', async () => {
  expect(await ask()).toBe('200 /a?query=INSERT rows');
});

test('a way where nobody listens refuses, and is on the same port when it is well again', async () => {
  await way.set({ kind: 'refuse' });
  await expect(ask()).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  await way.set({ kind: 'pass' });
  expect(await ask()).toBe('200 /a?query=INSERT rows');
});

test('a way that hangs answers nothing', async () => {
  await way.set({ kind: 'hang' });
  await expect(ask(200)).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('a way answers what it picks and passes the rest', async () => {
  const picked = { status: 500, headers: { 'x-code': '243' }, body: 'full' };
  await way.set({ kind: 'answer', answer: ({ body }) => (body.toString() === 'rows' ? picked : undefined) });
  expect(await ask()).toBe('500 full');
  await way.set({ kind: 'answer', answer: () => undefined });
  expect(await ask()).toBe('200 /a?query=INSERT rows');
});

test('a way adds settings to the address', async () => {
  await way.set({ kind: 'settings', of: () => ({ max_memory_usage: '1000' }) });
  expect(await ask()).toBe('200 /a?query=INSERT&max_memory_usage=1000 rows');
});
