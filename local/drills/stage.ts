import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { createClient } from '@clickhouse/client';
import { EVENT_SOURCE, type EventSourceSettings } from '../../core/contract/event-source.ts';
import { DEFAULT_DATABASE, DEFAULT_STREAM_NAME } from '../../core/contract/names.ts';
import { STREAMER_NODE_FLAGS, STREAMER_PROCESS_ENV } from '../../core/contract/runtime.ts';
import { migrate } from '../../sql/migrate/migrate.ts';
import { CLICKHOUSE_THREADPOOL_SIZE } from '../clickhouse/engine.ts';
import { fileCheckpoints } from '../event-source/checkpoints.ts';
import { EventSource } from '../event-source/event-source.ts';
import { type FailureDestination, folderDestination } from '../event-source/failure-destination.ts';
import { kinesisStream } from '../event-source/kinesis-stream.ts';
import type { FaultInput } from '../exchange/faults.ts';
import { ensureStream, localKinesis } from '../kinesis/client.ts';
import { parseStartOptions } from '../options.ts';
import { type Child, type ProgramSpec, spawnProgram } from '../process/child.ts';
import { Schedule } from '../schedule.ts';
import { sourceOf } from '../source.ts';
import { AwsMeter } from './aws-samples.ts';
import { MeasuredFunction } from './measured-function.ts';
import { ALARM_TOLD, AWS_TAKES, notifierEnv } from './notifier-aws.ts';
import { type Answer, FaultyWay } from './proxy.ts';
import type { AwsSample, PrintedLine, Program } from './scale.ts';
import { scaledBuild } from './scaled-build.ts';
import { StreamerTask } from './streamer-task.ts';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const MARKETS = ['KXA-26-T1', 'KXB-26-T4615.99', 'KXC-26'];
const RATE = 60;
const STREAM_WITHIN_MS = 20_000;
const STOP_GRACE_MS = 5_000;
/** A minute of the probe, and half of one of the streamer. */
const PROBE_EVERY_MS = 1_000;
const AWS_EVERY_MS = 500;
/** An invocation of the sink, and of the probe: generous, for a machine that is busy is no fault. */
const SINK_TIMEOUT_MS = 8_000;
const PROBE_TIMEOUT_MS = 4_000;
const NOTIFY_TIMEOUT_MS = 60_000;
const PROBE_EVENT = { source: 'aws.events', 'detail-type': 'Scheduled Event' };
const EVENT_SOURCE_TIMING = { pollIntervalMs: 100, retryBaseMs: 100, retryMaxMs: 400, stopGraceMs: 1_000 };

/** The programs' settings that are spans, in the time of drills. */
const STREAMER_SPANS = {
  HEARTBEAT_SECONDS: '0.5',
  FLUSH_SECS_THRESHOLD: '0.1',
  PUBLISH_TIMEOUT_MS: '500',
  PUBLISH_ATTEMPTS: '3',
  DEAD_SOCKET_SECONDS: '1.2',
  DATA_SILENCE_SECONDS: '2',
  REPLY_TIMEOUT_SECONDS: '1',
  RECONNECT_BASE_MS: '50',
  RECONNECT_MAX_MS: '500',
  RECONNECT_REFUSED_MS: '500',
} as const;
const EXCHANGE_PING_MS = 250;
const SINK_SPANS = { INSERT_TIMEOUT_MS: '3000', INSERT_ATTEMPTS: '2' } as const;
const PROBE_SPANS = { PROBE_TIMEOUT_MS: '2500' } as const;

/** Every program of the tape, with a tap on what each says, a way to each that can go wrong, and AWS's own numbers. */
export class Stage {
  readonly lines: PrintedLine[] = [];
  readonly meter = new AwsMeter();
  readonly muted = new Set<Program>();
  readonly toClickHouse: FaultyWay;
  readonly toKinesis: FaultyWay;
  /** What the notifier asks of AWS; there is nothing behind it, it answers by itself. */
  readonly toAws = new FaultyWay(0);
  readonly spoolDir: string;
  readonly streamer: StreamerTask;
  readonly sink: MeasuredFunction;
  readonly probe: MeasuredFunction;
  readonly notify: MeasuredFunction;
  readonly #parts: Parts;
  #eventSource: EventSource | undefined;
  #schedule: Schedule | undefined;
  #ticks: NodeJS.Timeout | undefined;

