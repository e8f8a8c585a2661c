import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EVENT_SOURCE, type EventSourceSettings } from '../core/contract/event-source.ts';
import { DEFAULT_STREAM_NAME, STREAM_RETENTION_HOURS } from '../core/contract/names.ts';
import { STREAMER_NODE_FLAGS } from '../core/contract/runtime.ts';
import { CLICKHOUSE_THREADPOOL_SIZE } from './clickhouse/engine.ts';
import { bundle } from './bundle.ts';
import { fileCheckpoints } from './event-source/checkpoints.ts';
import { EventSource } from './event-source/event-source.ts';
import { folderDestination } from './event-source/failure-destination.ts';
import { kinesisStream } from './event-source/kinesis-stream.ts';
import type { EventSourceStats } from './event-source/stats.ts';
import { gitCommit } from './git-commit.ts';
import { ensureStream, keepFor, localKinesis } from './kinesis/client.ts';
import { FunctionProcess } from './lambda/function-process.ts';
import { LocalProbe } from './probe.ts';
import type { ProgramSpec } from './process/child.ts';
import { LogFile } from './process/log-file.ts';
import { SimulatorLine } from './simulator-line.ts';
import { discoverMarkets, type Source } from './source.ts';
import { localStreamerEnvironment, writeMarkets } from './streamer-environment.ts';
import { StreamerWatch } from './streamer-watch.ts';
import { Supervised } from './supervised.ts';
import { prepareWarehouse, Warehouse } from './warehouse.ts';

export interface StackOptions {
  readonly dataDir: string;
  readonly clickhousePort: number;
  readonly source: Source;
  /** Environment added to the streamer's and the sink's, over our own choices. */
  readonly streamerEnv?: Readonly<Record<string, string>>;
  readonly sinkEnv?: Readonly<Record<string, string>>;
  readonly settings?: Partial<EventSourceSettings>;
  /** How often the probe looks at the warehouse, milliseconds. */
  readonly probeEveryMs?: number;
  readonly onTrouble: (text: string) => void;
}

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

const SHARDS = 1;
const STREAM_TIMEOUT_MS = 20_000;
const SINK_TIMEOUT_MS = 60_000;
const SINK_MEMORY_MB = 512;
const STOP_GRACE_MS = 30_000;

/** Every program of the tape on one machine. Started in the order of their needs, stopped in the order of the flow. */
export class Stack {
  readonly watch = new StreamerWatch();
  readonly warehouse: Warehouse;
  readonly clickhouseUrl: string;
  readonly kinesisEndpoint: string;
  readonly streamer: Supervised;
  readonly sink: FunctionProcess;
  readonly markets: readonly string[];
  /** Undefined: the exchange is not ours. */
  readonly simulator: SimulatorLine | undefined;
  readonly #parts: Pick<Given, 'clickhouse' | 'kinesis' | 'exchange' | 'eventSource' | 'log' | 'probe'>;
  readonly #sinkWatch: SinkWatch;

  private constructor(given: Given) {
    this.clickhouseUrl = given.clickhouseUrl;
    this.kinesisEndpoint = given.kinesisEndpoint;
    this.warehouse = new Warehouse(given.clickhouseUrl);
    this.markets = given.markets;
    this.streamer = given.streamer(this.watch);
    this.sink = given.sink;
    this.#parts = given;
    this.simulator = given.simulator;
    this.#sinkWatch = given.sinkWatch;
  }

