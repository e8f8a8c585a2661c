import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutRecordCommand } from '@aws-sdk/client-kinesis';
import { createClient } from '@clickhouse/client';
import { EVENT_SOURCE, type EventSourceSettings } from '../../core/contract/event-source.ts';
import { DEFAULT_DATABASE, DEFAULT_STREAM_NAME } from '../../core/contract/names.ts';
import { STREAMER_NODE_FLAGS, STREAMER_PROCESS_ENV } from '../../core/contract/runtime.ts';
import { fileCheckpoints } from '../event-source/checkpoints.ts';
import { EventSource } from '../event-source/event-source.ts';
import { type FailureDestination, folderDestination } from '../event-source/failure-destination.ts';
import { kinesisStream } from '../event-source/kinesis-stream.ts';
import type { FaultInput } from '../exchange/faults.ts';
import { Schedule } from '../schedule.ts';
import { AwsMeter } from './aws-samples.ts';
import { MeasuredFunction } from './measured-function.ts';
import { ALARM_TOLD, AWS_TAKES, notifierEnv } from './notifier-aws.ts';
import { type Answer, FaultyWay } from './proxy.ts';
import type { AwsSample, PrintedLine, Program } from './scale.ts';
import { StreamerTask } from './streamer-task.ts';
import { closeSurroundings, MARKETS, openSurroundings, type Surroundings } from './surroundings.ts';

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
  readonly #around: Surroundings;
  #eventSource: EventSource | undefined;
  #schedule: Schedule | undefined;
  #ticks: NodeJS.Timeout | undefined;

  private constructor(around: Surroundings) {
    const { dir, wsUrl, clickhousePort, kinesisPort, source, builds } = around;
    this.#around = around;
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
    const around = await openSurroundings(dir);
    try {
      const stage = new Stage(around);
      await stage.#begin();
      return stage;
    } catch (error) {
      for (const child of around.children) child.kill('SIGKILL');
      throw error;
    }
  }

  get samples(): readonly AwsSample[] {
    return this.meter.samples;
  }

  exchange(fault: FaultInput): void {
    this.#around.exchange.send({ fault });
  }

  feed(what: 'pause' | 'resume'): void {
    this.#around.exchange.send({ feed: what });
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
    await this.#around.client.send(command);
  }

  /** What an administrator does, behind the way that can go wrong. */
  async sql(query: string): Promise<void> {
    const url = `http://127.0.0.1:${this.#around.clickhousePort}`;
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
    const { dir, client } = this.#around;
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
    await closeSurroundings(this.#around);
  }

  #folder(): FailureDestination {
    return folderDestination(join(this.#around.dir, 'failed'));
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
const LANDED_WITHIN_MS = 60_000;

function throttled(records: number): Answer {
  const failed = {
    ErrorCode: 'ProvisionedThroughputExceededException',
    ErrorMessage: 'Rate exceeded for shard shardId-000000000000',
  };
  const body = { FailedRecordCount: records, Records: Array.from({ length: records }, () => failed) };
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) };
}