  private constructor(parts: Parts) {
    const { dir, wsUrl, clickhousePort, kinesisPort, source, builds } = parts;
    this.#parts = parts;
    this.spoolDir = join(dir, 'spool');
    this.toClickHouse = new FaultyWay(clickhousePort);
    this.toKinesis = new FaultyWay(kinesisPort);
    const tap =
      (program: Program) =>
      (text: string): void => {
        if (!this.muted.has(program)) this.lines.push({ program, at: Date.now(), text });
      };
    const streamerEnv = (): Readonly<Record<string, string | undefined>> => ({
      PATH: process.env['PATH'],
      ...STREAMER_PROCESS_ENV,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      KINESIS_ENDPOINT: this.toKinesis.url,
      KALSHI_WS_URL: wsUrl,
      KALSHI_API_KEY_ID: source.keyId,
      KALSHI_PRIVATE_KEY: source.privateKey,
      MARKETS: MARKETS.join(','),
      SPOOL_DIR: this.spoolDir,
      ...STREAMER_SPANS,
    });
    const argv = [...STREAMER_NODE_FLAGS, builds.streamer];
    const [logFile, onLine] = [join(dir, 'streamer.ndjson'), tap('streamer')];
    this.streamer = new StreamerTask({ argv, env: streamerEnv, logFile, onLine });
    const measured = { onSample: (name: string, value: number) => this.meter.add(name, value) };
    this.sink = new MeasuredFunction({
      ...{ name: 'sink', modulePath: builds.sink, memoryMb: 512, timeoutMs: SINK_TIMEOUT_MS },
      ...{ environment: () => ({ CLICKHOUSE_URL: this.toClickHouse.url, ...SINK_SPANS }), onLine: tap('sink') },
      ...measured,
    });
    this.probe = new MeasuredFunction({
      ...{ name: 'probe', modulePath: builds.probe, memoryMb: 256, timeoutMs: PROBE_TIMEOUT_MS },
      ...{ environment: () => ({ CLICKHOUSE_URL: this.toClickHouse.url, ...PROBE_SPANS }), onLine: tap('probe') },
      onSample: () => undefined,
    });
    this.notify = new MeasuredFunction({
      ...{ name: 'notify', modulePath: builds.notify, memoryMb: 256, timeoutMs: NOTIFY_TIMEOUT_MS },
      ...{ environment: () => notifierEnv(this.toAws.url), onLine: tap('notify') },
      onSample: () => undefined,
    });
  }

  /** Starts everything; resolves when rows land. */
  static async open(dir: string): Promise<Stage> {
    await mkdir(dir, { recursive: true });
    const builds = await builtIn(dir);
    const options = parseStartOptions(['--rate', String(RATE), '--markets', MARKETS.join(',')]);
    const source = await sourceOf(options, {});
    const own = { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: process.env['TMPDIR'] };
    const spawn = (spec: Omit<ProgramSpec, 'logFile'>): Child =>
      spawnProgram({ ...spec, logFile: join(dir, `${spec.name}.ndjson`) });
    const clickhouse = spawn({
      name: 'clickhouse',
      argv: [at('local/clickhouse/program.ts')],
      env: {
        ...{ ...own, DATA_DIR: join(dir, 'clickhouse'), PORT: '0' },
        UV_THREADPOOL_SIZE: String(CLICKHOUSE_THREADPOOL_SIZE),
      },
    });
    const kinesis = spawn({
      name: 'kinesis',
      argv: [at('local/kinesis/program.ts'), '--path', join(dir, 'kinesis'), '--port', '0'],
      env: own,
    });
    const exchange = spawn({
      name: 'exchange',
      argv: [at('local/exchange/program.ts')],
      env: { ...own, EXCHANGE_OPTIONS: JSON.stringify({ ...source.simulator, pingMs: EXCHANGE_PING_MS }) },
    });
    const children = [exchange, kinesis, clickhouse];
    try {
      const [heard, stream, warehouse] = await Promise.all([exchange.ready, kinesis.ready, clickhouse.ready]);
      const [kinesisPort, clickhousePort] = [Number(stream['port']), Number(warehouse['port'])];
      const client = localKinesis(`http://127.0.0.1:${kinesisPort}`);
      await ensureStream(client, DEFAULT_STREAM_NAME, 1, AbortSignal.timeout(STREAM_WITHIN_MS));
      await prepareWarehouse(`http://127.0.0.1:${clickhousePort}`);
      const wsUrl = String(heard['wsUrl']);
      const parts = { dir, wsUrl, clickhousePort, kinesisPort, source, builds, client, exchange, children };
      const stage = new Stage(parts);
      await stage.#begin();
      return stage;
    } catch (error) {
      for (const child of children) child.kill('SIGKILL');
      throw error;
    }
  }