  static async start(options: StackOptions): Promise<Stack> {
    const { dataDir, source } = options;
    const logs = join(dataDir, 'logs');
    await mkdir(logs, { recursive: true });
    const program = programs(logs, options.onTrouble);
    const log = new LogFile({ path: join(logs, 'event-source.ndjson') });
    const [streamerFile, sinkFile, probeFile] = await Promise.all([
      bundle('ecs/main.ts', join(dataDir, 'build')),
      bundle('functions/sink/handler.ts', join(dataDir, 'build')),
      bundle('functions/probe/handler.ts', join(dataDir, 'build')),
    ]);

    let clickhousePort = options.clickhousePort;
    const clickhouse = program(() => ({
      name: 'clickhouse',
      argv: [at('local/clickhouse/program.ts')],
      env: {
        ...inherited(),
        DATA_DIR: resolve(dataDir, 'clickhouse'),
        PORT: String(clickhousePort),
        UV_THREADPOOL_SIZE: String(CLICKHOUSE_THREADPOOL_SIZE),
      },
    }));
    clickhousePort = Number((await clickhouse.start())['port']);
    const clickhouseUrl = `http://127.0.0.1:${clickhousePort}`;
    await prepareWarehouse(clickhouseUrl);

    let kinesisPort = 0;
    const kinesis = program(() => ({
      name: 'kinesis',
      argv: [at('local/kinesis/program.ts'), '--path', resolve(dataDir, 'kinesis'), '--port', String(kinesisPort)],
      env: inherited(),
    }));
    kinesisPort = Number((await kinesis.start())['port']);
    const kinesisEndpoint = `http://127.0.0.1:${kinesisPort}`;
    const client = localKinesis(kinesisEndpoint);
    const withinStart = AbortSignal.timeout(STREAM_TIMEOUT_MS);
    await ensureStream(client, DEFAULT_STREAM_NAME, SHARDS, withinStart);
    await keepFor(client, DEFAULT_STREAM_NAME, STREAM_RETENTION_HOURS, withinStart);

    const line = new SimulatorLine();
    let exchangePort = 0;
    const { simulator } = source;
    const exchange =
      simulator === undefined
        ? undefined
        : program(() => ({
            name: 'exchange',
            argv: [at('local/exchange/program.ts')],
            env: { ...inherited(), EXCHANGE_OPTIONS: JSON.stringify({ ...simulator, port: exchangePort }) },
            onMessage: (message) => line.take(message),
          }));
    const ready = await exchange?.start();
    line.connect((message) => exchange?.send(message));
    exchangePort = Number(ready?.['port'] ?? 0);
    const wsUrl = source.wsUrl ?? String(ready?.['wsUrl']);
    const restUrl = source.restUrl ?? (ready === undefined ? undefined : String(ready['restUrl']));
    const markets = await marketsFor(source, restUrl);
    const marketsPath = await writeMarkets(markets, dataDir);

    const functionEnv = { CLICKHOUSE_URL: clickhouseUrl, GIT_COMMIT: gitCommit() };
    const sinkWatch = { duplicates: 0 };
    const sink = new FunctionProcess({
      functionName: 'sink',
      memoryLimitMb: SINK_MEMORY_MB,
      region: 'us-east-1',
      modulePath: sinkFile,
      environment: { ...functionEnv, ...options.sinkEnv },
      timeoutMs: SINK_TIMEOUT_MS,
      onLine: sinkLines(new LogFile({ path: join(logs, 'sink.ndjson') }), sinkWatch),
    });
    const eventSource = new EventSource({
      stream: kinesisStream(client, DEFAULT_STREAM_NAME),
      settings: { ...EVENT_SOURCE, ...options.settings },
      invoke: (event, signal) => sink.invoke(event, signal),
      checkpoints: fileCheckpoints(join(dataDir, 'checkpoints')),
      failureDestination: folderDestination(join(dataDir, 'failed')),
      onEvent: (event) =>
        log.append([JSON.stringify({ timestamp: new Date().toISOString(), event: event.kind, ...event })]),
    });

    const probe = new LocalProbe({
      modulePath: probeFile,
      environment: functionEnv,
      logs,
      everyMs: options.probeEveryMs,
    });

    const streamer = (watch: StreamerWatch): Supervised =>
      program(() => ({
        name: 'streamer',
        argv: [...STREAMER_NODE_FLAGS, streamerFile],
        ipc: 'watched',
        onLine: (line, stream) => {
          if (stream === 'stdout') watch.read(line);
        },
        env: {
          ...localStreamerEnvironment({ source, dataDir, wsUrl, kinesisEndpoint, marketsPath }),
          ...functionEnv,
          ...options.streamerEnv,
        },
      }));
    const stack = new Stack({
      clickhouse,
      kinesis,
      exchange,
      eventSource,
      log,
      probe,
      simulator: simulator === undefined ? undefined : line,
      sink,
      sinkWatch,
      streamer,
      clickhouseUrl,
      kinesisEndpoint,
      markets,
    });
    // Waited for: the start of one more program would take processor time of the streamer's first seconds.
    await probe.start();
    eventSource.start();
    await stack.streamer.start();
    return stack;
  }

