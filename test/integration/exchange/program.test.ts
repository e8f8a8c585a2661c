import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { ExchangeStats } from '../../../local/exchange/server.ts';
import { Client } from './client.ts';

const PROGRAM = new URL('../../../local/exchange/program.ts', import.meta.url);
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(options: object) {
  const child = fork(PROGRAM, { env: { EXCHANGE_OPTIONS: JSON.stringify(options) }, execArgv: [], silent: true });
  children.push(child);
  let output = '';
  child.stdout?.on('data', (part: Buffer) => (output += part.toString()));
  const ask = async (message: object): Promise<Record<string, unknown>> => {
    const answer = once(child, 'message');
    child.send(message);
    return ((await answer) as [Record<string, unknown>])[0];
  };
  return { child, ask, output: () => output };
}

async function ready(child: ChildProcess): Promise<{ wsUrl: string; restUrl: string; port: number }> {
  const [message] = (await once(child, 'message')) as [
    { ready: boolean; wsUrl: string; restUrl: string; port: number },
  ];
  expect(message.ready).toBe(true);
  return message;
}

describe('the exchange as a child process', () => {
  it('says when it is ready, answers messages, and ends with 0 on SIGTERM', async () => {
    const { child, ask, output } = start({ markets: ['KXA-1'], rate: 0 });
    const { wsUrl, port } = await ready(child);
    expect(wsUrl).toBe(`ws://127.0.0.1:${port}/trade-api/ws/v2`);
    const client = await Client.open(wsUrl);
    await client.reply(client.subscribe(['orderbook_delta'], ['KXA-1']));
    expect(await ask({ emit: 50 })).toEqual({ emitted: 50 });
    const { connections, events, replayDone } = (await ask({ stats: true }))['stats'] as ExchangeStats;
    expect({ connections, events, replayDone }).toEqual({ connections: 1, events: 50, replayDone: false });
    expect(await ask({ sent: true })).toMatchObject({ sent: [{ connection: 1 }] });
    expect(await ask({ truth: 'KXA-1' })).toHaveProperty('truth.yes');
    expect(await ask({ truth: 'KXZ' })).toEqual({ truth: null });
    expect(await ask({ feed: 'pause' })).toEqual({ feed: 'pause' });
    expect(await ask({ fault: { kind: 'nonsense' } })).toHaveProperty('error');
    expect(await ask({ fault: { kind: 'disconnect' } })).toEqual({ fault: 'disconnect', connections: 1 });
    await client.until(() => client.closed === 1_006, 'the disconnect');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    const lines = output().trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      'exchange_started',
      'exchange_stopped',
    ]);
  });

  it('ends with 0 when its parent lets go of it', async () => {
    const { child } = start({ rate: 100 });
    const { wsUrl } = await ready(child);
    const client = await Client.open(wsUrl);
    client.subscribe(['ticker']);
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('says why it does not start, and ends with 1', async () => {
    const { child, output } = start({ rate: -1, unknown: true });
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(JSON.parse(output())).toMatchObject({ event: 'exchange_not_started' });
  });
});
