import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigurationError, parseEnvironment } from '../core/contract/environment.ts';
import { type StreamerEnv, streamerEnv } from '../core/contract/streamer-env.ts';
import { Credential } from '../core/kalshi/signature.ts';
import { type EventLog, eventLog, firstTickers, type WriteEvent } from '../core/logging/event-log.ts';
import { gatedWriter } from '../core/logging/gated.ts';
import { Redactor } from '../core/logging/redact.ts';
import { redactedWriter } from '../core/logging/redacted.ts';
import { Secret } from '../core/logging/secret.ts';
import { VERSION } from '../core/contract/version.ts';
import { jsonLines } from './console.ts';
import { KinesisStream } from './publish/kinesis.ts';
import { SPOOL_FULL_POLICY } from './publish/spool.ts';
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

const write = (line: string): unknown => process.stdout.write(line);

const started = configure();
if (started !== undefined) await run(started.env, started.credential, started.log);

/** Everything that can be wrong with the configuration, in one message, before any connection. */
function configure(): { env: StreamerEnv; credential: Credential; log: EventLog } | undefined {
  const faults = new Set<string>();
  const env = noting(faults, () => parseEnvironment('streamer', streamerEnv, process.env));
  const credential = noting(faults, () => readCredential(process.env));
  if (env === undefined || credential === undefined) {
    eventLog(jsonLines(write, 'INFO', () => new Date()))('startup_refused', { faults: [...faults] });
    process.exitCode = EXIT_MISCONFIGURED;
    return undefined;
  }
  return { env, credential, log: eventLog(guarded(env)) };
}

/** Our lines: within the log's bounds, and without secrets whatever a caller put into them. */
function guarded(env: StreamerEnv): WriteEvent {
  const redactor = new Redactor([new Secret(env.KALSHI_PRIVATE_KEY ?? '')]);
  const lines = redactedWriter(
    jsonLines(write, env.LOG_LEVEL, () => new Date()),
    redactor,
  );
  return gatedWriter({ write: lines, now: Date.now, lowest: env.LOG_LEVEL });
}

function noting<T>(faults: Set<string>, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    for (const fault of error instanceof ConfigurationError ? error.faults : [String(error)]) faults.add(fault);
    return undefined;
  }
}

/** The key is read even where the rest of the environment is at fault: all faults are told together. */
function readCredential(env: NodeJS.ProcessEnv): Credential {
  const key = env['KALSHI_PRIVATE_KEY'] ?? '';
  const path = env['KALSHI_PRIVATE_KEY_PATH'] ?? '';
  if (key === '' && path === '') throw refused('KALSHI_PRIVATE_KEY', 'is required (or KALSHI_PRIVATE_KEY_PATH)');
  try {
    return new Credential(env['KALSHI_API_KEY_ID'] ?? '', key === '' ? readFileSync(path, 'utf8') : key);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const name = key === '' ? 'KALSHI_PRIVATE_KEY_PATH' : 'KALSHI_PRIVATE_KEY';
    throw refused(name, code === undefined ? message : `the file cannot be read (${code})`);
  }
}

function refused(name: string, why: string): ConfigurationError {
  return new ConfigurationError('streamer', [`${name}: ${why}`]);
}

async function run(env: StreamerEnv, credential: Credential, log: EventLog): Promise<void> {
  const runState = new RunState(env.SPOOL_DIR);
  logStart(env, runState, log);
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
    version: VERSION,
    random: Math.random,
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
  });

  let stopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
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
    void streamer.stop(signal).then((framesLost) => process.exit(framesLost === 0 ? EXIT_CLEAN : EXIT_LOST));
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  // Who reads our log may go away; the recording goes on.
  process.stdout.on('error', () => undefined);
  process.on('uncaughtException', (error) => {
    log('crashed', { exception_type: error.name, exception_msg: error.message, detail: error.stack ?? '' });
    process.exit(EXIT_CRASHED);
  });
  streamer.start();
}

function logStart(env: StreamerEnv, runState: RunState, log: EventLog): void {
  const url = new URL(env.KALSHI_WS_URL);
  log('startup_config', {
    recorder_id: env.RECORDER_ID,
    version: VERSION,
    node_version: process.version,
    url: `${url.protocol}//${url.host}${url.pathname}`,
    channels: env.CHANNELS,
    markets: env.MARKETS.length,
    market_tickers: firstTickers(env.MARKETS),
    use_yes_price: env.USE_YES_PRICE,
    stream: env.STREAM_NAME,
    flush_rows_threshold: env.FLUSH_ROWS_THRESHOLD,
    flush_secs_threshold: env.FLUSH_SECS_THRESHOLD,
    flush_bytes_threshold: env.FLUSH_BYTES_THRESHOLD,
    spool_dir: env.SPOOL_DIR,
    spool_max_mb: env.SPOOL_MAX_MB,
    spool_full_policy: SPOOL_FULL_POLICY,
    log_level: env.LOG_LEVEL,
    previous_run: runState.previousRun,
  });
}