  get samples(): readonly AwsSample[] {
    return this.meter.samples;
  }

  exchange(fault: FaultInput): void {
    this.#parts.exchange.send({ fault });
  }

  feed(what: 'pause' | 'resume'): void {
    this.#parts.exchange.send({ feed: what });
  }

  /** Kinesis says of every record of one request in `every` that the shard takes no more. */
  async throttleKinesis(every = 1): Promise<void> {
    let requests = 0;
    await this.toKinesis.set({
      kind: 'answer',
      answer: ({ headers, body }) => {
        if (!String(headers['x-amz-target']).endsWith('.PutRecords') || requests++ % every > 0) return undefined;
        const { Records } = JSON.parse(body.toString()) as { readonly Records: readonly unknown[] };
        this.meter.add('WriteProvisionedThroughputExceeded', Records.length);
        return throttled(Records.length);
      },
    });
  }

  /** A record that is no block, written to the stream by somebody else. */
  async putForeignRecord(): Promise<void> {
    const command = new PutRecordCommand({
      ...{ StreamName: DEFAULT_STREAM_NAME, PartitionKey: 'somebody', Data: Buffer.from('this is no block') },
    });
    await this.#parts.client.send(command);
  }

  /** What an administrator does, behind the way that can go wrong. */
  async sql(query: string): Promise<void> {
    const url = `http://127.0.0.1:${this.#parts.clickhousePort}`;
    const client = createClient({ url, database: DEFAULT_DATABASE });
    try {
      await client.command({ query });
    } finally {
      await client.close();
    }
  }

