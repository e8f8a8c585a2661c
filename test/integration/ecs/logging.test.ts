import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bundle } from '../../../local/bundle.ts';
import { Bench } from './bench.ts';

type Line = Readonly<Record<string, unknown>>;

let bench: Bench;
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await bench.close();
});

async function linesOf(path: string): Promise<Line[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

const named = (lines: readonly Line[], name: string): Line[] => lines.filter(({ event }) => event === name);

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 15_000; !(await holds());) {
    if (Date.now() > end) throw new Error('did not come in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('the streamer’s log', () => {
  test('begins with its configuration and ends with its sums, in the file too, which has DEBUG as well', async () => {
    bench = await Bench.open();
    const file = join(bench.directory, 'logs', 'tape.log');
    const streamer = bench.start({
      LOG_LEVEL: 'INFO',
      LOG_FILE: file,
      GIT_COMMIT: 'c7f9fb5',
      CLICKHOUSE_URL: 'http://tape:hunter2@127.0.0.1:8123',
    });
    await bench.flow(streamer);
    const tape = await bench.finish(streamer);
    bench.expectWhole(tape);

    expect(streamer.lines[0]).toMatchObject({
      event: 'startup_config',
      instance_type: 'local',
      git_commit: 'c7f9fb5',
      ch_url: 'http://127.0.0.1:8123',
      node_version: process.version,
      log_file: file,
    });
    const lines = await linesOf(file);
    const without = (line: Line): Line => ({ ...line, log_seq: 0 });
    expect(lines.filter(({ level }) => level !== 'DEBUG').map(without)).toEqual(streamer.lines.map(without));
    expect(lines.map(({ log_seq }) => log_seq)).toEqual(lines.map((_, index) => index + 1));
    expect(JSON.stringify(lines)).not.toMatch(/hunter2|PRIVATE KEY/);

    const published = named(lines, 'publish_ok').reduce((sum, { rows }) => sum + Number(rows), 0);
    const blocks = named(lines, 'block_published').reduce((sum, { rows }) => sum + Number(rows), 0);
    const total = named(lines, 'shutdown_complete')[0]!['rows_written_total'];
    expect([published, blocks]).toEqual([total, total]);
    expect(named(lines, 'ws_frame')).toHaveLength(Number(total));
    expect(named(streamer.lines, 'publish_ok').length).toBeLessThanOrEqual(2);
    expect(named(streamer.lines, 'block_published')).toEqual([]);
  });

  test('says how late the exchange’s events come', async () => {
    bench = await Bench.open();
    const streamer = bench.start();
    await bench.flow(streamer);
    const beat = await streamer.event('heartbeat', (line) => line['last_event_ts'] !== '');
    expect(Math.abs(Number(beat['exchange_lag_sec']))).toBeLessThan(60);
    expect(Number.isFinite(beat['exchange_lag_sec'])).toBe(true);
  });

  test('is no condition of the recording: a file that cannot be written is told once', async () => {
    bench = await Bench.open();
    const blocked = join(bench.directory, 'blocked');
    await writeFile(blocked, '');
    const streamer = bench.start({ LOG_LEVEL: 'INFO', LOG_FILE: join(blocked, 'tape.log') });
    await bench.flow(streamer);
    bench.expectWhole(await bench.finish(streamer));
    expect(streamer.events('log_file_failed')).toMatchObject([{ level: 'WARN', log_file: join(blocked, 'tape.log') }]);
  });

  test('a refused start is told in one line though nobody else is there to flush it', async () => {
    bench = await Bench.open();
    const streamer = bench.start({ KALSHI_WS_URL: 'http://x' });
    expect(await streamer.exit).toBe(2);
    expect(streamer.lines.map(({ event }) => event)).toEqual(['startup_refused']);
  });
});

