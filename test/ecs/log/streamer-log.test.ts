import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Level } from '../../../core/logging/events.ts';
import { LOG_BOUNDS } from '../../../core/logging/gate.ts';
import { Redactor } from '../../../core/logging/redact.ts';
import { Secret } from '../../../core/logging/secret.ts';
import { Stdout } from '../../../ecs/log/stdout.ts';
import { StreamerLog } from '../../../ecs/log/streamer-log.ts';

const SECRET = 'correct-horse-battery';
const MINUTE_MS = 60_000;

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'streamer-log-'));
  path = join(directory, 'tape.log');
});
afterEach(async () => await rm(directory, { recursive: true }));

type Line = Readonly<Record<string, unknown>>;

function logging(level: Level, file?: { readonly level: Level; readonly path?: string }) {
  const clock = { now: 1_800_000_000_000 };
  let out = '';
  const stdout = new Stdout({
    writeSome: (bytes) => {
      out += Buffer.from(bytes).toString();
      return bytes.length;
    },
    later: () => undefined,
    pause: () => undefined,
  });
  const subject = new StreamerLog(
    { level, file: file === undefined ? undefined : { path, maxBytes: 50_000_000, ...file } },
    {
      stdout,
      redactor: new Redactor([new Secret(SECRET)]),
      // Time passes between two looks at it.
      now: () => clock.now++,
      monotonic: () => clock.now,
      pause: () => undefined,
    },
  );
  const onStdout = (): Line[] => linesOf(out);
  const inFile = async (): Promise<Line[]> => {
    await subject.close();
    return linesOf(await readFile(path, 'utf8'));
  };
  const frame = (frame_no: number): void =>
    subject.log('ws_frame', { session_id: 's', connection: 0, frame_no, bytes: 300, detail: '{'.repeat(200) });
  const dropped = (reason: string): void =>
    subject.log('ws_disconnected', {
      session_id: 's',
      connection: 0,
      cause: 'disconnect',
      close_code: 1006,
      reason,
      frames: 1,
      backoff_ms: 5,
    });
  return { subject, clock, onStdout, inFile, frame, dropped, bytes: () => Buffer.byteLength(out) };
}

const linesOf = (text: string): Line[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
const events = (lines: readonly Line[]) => lines.map(({ event }) => event);

test('stdout has INFO and above, the file DEBUG and above, and each counts its own lines without a hole', async () => {
  const { subject, onStdout, inFile, frame } = logging('INFO', { level: 'DEBUG' });
  frame(1);
  subject.log('received_signal', { signal: 'SIGTERM' });
  frame(2);
  subject.log('startup_refused', { faults: [] });
  expect(onStdout().map(({ event, level, log_seq }) => [event, level, log_seq])).toEqual([
    ['received_signal', 'INFO', 1],
    ['startup_refused', 'CRITICAL', 2],
  ]);
  expect((await inFile()).map(({ event, level, log_seq }) => [event, level, log_seq])).toEqual([
    ['ws_frame', 'DEBUG', 1],
    ['received_signal', 'INFO', 2],
    ['ws_frame', 'DEBUG', 3],
    ['startup_refused', 'CRITICAL', 4],
  ]);
});

test('a line is the same in both, but for its number: it happened once', async () => {
  const { subject, onStdout, inFile, clock } = logging('INFO', { level: 'INFO' });
  const before = (clock.now += 5_000);
  subject.log('received_signal', { signal: 'SIGTERM' });
  expect(Date.parse(String(onStdout()[0]!['timestamp']))).toBe(before);
  expect(await inFile()).toEqual(onStdout());
});

test('nobody listens to what no destination logs', () => {
  expect(logging('INFO').subject.listens('DEBUG')).toBe(false);
  expect(logging('DEBUG').subject.listens('DEBUG')).toBe(true);
  expect(logging('INFO', { level: 'DEBUG' }).subject.listens('DEBUG')).toBe(true);
  expect(logging('INFO', { level: 'WARN' }).subject.listens('DEBUG')).toBe(false);
});

test('a storm keeps stdout within its bytes a minute, the file has all of it, and what was kept back is exact', async () => {
  const { subject, clock, onStdout, inFile, dropped, bytes } = logging('INFO', { level: 'DEBUG' });
  const count = 3_000;
  for (let i = 0; i < count; i++) dropped(`é${i}`.padEnd(400, 'é'));
  expect(bytes()).toBeLessThanOrEqual(LOG_BOUNDS.bytesPerMinute);
  const passed = onStdout().length;
  expect(subject.keptBack.lines).toBe(count - passed);
  clock.now += MINUTE_MS;
  subject.log('received_signal', { signal: 'SIGTERM' });
  const told = onStdout().find(({ event }) => event === 'log_suppressed');
  expect(told).toMatchObject({ count: count - passed, bytes: subject.keptBack.bytes });
  expect(events(await inFile())).toEqual([...Array<string>(count).fill('ws_disconnected'), 'received_signal']);
});

test('neither stdout nor the file holds a secret', async () => {
  const { subject, onStdout, inFile } = logging('INFO', { level: 'DEBUG' });
  subject.log('crashed', { exception_type: 'E', exception_msg: `cannot use ${SECRET}`, detail: SECRET });
  subject.log('startup_refused', { faults: [`KALSHI: ${SECRET}`, 'https://u:pass-word@host/'] });
  for (const lines of [onStdout(), await inFile()]) {
    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toMatch(/correct-horse|pass-word/);
  }
});

test('a file that cannot be written is told once on stdout, and told again when its lines come back', async () => {
  const blocked = join(directory, 'blocked');
  await writeFile(blocked, '');
  const { subject, clock, onStdout } = logging('INFO', { level: 'DEBUG', path: join(blocked, 'tape.log') });
  for (let i = 0; i < 3; i++) {
    subject.log('received_signal', { signal: 'SIGTERM' });
    await subject.close();
  }
  expect(events(onStdout()).filter((event) => event === 'log_file_failed')).toHaveLength(1);
  expect(onStdout().find(({ event }) => event === 'log_file_failed')).toMatchObject({
    level: 'WARN',
    component: 'log',
    log_file: join(blocked, 'tape.log'),
    exception_type: 'EEXIST',
  });
  expect(events(onStdout()).filter((event) => event === 'received_signal')).toHaveLength(3);
  await rm(blocked);
  clock.now += MINUTE_MS;
  subject.log('received_signal', { signal: 'SIGINT' });
  await subject.close();
  expect(onStdout().at(-1)).toMatchObject({ event: 'log_file_recovered', level: 'INFO', count: 3 });
  const file = linesOf(await readFile(join(blocked, 'tape.log'), 'utf8'));
  expect(events(file)).toEqual(['received_signal', 'log_file_recovered']);
});

test('lines that nobody read on stdout are among those kept back', () => {
  const stdout = new Stdout({
    writeSome: () => {
      throw Object.assign(new Error('gone'), { code: 'EPIPE' });
    },
    later: () => undefined,
    pause: () => undefined,
  });
  const now = (): number => 0;
  const subject = new StreamerLog(
    { level: 'INFO', file: undefined },
    { stdout, redactor: new Redactor([]), now, monotonic: now, pause: () => undefined },
  );
  subject.log('received_signal', { signal: 'SIGTERM' });
  expect(subject.keptBack.lines).toBe(1);
  expect(subject.keptBack.bytes).toBeGreaterThan(100);
});