  /** What is given up is kept in a folder, or by nobody. */
  startEventSource(settings: Partial<EventSourceSettings> = {}, keeper: FailureDestination = this.#folder()): void {
    if (this.#eventSource !== undefined) return;
    const { dir, client } = this.#parts;
    this.#eventSource = new EventSource({
      stream: kinesisStream(client, DEFAULT_STREAM_NAME),
      settings: { ...EVENT_SOURCE, ...settings },
      invoke: (event, signal) => this.sink.invoke(event, signal),
      checkpoints: fileCheckpoints(join(dir, 'checkpoints')),
      failureDestination: keeper,
      onEvent: (event) => this.meter.heard(event),
      timing: EVENT_SOURCE_TIMING,
    });
    this.#eventSource.start();
  }

  /** As after a deployment of the mapping. */
  async redeployEventSource(settings: Partial<EventSourceSettings> = {}, keeper?: FailureDestination): Promise<void> {
    await this.stopEventSource();
    this.startEventSource(settings, keeper);
  }

  /** Resolves when what is on the stream has been read and answered; rejects if that takes too long. */
  async landed(): Promise<void> {
    await this.#eventSource?.drain(AbortSignal.timeout(LANDED_WITHIN_MS));
  }

  async stopEventSource(): Promise<void> {
    await this.#eventSource?.stop();
    this.#eventSource = undefined;
  }

  startProbe(): void {
    this.#schedule ??= new Schedule({ everyMs: PROBE_EVERY_MS, work: () => this.probe.invoke(PROBE_EVENT) });
    void this.#schedule.start();
  }

  async stopProbe(): Promise<void> {
    await this.#schedule?.stop();
    this.#schedule = undefined;
  }

  /** An alarm's change comes to the notifier. */
  async tellAlarm(): Promise<void> {
    await this.notify.invoke(ALARM_TOLD);
  }

  /** Resolves when a line comes that satisfies this; rejects if none does in time. */
  async heard(is: (line: PrintedLine) => boolean, withinMs: number, since = Date.now()): Promise<void> {
    const deadline = Date.now() + withinMs;
    for (let next = 0; ;) {
      for (; next < this.lines.length; next++) {
        const line = this.lines[next]!;
        if (line.at >= since && is(line)) return;
      }
      await sleep(LOOK_EVERY_MS);
      if (Date.now() > deadline) throw new Error(`what was waited for was not said within ${withinMs} ms`);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#ticks);
    await this.toKinesis.set({ kind: 'pass' });
    await this.streamer.down('SIGKILL');
    await Promise.all([this.stopEventSource(), this.stopProbe()]);
    await Promise.all([this.sink.stop(), this.probe.stop(), this.notify.stop()]);
    await Promise.all([this.toClickHouse.close(), this.toKinesis.close(), this.toAws.close()]);
    this.#parts.client.destroy();
    await Promise.all(this.#parts.children.map(ended));
  }

  #folder(): FailureDestination {
    return folderDestination(join(this.#parts.dir, 'failed'));
  }

  async #begin(): Promise<void> {
    await Promise.all([this.toClickHouse.open(), this.toKinesis.open(), this.toAws.open()]);
    await this.toAws.set(AWS_TAKES);
    this.startEventSource();
    this.startProbe();
    this.streamer.start();
    this.#ticks = setInterval(() => this.meter.tick(this.#eventSource?.stats()), AWS_EVERY_MS);
    await this.heard(({ text }) => text.includes('"insert_ok"'), READY_WITHIN_MS, 0);
  }
}

const LOOK_EVERY_MS = 20;
const READY_WITHIN_MS = 30_000;
const LANDED_WITHIN_MS = 30_000;

interface Parts {
  readonly dir: string;
  readonly wsUrl: string;
  readonly clickhousePort: number;
  readonly kinesisPort: number;
  readonly source: Awaited<ReturnType<typeof sourceOf>>;
  readonly builds: Awaited<ReturnType<typeof builtIn>>;
  readonly client: KinesisClient;
  readonly exchange: Child;
  readonly children: readonly Child[];
}

async function builtIn(dir: string) {
  const [streamer, sink, probe, notify] = await Promise.all([
    scaledBuild('ecs/main.ts', join(dir, 'build')),
    scaledBuild('functions/sink/handler.ts', join(dir, 'build')),
    scaledBuild('functions/probe/handler.ts', join(dir, 'build')),
    scaledBuild('functions/notify/handler.ts', join(dir, 'build')),
  ]);
  return { streamer, sink, probe, notify };
}

function throttled(records: number): Answer {
  const failed = {
    ErrorCode: 'ProvisionedThroughputExceededException',
    ErrorMessage: 'Rate exceeded for shard shardId-000000000000',
  };
  const body = { FailedRecordCount: records, Records: Array.from({ length: records }, () => failed) };
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) };
}

async function prepareWarehouse(url: string): Promise<void> {
  const client = createClient({ url });
  try {
    const target = { database: DEFAULT_DATABASE, variant: 'mergetree' } as const;
    await migrate({ client, directory: at('sql'), log: () => undefined, ...target });
  } finally {
    await client.close();
  }
}

async function ended(child: Child): Promise<void> {
  child.kill('SIGTERM');
  const overdue = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
  await child.exit;
  clearTimeout(overdue);
}
