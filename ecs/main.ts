import { readFileSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigurationError, parseEnvironment } from '../core/contract/environment.ts';
import { marketLines, type StreamerEnv, streamerEnv } from '../core/contract/streamer-env.ts';
import { VERSION } from '../core/contract/version.ts';
import { Credential } from '../core/kalshi/signature.ts';
import { Redactor } from '../core/logging/redact.ts';
import { Secret } from '../core/logging/secret.ts';
import { frameLog } from './log/frame-log.ts';
import { instanceType, UNKNOWN_INSTANCE } from './log/instance-type.ts';
import { startupConfig } from './log/startup-config.ts';
import { Stdout } from './log/stdout.ts';
import { StreamerLog, type StreamerLogOptions } from './log/streamer-log.ts';
import { KinesisStream } from './publish/kinesis.ts';
import { RunState } from './run-state.ts';
import { Streamer } from './streamer.ts';

/** The streamer's process: the only reader of `process.*`. */

const EXIT_CLEAN = 0;
const EXIT_LOST = 1;
const EXIT_MISCONFIGURED = 2;
const EXIT_CRASHED = 70;
const EXIT_SECOND_SIGNAL = 130;

/** Behind the flush's own bound: for the last writes to disk. */
const SHUTDOWN_GRACE_MS = 3_000;
/** How long the log file may take for its last lines. */
const LOG_CLOSE_MS = 1_000;
const MB = 1_048_576;

/** Secrets that are ours to keep though no program of ours reads them. */
const FOREIGN_SECRETS = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'CLICKHOUSE_PASSWORD'] as const;

interface Configured {
  readonly env: StreamerEnv;
  readonly credential: Credential;
  readonly privateKey: Secret;
}

const configured = configure();
if (configured !== undefined) await run(configured);

/** Everything that can be wrong with the configuration, in one message, before any connection. */
function configure(): Configured | undefined {
  const faults = new Set<string>();
  const env = noting(faults, () => parseEnvironment('streamer', streamerEnv, process.env));
  const markets = noting(faults, () => readMarkets(process.env));
  const key = noting(faults, () => readCredential(process.env));
  if (env !== undefined && markets !== undefined && key !== undefined) {
    return { env: markets.length === 0 ? env : { ...env, MARKETS: markets }, ...key };
  }
  const { log } = openLog({ level: 'INFO', file: undefined }, [new Secret(process.env['KALSHI_PRIVATE_KEY'] ?? '')]);
  log('startup_refused', { faults: [...faults] });
  process.exitCode = EXIT_MISCONFIGURED;
  return undefined;
}

function noting<T>(faults: Set<string>, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    for (const fault of error instanceof ConfigurationError ? error.faults : [String(error)]) faults.add(fault);
    return undefined;
  }
}

/** The markets of the file that may be named instead of a list; none where no file is named. */
function readMarkets(env: NodeJS.ProcessEnv): string[] {
  const path = (env['MARKETS_PATH'] ?? '').trim();
  if (path === '') return [];
  let markets: string[];
  try {
    markets = marketLines(readFileSync(path, 'utf8'));
  } catch (error) {
    throw refused('MARKETS_PATH', unreadable((error as NodeJS.ErrnoException).code));
  }
  // For some channels no market means all: that is not what a file is named for.
  if (markets.length === 0) throw refused('MARKETS_PATH', 'the file names no market');
  return markets;
}

/** The key is read even where the rest of the environment is at fault: all faults are told together. */
function readCredential(env: NodeJS.ProcessEnv): { readonly credential: Credential; readonly privateKey: Secret } {
  const key = env['KALSHI_PRIVATE_KEY'] ?? '';
  const path = env['KALSHI_PRIVATE_KEY_PATH'] ?? '';
  if (key === '' && path === '') throw refused('KALSHI_PRIVATE_KEY', 'is required (or KALSHI_PRIVATE_KEY_PATH)');
  try {
    const privateKey = new Secret(key === '' ? readFileSync(path, 'utf8') : key);
    return { credential: new Credential(env['KALSHI_API_KEY_ID'] ?? '', privateKey.reveal()), privateKey };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const name = key === '' ? 'KALSHI_PRIVATE_KEY_PATH' : 'KALSHI_PRIVATE_KEY';
    throw refused(name, code === undefined ? 'is no PEM of an RSA or Ed25519 private key' : unreadable(code));
  }
}

