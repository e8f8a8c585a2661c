import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigurationError } from '../core/contract/environment.ts';
import { parseStartOptions, type StartOptions, USAGE } from './options.ts';
import { isWhole, type Reconciliation, renderReconciliation, renderStatus } from './report.ts';
import { sourceOf } from './source.ts';
import { Stack } from './stack.ts';

/** `npm start`: the whole tape on this machine, until Ctrl-C or for a while. */

const EXIT_WHOLE = 0;
const EXIT_NOT_WHOLE = 1;
const EXIT_USAGE = 2;
const EXIT_SECOND_SIGNAL = 130;

const STATUS_EVERY_MS = 1_000;
/** Where nobody watches a terminal, a line now and then is enough. */
const STATUS_LINE_EVERY = 5;
/** Beyond --for, for a replay whose end is late. */
const REPLAY_GRACE_MS = 30_000;
const DRAIN_TIMEOUT_MS = 120_000;
/** Until what the exchange sent has reached the streamer. */
const SETTLE_TIMEOUT_MS = 10_000;

const say = (text: string): unknown => process.stdout.write(text);

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isOurs = error instanceof ConfigurationError;
  process.stderr.write(`${isOurs ? error.message : reasonOf(error)}\n${isOurs ? `\n${USAGE}` : ''}`);
  process.exitCode = isOurs ? EXIT_USAGE : EXIT_NOT_WHOLE;
}
process.exit();

async function main(args: readonly string[]): Promise<number> {
  const options = parseStartOptions(args);
  const source = await sourceOf(options, process.env);
  const stopping = stopOnSignal();
  say('Starting ClickHouse, Kinesis, the exchange, the sink and the streamer …\n');
  const stack = await Stack.start({
    dataDir: options.data,
    clickhousePort: options['clickhouse-port'],
    source,
    onTrouble: (text) => say(`\n${text}\n`),
  });
  try {
    greet(stack, options);
    await watch(stack, options, stopping);
    if (options.replay !== undefined && options.rate === undefined) await finishReplay(stack, stopping);
    say('\nStopping: the streamer flushes, the sink lands what is left …\n');
    const reconciliation = await reconcile(stack);
    say(renderReconciliation(reconciliation, options.data));
    return isWhole(reconciliation) ? EXIT_WHOLE : EXIT_NOT_WHOLE;
  } finally {
    await stack.stop();
  }
}

function stopOnSignal(): AbortSignal {
  const stopping = new AbortController();
  const onSignal = (): void => {
    if (stopping.signal.aborted) process.exit(EXIT_SECOND_SIGNAL);
    stopping.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return stopping.signal;
}

function greet(stack: Stack, options: StartOptions): void {
  say(`Recording ${stack.markets.length === 0 ? 'all' : stack.markets.length} markets. Query while it records:
  curl '${stack.clickhouseUrl}/?database=kalshi' --data 'SELECT type, count() FROM frames GROUP BY type'
Logs, line for line: ${options.data}/logs/*.ndjson     Stop: Ctrl-C\n\n`);
}

async function watch(stack: Stack, options: StartOptions, stopping: AbortSignal): Promise<void> {
  const startedAt = Date.now();
  const seconds = (): number => (Date.now() - startedAt) / 1_000;
  for (let line = 0; !stopping.aborted && seconds() < (options.for ?? Infinity); line++) {
    const left_ms = options.for === undefined ? STATUS_EVERY_MS : (options.for - seconds()) * 1_000;
    await sleep(Math.min(STATUS_EVERY_MS, Math.max(left_ms, 0)), undefined, { signal: stopping }).catch(
      () => undefined,
    );
    const text = renderStatus(await statusOf(stack, seconds()));
    if (process.stdout.isTTY) say(`\r${text}\u001b[K`);
    else if (line % STATUS_LINE_EVERY === STATUS_LINE_EVERY - 1) say(`${text}\n`);
  }
}

/** A replay that was to fit into the run is played to its end, should the machine have been too busy. */
async function finishReplay(stack: Stack, stopping: AbortSignal): Promise<void> {
  const deadline = Date.now() + REPLAY_GRACE_MS;
  while (!stopping.aborted && Date.now() < deadline) {
    const stats = await stack.simulator?.stats();
    if (stats === undefined || stats.replayDone) return;
    await sleep(STATUS_EVERY_MS, undefined, { signal: stopping }).catch(() => undefined);
  }
}

async function statusOf(stack: Stack, elapsed_sec: number) {
  const { watch: seen } = stack;
  const landed = await stack.warehouse.framesOf(seen.sessions).catch(() => Number.NaN);
  return {
    elapsed_sec,
    ws_state: seen.ws_state,
    // The heartbeat is a second old at most; what landed since was received.
    received: Math.max(seen.totals.received, landed || 0),
    perSecond: seen.silent_sec > 0 ? 0 : seen.count('messages_per_sec'),
    landed,
    lag_sec: seen.count('ingest_lag_sec') + seen.silent_sec,
    gaps: seen.count('gaps_total'),
    spool: seen.count('spool_blocks'),
  };
}

async function reconcile(stack: Stack): Promise<Reconciliation> {
  stack.simulator?.tell({ feed: 'pause' });
  await settle(stack);
  const streamerExit = await stack.streamer.stop(DRAIN_TIMEOUT_MS);
  await stack.drain(DRAIN_TIMEOUT_MS);
  const { watch: seen } = stack;
  return {
    simulator: await stack.simulator?.stats(),
    sessions: seen.sessions.length,
    ...seen.totals,
    landed: await stack.warehouse.landed(seen.sessions),
    eventSource: stack.eventSourceStats(),
    streamerExit,
    duplicatesSkipped: stack.duplicatesSkipped,
  };
}

/** Waits until the streamer has received what the exchange sent, or does not get nearer. */
async function settle(stack: Stack): Promise<void> {
  const deadline = Date.now() + SETTLE_TIMEOUT_MS;
  let before = -1;
  while (Date.now() < deadline) {
    const sent = (await stack.simulator?.stats())?.frames;
    const { received } = stack.watch.totals;
    if (sent === undefined || received >= sent || received === before) return;
    before = received;
    await sleep(STATUS_EVERY_MS + STATUS_EVERY_MS / 2);
  }
}

function reasonOf(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  const end = reason.includes('\n') ? '\n' : '. ';
  return `npm start ended: ${reason}${end}The programs' own words are in <data>/logs.\n`;
}