describe('a stdout that', () => {
  /** The streamer with its stdout where `stdio` says; what it logs is in the file. */
  async function recording(
    stdout: number | 'pipe',
  ): Promise<{ child: ChildProcess; file: string; exit: Promise<unknown> }> {
    bench = await Bench.open();
    const file = join(bench.directory, 'tape.log');
    const child = spawn(process.execPath, [fileURLToPath(new URL('../../../ecs/main.ts', import.meta.url))], {
      env: {
        ...bench.environment(),
        LOG_LEVEL: 'DEBUG',
        LOG_FILE: file,
        LOG_FILE_LEVEL: 'INFO',
      },
      stdio: ['ignore', stdout, 'ignore'],
    });
    children.push(child);
    return { child, file, exit: new Promise((resolve) => child.once('exit', resolve)) };
  }

  async function stillRecords(file: string): Promise<void> {
    const received = async (): Promise<number> =>
      Number(named(await linesOf(file), 'heartbeat').at(-1)?.['rows_written_total'] ?? 0);
    await until(async () => (await received()) > 100);
    const before = await received();
    await until(async () => (await received()) > before + 200);
  }

  test.skipIf(!existsSync('/dev/full'))(
    'is a full disk never stops the recording, and what it cost is counted',
    async () => {
      const full = openSync('/dev/full', 'w');
      const { child, file, exit } = await recording(full);
      closeSync(full);
      await stillRecords(file);
      child.kill('SIGTERM');
      expect(await exit).toBe(0);
      const lost = named(await linesOf(file), 'heartbeat').reduce(
        (sum, { log_lines_suppressed }) => sum + Number(log_lines_suppressed),
        0,
      );
      expect(lost).toBeGreaterThan(0);
    },
  );

  test('nobody reads any more never stops the recording', async () => {
    const { child, file, exit } = await recording('pipe');
    child.stdout!.destroy();
    await stillRecords(file);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
  });

  test('is a pipe that is full and read by nobody holds up neither the recording nor its end', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'pipe-'));
    const pipe = join(directory, 'stdout');
    execFileSync('mkfifo', [pipe]);
    const reader = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    fill(reader);
    const stdout = openSync(pipe, 'w');
    const { child, file, exit } = await recording(stdout);
    closeSync(stdout);
    await stillRecords(file);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
    closeSync(reader);
    await rm(directory, { recursive: true });
  });

  /** Until not one byte more fits. */
  function fill(pipe: number): void {
    for (const piece of [Buffer.alloc(4_096), Buffer.alloc(1)]) {
      try {
        for (;;) writeSync(pipe, piece);
      } catch (error) {
        expect((error as NodeJS.ErrnoException).code).toBe('EAGAIN');
      }
    }
  }
});

describe('the health file', () => {
  test('is fresh while the connection lives', async () => {
    bench = await Bench.open();
    const path = join(bench.directory, 'health.json');
    const streamer = bench.start({ HEALTH_FILE: path });
    const health = async () => JSON.parse(await readFile(path, 'utf8').catch(() => 'null')) as Health | null;
    await until(async () => (await health())?.ws_state === 'live');
    const first = (await health())!.ts;
    await until(async () => (await health())!.ts > first);
    await bench.finish(streamer);
    expect(Date.parse((await health())!.ts)).toBeLessThanOrEqual(Date.now());
  });

  test('is not touched while there is none, though the process lives', async () => {
    bench = await Bench.open();
    const path = join(bench.directory, 'health.json');
    const streamer = bench.start({ HEALTH_FILE: path, KALSHI_WS_URL: 'ws://127.0.0.1:1/trade-api/ws/v2' });
    await streamer.event('heartbeat', () => true, 8);
    expect(existsSync(path)).toBe(false);
  });
});

interface Health {
  readonly ts: string;
  readonly ws_state: string;
}

describe('the deployed bundle', () => {
  let out: string;
  beforeAll(async () => void (out = await mkdtemp(join(tmpdir(), 'bundle-'))));
  afterAll(async () => await rm(out, { recursive: true }));

  test('is one file that logs, to stdout and to a file', async () => {
    bench = await Bench.open();
    const program = await bundle('ecs/main.ts', out);
    const file = join(bench.directory, 'tape.log');
    const child = spawn(process.execPath, [program], {
      cwd: out,
      env: { ...bench.environment(), LOG_LEVEL: 'INFO', LOG_FILE: file },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    await until(async () => named(await linesOf(file), 'block_published').length > 3);
    child.kill('SIGTERM');
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
    const events = stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as Line)['event']);
    expect([events[0], events.at(-1)]).toEqual(['startup_config', 'shutdown_complete']);
  });
});