  /** Blocks that were delivered again and skipped, as the sink says. */
  get duplicatesSkipped(): number {
    return this.#sinkWatch.duplicates;
  }

  eventSourceStats(): EventSourceStats {
    return this.#parts.eventSource.stats();
  }

  /**
   * Ends the flow from its spring: the streamer flushes, the event source lands what is left, the probe looks at it a
   * last time. The warehouse stays up.
   */
  async drain(timeoutMs: number): Promise<void> {
    const { eventSource, probe } = this.#parts;
    await this.streamer.stop(STOP_GRACE_MS);
    await eventSource.drain(AbortSignal.timeout(timeoutMs));
    // The sink tells at its end what it has summed up and not told yet.
    await this.sink.stop();
    await probe.lastLook();
  }

  async stop(): Promise<void> {
    const { eventSource, exchange, kinesis, clickhouse, log, probe } = this.#parts;
    await this.streamer.stop(STOP_GRACE_MS);
    await eventSource.stop();
    await this.sink.stop();
    await probe.stop();
    await this.warehouse.close();
    await Promise.all([exchange?.stop(STOP_GRACE_MS), kinesis.stop(STOP_GRACE_MS)]);
    await clickhouse.stop(STOP_GRACE_MS);
    log.close();
  }
}

interface Given {
  readonly clickhouse: Supervised;
  readonly kinesis: Supervised;
  readonly exchange: Supervised | undefined;
  readonly eventSource: EventSource;
  readonly log: LogFile;
  readonly probe: LocalProbe;
  readonly simulator: SimulatorLine | undefined;
  readonly sink: FunctionProcess;
  readonly sinkWatch: SinkWatch;
  readonly streamer: (watch: StreamerWatch) => Supervised;
  readonly clickhouseUrl: string;
  readonly kinesisEndpoint: string;
  readonly markets: readonly string[];
}

function programs(logs: string, onTrouble: (text: string) => void) {
  return (spec: (start: number) => Omit<ProgramSpec, 'logFile'>): Supervised =>
    new Supervised({
      spec: (start) => {
        const program = spec(start);
        return { ...program, logFile: join(logs, `${program.name}.ndjson`) };
      },
      onExit: (name, how) => onTrouble(`${name} ended (${how}); it is started again`),
    });
}

interface SinkWatch {
  duplicates: number;
}

/** Keeps the sink's lines, and reads off them what only the sink knows: exact when it has ended, as `drain` sees to. */
function sinkLines(log: LogFile, watch: SinkWatch): (line: string) => void {
  const duplicates = /"event":"insert_ok",.*"duplicates":(\d+)/;
  return (line) => {
    log.append([line]);
    watch.duplicates += Number(duplicates.exec(line)?.[1] ?? 0);
  };
}

/** What a child of ours needs of this process's environment: nothing secret. */
function inherited(): Record<string, string | undefined> {
  return { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: process.env['TMPDIR'] };
}

async function marketsFor(source: Source, restUrl: string | undefined): Promise<readonly string[]> {
  if (source.markets.length > 0 || !source.channels.includes('orderbook_delta')) return source.markets;
  return restUrl === undefined ? [] : discoverMarkets(restUrl);
}
