import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { instanceType } from '../../../ecs/log/instance-type.ts';

const NOTHING = { INSTANCE_TYPE: '', ECS_CONTAINER_METADATA_URI_V4: '', AWS_EXECUTION_ENV: 'AWS_ECS_EC2' };

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** On loopback; returns its address. */
async function serving(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const started = createServer(answer);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

/** As the instance metadata service answers: no type without a token, no token but to a PUT that says how long. */
function imds({ method, url, headers }: IncomingMessage, response: ServerResponse): void {
  if (
    url === '/latest/api/token' &&
    method === 'PUT' &&
    headers['x-aws-ec2-metadata-token-ttl-seconds'] !== undefined
  ) {
    response.end('a-token');
  } else if (url === '/latest/meta-data/instance-type' && headers['x-aws-ec2-metadata-token'] === 'a-token') {
    response.end('c7g.large\n');
  } else {
    response.writeHead(401).end();
  }
}

test('of an EC2 instance comes from its metadata service, with a token', async () => {
  expect(await instanceType(NOTHING, await serving(imds))).toBe('c7g.large');
});

test('of a task on an EC2 instance is the instance’s', async () => {
  const url = await serving((request, response) => {
    if (request.url === '/v4/abc/task')
      response.end(JSON.stringify({ LaunchType: 'EC2', Limits: { CPU: 1, Memory: 512 } }));
    else imds(request, response);
  });
  expect(await instanceType({ ...NOTHING, ECS_CONTAINER_METADATA_URI_V4: `${url}/v4/abc` }, url)).toBe('c7g.large');
});

test('of a Fargate task is its size, and the instance is not asked', async () => {
  const asked: (string | undefined)[] = [];
  const url = await serving(({ url: path }, response) => {
    asked.push(path);
    response.end(JSON.stringify({ LaunchType: 'FARGATE', Limits: { CPU: 0.5, Memory: 1024 } }));
  });
  const hints = { ...NOTHING, ECS_CONTAINER_METADATA_URI_V4: `${url}/v4/abc`, AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE' };
  expect(await instanceType(hints, url)).toBe('FARGATE 0.5 vCPU 1024 MiB');
  expect(asked).toEqual(['/v4/abc/task']);
});

test.each([
  ['refuses', (_: IncomingMessage, response: ServerResponse) => void response.writeHead(403).end('no')],
  ['hangs up', ({ socket }: IncomingMessage) => void socket.destroy()],
  ['answers with a page', (_: IncomingMessage, response: ServerResponse) => void response.end('<html>…</html>')],
])('is unknown where AWS %s', async (_, answer) => {
  const url = await serving(answer);
  expect(await instanceType({ ...NOTHING, ECS_CONTAINER_METADATA_URI_V4: url }, url)).toBe('unknown');
});

test('is unknown within a second or so where AWS never answers', async () => {
  const url = await serving(() => undefined);
  const startedAt = performance.now();
  expect(await instanceType({ ...NOTHING, ECS_CONTAINER_METADATA_URI_V4: url }, url)).toBe('unknown');
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});