function unreadable(code: string | undefined): string {
  return `the file cannot be read (${code ?? 'for no reason told'})`;
}

function refused(name: string, why: string): ConfigurationError {
  return new ConfigurationError('streamer', [`${name}: ${why}`]);
}

/** The log of this process. However the process ends, what was logged is written first. */
function openLog(options: StreamerLogOptions, secrets: readonly Secret[]): StreamerLog {
  const pause = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  // Asked for once, process.stdout makes a pipe non-blocking: a reader who is behind then answers EAGAIN.
  const { fd } = process.stdout;
  const stdout = new Stdout({
    writeSome: (bytes) => writeSync(fd, bytes),
    later: (action, ms) => void setTimeout(action, ms).unref(),
    pause,
  });
  const foreign = FOREIGN_SECRETS.map((name) => new Secret(process.env[name] ?? ''));
  const log = new StreamerLog(options, {
    stdout,
    redactor: new Redactor([...secrets, ...foreign]),
    now: Date.now,
    monotonic: () => performance.now(),
    pause,
  });
  process.on('exit', () => log.flushSync());
  return log;
}

async function run({ env, credential, privateKey }: Configured): Promise<void> {
  const file = { path: env.LOG_FILE, level: env.LOG_FILE_LEVEL, maxBytes: env.LOG_FILE_MAX_MB * MB };
  const streamerLog = openLog({ level: env.LOG_LEVEL, file: env.LOG_FILE === '' ? undefined : file }, [privateKey]);
  const { log } = streamerLog;
  const runState = new RunState(env.SPOOL_DIR);

  let isStartTold = false;
  const tellStart = (instance_type: string): void => {
    if (isStartTold) return;
    isStartTold = true;
    const facts = { node_version: process.version, instance_type, previous_run: runState.previousRun };
    log('startup_config', startupConfig(env, facts));
  };
  // Beside the recording: where AWS is slow to say what we run on, frames come first.
  void instanceType(env).then(tellStart);
  process.on('uncaughtException', (error) => {
    tellStart(UNKNOWN_INSTANCE);
    log('crashed', { exception_type: error.name, exception_msg: error.message, detail: error.stack ?? '' });
    process.exit(EXIT_CRASHED);
  });

  runState.write(false);
  const stream = new KinesisStream({
    streamName: env.STREAM_NAME,
    region: env.AWS_REGION,
    endpoint: env.KINESIS_ENDPOINT,
  });
  const streamer = await Streamer.create(env, {
    credential,
    stream,
    runState,
    log,
    logKeptBack: () => streamerLog.keptBack,
    onFrame: streamerLog.listens('DEBUG') ? frameLog(log, env.LOG_FRAMES_EVERY) : undefined,
    version: VERSION,
    random: Math.random,
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
  });

  let stopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    tellStart(UNKNOWN_INSTANCE);
    log('received_signal', { signal });
    if (stopping) {
      log('shutdown_forced', { reason: 'a second signal', rows_buffered: streamer.framesInMemory });
      process.exit(EXIT_SECOND_SIGNAL);
    }
    stopping = true;
    const overdue = (): never => {
      log('shutdown_forced', { reason: 'flushing took longer than its bound', rows_buffered: streamer.framesInMemory });
      process.exit(EXIT_LOST);
    };
    setTimeout(overdue, env.SHUTDOWN_TIMEOUT_MS + SHUTDOWN_GRACE_MS).unref();
    void streamer.stop(signal).then(async (framesLost) => {
      await Promise.race([streamerLog.close(), sleep(LOG_CLOSE_MS)]);
      process.exit(framesLost === 0 ? EXIT_CLEAN : EXIT_LOST);
    });
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  // Who reads our log may go away; the recording goes on.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  streamer.start();
}
