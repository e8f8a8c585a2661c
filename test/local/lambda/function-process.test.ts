import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { FunctionProcess } from '../../../local/lambda/function-process.ts';
import type { Wish } from './fixtures/handler.ts';

const HANDLER = fileURLToPath(new URL('./fixtures/handler.ts', import.meta.url));
const NO_HANDLER = fileURLToPath(new URL('./fixtures/no-handler.ts', import.meta.url));
const lines: { readonly line: string; readonly stream: string }[] = [];
let fn: FunctionProcess;

function start(options: { readonly module?: string; readonly timeoutMs?: number } = {}): FunctionProcess {
  lines.length = 0;
  fn = new FunctionProcess({
    functionName: 'sink',
    modulePath: options.module ?? HANDLER,
    memoryLimitMb: 256,
    region: 'us-east-1',
    environment: { CLICKHOUSE_URL: 'http://127.0.0.1:8123', AWS_LAMBDA_FUNCTION_NAME: 'not ours to say' },
    timeoutMs: options.timeoutMs ?? 10_000,
    onLine: (line, stream) => lines.push({ line, stream }),
  });
  return fn;
}

const invoke = (wish: Wish, signal?: AbortSignal) => fn.invoke(wish, signal);
/** What the platform said of its own: of each invocation without an answer a line. */
const reported = () =>
  lines.flatMap(({ line }) => (line.includes('"type":"platform.') ? [JSON.parse(line) as object] : []));
const printed = (line: string) => expect.poll(() => lines.map((one) => one.line)).toContain(line);
afterEach(() => fn.stop());

describe('a function in a process of its own', () => {
  it('is started by the first invocation, stays warm, and answers as JSON would carry it', async () => {
    start();
    expect(fn.pid).toBeUndefined();
    const first = await invoke({ do: 'echo', value: 'a' });
    expect(first).toEqual({ kind: 'response', payload: { value: 'a', at: '1970-01-01T00:00:00.000Z', calls: 1 } });
    const pid = fn.pid;
    expect(await invoke({ do: 'echo' })).toMatchObject({ payload: { calls: 2 } });
    expect(fn.pid).toBe(pid);
    expect(await invoke({ do: 'nothing' })).toEqual({ kind: 'response', payload: null });
  });

  it('sees its own variables, the ones Lambda sets, and none of ours', async () => {
    start({ timeoutMs: 5_000 });
    process.env['SECRET_OF_THE_SUPERVISOR'] = 'x';
    const outcome = await invoke({ do: 'context' });
    delete process.env['SECRET_OF_THE_SUPERVISOR'];
    expect(outcome.kind).toBe('response');
    const { context, env, remainingMs } = (outcome as { payload: Record<string, never> }).payload;
    expect(env).toMatchObject({
      CLICKHOUSE_URL: 'http://127.0.0.1:8123',
      AWS_LAMBDA_FUNCTION_NAME: 'sink',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_REGION: 'us-east-1',
    });
    expect(env).not.toHaveProperty('SECRET_OF_THE_SUPERVISOR');
    expect(context).toMatchObject({
      functionName: 'sink',
      memoryLimitInMB: '256',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:sink',
      logGroupName: '/aws/lambda/sink',
    });
    expect(context).toHaveProperty('awsRequestId', expect.stringMatching(/^[0-9a-f-]{36}$/));
    expect(remainingMs).toBeGreaterThan(0);
    expect(remainingMs).toBeLessThanOrEqual(5_000);
  });

  it('reports what it throws, and stays warm', async () => {
    start();
    expect(await invoke({ do: 'throw' })).toMatchObject({
      kind: 'function_error',
      error: { errorType: 'RangeError', errorMessage: 'out of range', trace: expect.any(Array) },
    });
    expect(await invoke({ do: 'throw_text' })).toMatchObject({
      error: { errorType: 'string', errorMessage: 'just text' },
    });
    expect(await invoke({ do: 'bigint' })).toMatchObject({ kind: 'function_error', error: { errorType: 'TypeError' } });
    expect(await invoke({ do: 'huge' })).toMatchObject({ error: { errorType: 'Function.ResponseSizeTooLarge' } });
    expect(await invoke({ do: 'echo' })).toMatchObject({ payload: { calls: 5 } });
  });

  it.each(['hang', 'spin'] as const)('is killed when it takes too long (%s), and begins anew', async (how) => {
    start({ timeoutMs: 1_000 });
    await invoke({ do: 'echo' });
    const pid = fn.pid!;
    expect(reported()).toEqual([]);
    expect(await invoke({ do: how })).toEqual({ kind: 'timeout' });
    expect(reported()).toMatchObject([{ type: 'platform.report', record: { status: 'timeout' } }]);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(await invoke({ do: 'echo' })).toMatchObject({ payload: { calls: 1 } });
    expect(fn.pid).not.toBe(pid);
  });

  it('reports its own end as an error and begins anew', async () => {
    start();
    expect(await invoke({ do: 'exit' })).toMatchObject({
      kind: 'function_error',
      error: { errorType: 'Runtime.ExitError' },
    });
    const record = { status: 'failure', errorType: 'Runtime.ExitError' };
    expect(reported()).toMatchObject([{ type: 'platform.report', record }]);
    expect(fn.pid).toBeUndefined();
    expect(await invoke({ do: 'echo' })).toMatchObject({ kind: 'response' });
  });

  it('reports being killed in the middle of an invocation', async () => {
    start();
    const outcome = invoke({ do: 'hang' });
    await printed('hanging');
    process.kill(fn.pid!, 'SIGKILL');
    expect(await outcome).toMatchObject({
      kind: 'function_error',
      error: { errorMessage: expect.stringContaining('SIGKILL') },
    });
  });

  it('runs one invocation at a time, in their order', async () => {
    start();
    const outcomes = await Promise.all([invoke({ do: 'echo' }), invoke({ do: 'exit' }), invoke({ do: 'echo' })]);
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['response', 'function_error', 'response']);
  });

  it('fails every invocation where the module cannot be loaded', async () => {
    start({ module: NO_HANDLER });
    expect(await invoke({ do: 'echo' })).toMatchObject({ kind: 'function_error', error: { errorType: 'TypeError' } });
    start({ module: '/not/there.ts' });
    expect(await invoke({ do: 'echo' })).toMatchObject({ kind: 'function_error' });
    expect(await invoke({ do: 'echo' })).toMatchObject({ kind: 'function_error' });
  });

  it('hands over what it prints line by line', async () => {
    start();
    await invoke({ do: 'print' });
    await printed('two, and its end');
    await printed('{"level":"ERROR"}');
    expect(lines).toContainEqual({ line: '{"level":"ERROR"}', stream: 'stderr' });
  });

  it('gives an invocation up when its signal aborts, and invokes nothing after stop', async () => {
    start();
    const giveUp = new AbortController();
    const outcome = invoke({ do: 'hang' }, giveUp.signal);
    await printed('hanging');
    giveUp.abort();
    expect(await outcome).toMatchObject({ kind: 'function_error' });
    expect(await invoke({ do: 'echo' }, giveUp.signal)).toMatchObject({ error: { errorType: 'NotInvoked' } });
    await fn.stop();
    expect(await invoke({ do: 'echo' })).toMatchObject({ error: { errorType: 'NotInvoked' } });
  });
});
