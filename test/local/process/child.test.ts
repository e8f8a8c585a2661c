import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { spawnProgram, type ProgramSpec } from '../../../local/process/child.ts';

const PROGRAM = fileURLToPath(new URL('./fixtures/program.ts', import.meta.url));
const PARENT = fileURLToPath(new URL('./fixtures/parent.ts', import.meta.url));
let folder: string;
let logFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'child-'));
  logFile = join(folder, 'program.ndjson');
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (mode: string, spec: Partial<ProgramSpec> = {}) =>
  spawnProgram({ name: 'program', argv: [PROGRAM, mode], env: {}, logFile, ...spec });
const log = () => readFileSync(logFile, 'utf8');

it('is ready when it says so, has only the environment it was given, and ends with its signal', async () => {
  const lines: string[] = [];
  const child = run('ready', {
    env: { GREETING: 'hello' },
    onLine: (line, stream) => lines.push(`${stream}: ${line}`),
  });
  expect(await child.ready).toEqual({ ready: true, port: 4_711 });
  expect(child.kill('SIGTERM')).toBe(true);
  expect(await child.exit).toEqual({ code: null, signal: 'SIGTERM' });
  expect(child.kill('SIGTERM')).toBe(false);
  expect(lines.sort()).toEqual(['stderr: to stderr', 'stdout: hello']);
  expect(log().split('\n').sort()).toEqual(['', 'hello', 'to stderr']);
});

it('rejects ready when it ends before, with its last words there and in the log', async () => {
  const child = run('exit');
  await expect(child.ready).rejects.toThrow('program ended before it was ready (3)\n  last words');
  expect(await child.exit).toEqual({ code: 3, signal: null });
  expect(log()).toBe('last words\n');
});

it('that says much before it ends is rejected with the end of it', async () => {
  const child = run('flood');
  const { message } = await child.ready.then(
    () => new Error('ready'),
    (error: unknown) => error as Error,
  );
  const lines = message.split('\n');
  expect(lines).toHaveLength(13);
  expect(lines.at(-1)).toMatch(/^ {2}19999 x+$/);
});

it('that ends by an error is rejected with its reason, whose stack takes no room', async () => {
  const { message } = await run('throw').ready.then(
    () => new Error('ready'),
    (error: unknown) => error as Error,
  );
  expect(message).toContain('\n  Error: the reason');
  expect(message).toContain('[cause]: Error: the reason behind it');
  expect(message).not.toMatch(/^\s+at /m);
});

it('is drained to its end even where its log cannot be written', async () => {
  const child = run('flood', { logFile: join('/dev/null', 'impossible.ndjson'), ipc: 'watched' });
  expect(await child.exit).toEqual({ code: 0, signal: null });
  expect(child.droppedLines()).toBe(20_000);
});

it('writes every line of a flood', async () => {
  const child = run('flood', { ipc: 'watched' });
  await child.exit;
  expect(log().split('\n')).toHaveLength(20_001);
  expect(child.droppedLines()).toBe(0);
});

it('is not kept alive by the channel to its parent', async () => {
  const child = run('idle', { ipc: 'watched' });
  await child.ready;
  expect(await child.exit).toEqual({ code: 0, signal: null });
});

it('ends in order when its parent is killed, though it knows nothing of parents', async () => {
  const stoppedFile = join(folder, 'stopped');
  const argv = [PARENT, logFile, stoppedFile];
  const parent = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  expect(String(((await once(parent.stdout, 'data')) as [Buffer])[0])).toBe('running\n');
  parent.kill('SIGKILL');
  await expect.poll(() => existsSync(stoppedFile)).toBe(true);
});
