import { type ChildProcess, fork } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { streamerEnv } from '../core/contract/streamer-env.ts';
import { Credential } from '../core/kalshi/signature.ts';
import type { EventLog } from '../core/logging/event-log.ts';
import { Redactor } from '../core/logging/redact.ts';
import { Secret } from '../core/logging/secret.ts';
import { Stdout } from '../ecs/log/stdout.ts';
import { StreamerLog } from '../ecs/log/streamer-log.ts';
import { RunState } from '../ecs/run-state.ts';
import { Streamer } from '../ecs/streamer.ts';
import { startExchange } from '../local/exchange/server.ts';
import { spreadOf } from './support/stats.ts';
import { spreadText, tableText } from './support/table.ts';

/**
 * `node bench/logging.ts [rounds]`: what logging costs the streamer at 10,000 messages a second with DEBUG off.
 * The exchange is a process of its own. Each pass is a streamer in a new process, the real one but for Kinesis: with its log
 * to /dev/null, or with a log that does nothing. The heartbeat comes every second, thirty times as often as by default.
 * The share is the time spent inside the log against the CPU time of the whole process.
 */
const RATE = 10_000;
const MARKETS = 100;
const WARM_UP_MS = 4_000;
const MEASURE_MS = 12_000;
const ROUNDS = 5;

const passArgument = z.object({
  role: z.literal('streamer'),
  log: z.enum(['real', 'none']),
  ws: z.string(),
  key: z.string(),
  markets: z.string(),
});
const exchangeArgument = z.object({ role: z.literal('exchange'), publicKey: z.string() });
const argument = z.discriminatedUnion('role', [passArgument, exchangeArgument]);
const exchangeReady = z.object({ ws: z.string(), markets: z.string() });
const passed = z.object({
  frames: z.number(),
  wall_sec: z.number(),
  cpu_sec: z.number(),
  log_sec: z.number(),
  lines: z.number(),
});
type Passed = z.output<typeof passed>;

const told = process.env['BENCH_ROLE'];
if (told === undefined) await bench(Number(process.argv[2] ?? ROUNDS));
else await play(argument.parse(JSON.parse(told)));

async function bench(rounds: number): Promise<void> {
  const keys = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const exchange = start({ role: 'exchange', publicKey: keys.publicKey });
  const { ws, markets } = exchangeReady.parse(await answerOf(exchange));
  const results: Record<'real' | 'none', Passed[]> = { real: [], none: [] };
  for (let round = 0; round < rounds; round++) {
    for (const log of round % 2 === 0 ? (['real', 'none'] as const) : (['none', 'real'] as const)) {
      const child = start({ role: 'streamer', log, ws, key: keys.privateKey, markets });
      results[log].push(passed.parse(await answerOf(child)));
    }
  }
  exchange.kill();
  const spread = (log: 'real' | 'none', of: (pass: Passed) => number, digits: number): string =>
    spreadText(spreadOf(results[log].map(of)), digits);
  const rows = (['real', 'none'] as const).map((log) => [
    log,
    spread(log, ({ frames, wall_sec }) => frames / wall_sec, 0),
    spread(log, ({ cpu_sec, wall_sec }) => (100 * cpu_sec) / wall_sec, 2),
    spread(log, ({ lines, wall_sec }) => (60 * lines) / wall_sec, 0),
    spread(log, ({ log_sec, cpu_sec }) => (100 * log_sec) / cpu_sec, 3),
  ]);
  process.stdout.write(tableText(['log', 'msg/s', 'CPU % of a core', 'lines/min', 'log % of CPU'], rows));
  process.stdout.write(`${JSON.stringify({ date: new Date().toISOString(), node: process.version, ...results })}\n`);
}

async function play(role: z.output<typeof argument>): Promise<void> {
  process.on('disconnect', () => process.exit(1));
  if (role.role === 'streamer') {
    const result = await pass(role);
    process.send?.(result, () => process.exit(0));
    return;
  }
  const exchange = await startExchange({ rate: RATE, marketCount: MARKETS, keys: { bench: role.publicKey } });
  process.send?.({ ws: exchange.wsUrl, markets: exchange.control.tickers().join(',') });
}

async function pass({ log: kind, ws, key, markets }: z.output<typeof passArgument>): Promise<Passed> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-logging-'));
  const env = streamerEnv.parse({
    KALSHI_WS_URL: ws,
    KALSHI_API_KEY_ID: 'bench',
    KALSHI_PRIVATE_KEY: key,
    MARKETS: markets,
    SPOOL_DIR: folder,
    HEARTBEAT_SECONDS: '1',
  });
  const spent = { frames: 0, log_sec: 0, lines: 0 };
  const real = realLog(new Secret(key), () => spent.lines++);
  const log: EventLog = (event, fields) => {
    if (event === 'heartbeat')
      spent.frames = (fields as unknown as { frames_received_total: number }).frames_received_total;
    if (kind === 'none') return;
    const startedAt = performance.now();
    real.log(event, fields);
    spent.log_sec += (performance.now() - startedAt) / 1_000;
  };
  const streamer = await Streamer.create(env, {
    credential: new Credential('bench', key),
    stream: { put: () => Promise.resolve([]), close: () => undefined },
    runState: new RunState(folder),
    log,
    logKeptBack: () => real.keptBack,
    version: 'bench',
    random: Math.random,
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
  });
  streamer.start();
  await sleep(WARM_UP_MS);
  streamer.beat();
  const [before, cpu, startedAt] = [{ ...spent }, process.cpuUsage(), performance.now()];
  await sleep(MEASURE_MS);
  const { user, system } = process.cpuUsage(cpu);
  const wall_sec = (performance.now() - startedAt) / 1_000;
  const [log_sec, lines] = [spent.log_sec - before.log_sec, spent.lines - before.lines];
  streamer.beat();
  const frames = spent.frames - before.frames;
  await streamer.stop('the pass is over');
  await rm(folder, { recursive: true });
  return { frames, wall_sec, cpu_sec: (user + system) / 1e6, log_sec, lines };
}

/** As ecs/main.ts makes it, with LOG_LEVEL=INFO and no file. */
function realLog(key: Secret, onLine: () => void): StreamerLog {
  const nowhere = openSync('/dev/null', 'w');
  const pause = (): void => undefined;
  const writeSome = (bytes: Uint8Array): number => {
    onLine();
    return writeSync(nowhere, bytes);
  };
  const stdout = new Stdout({ writeSome, later: (action, ms) => void setTimeout(action, ms), pause });
  const ports = { stdout, redactor: new Redactor([key]), now: Date.now, monotonic: () => performance.now(), pause };
  return new StreamerLog({ level: 'INFO', file: undefined }, ports);
}

function start(role: z.input<typeof argument>): ChildProcess {
  return fork(fileURLToPath(import.meta.url), { env: { ...process.env, BENCH_ROLE: JSON.stringify(role) } });
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  return await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`it ended with ${code} before it answered; nothing was measured`)));
  });
}
