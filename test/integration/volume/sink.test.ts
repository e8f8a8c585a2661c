import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { KinesisStreamRecord } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EVENT_SOURCE } from '../../../core/contract/event-source.ts';
import { METRIC_NAMESPACE } from '../../../core/contract/names.ts';
import type { EventLog } from '../../../core/logging/event-log.ts';
import type { EventName } from '../../../core/logging/events.ts';
import { sinkLog } from '../../../functions/sink/log.ts';
import { publishLanded } from '../../../functions/sink/metrics.ts';
import { Sink } from '../../../functions/sink/sink.ts';
import { Telling } from '../../../functions/sink/telling.ts';
import { runBatch } from '../../../local/event-source/batch-runner.ts';
import type { SourceRecord } from '../../../local/event-source/source-record.ts';
import { Counters } from '../../../local/event-source/stats.ts';
import { LOCAL_TIMING, type Timing } from '../../../local/event-source/timing.ts';
import { FakeClock, FakeStream, MemoryCheckpoints, MemoryDestination } from '../../local/event-source/fakes.ts';
import { tapLines } from '../../functions/sink/lines-written.ts';
import { failing, ScriptedClickHouse } from '../../functions/sink/scripted-clickhouse.ts';
import { T0, TestTape } from '../../support/blocks.ts';
import { deltaText, tradeText } from '../../support/blocks-frames.ts';
import { eventOf, kinesisRecords, SHARD } from '../../support/kinesis-event.ts';

/** The worst storm, a day of one environment, every level and the metrics. */
const STORM_MAX_BYTES_A_DAY = 200_000_000;
/** The sink's share of the 15 MB that all programs together may write on a normal day at 500 messages a second. */
const NORMAL_MAX_BYTES_A_DAY = 5_000_000;
const DAY_SEC = 86_400;
const HOUR_SEC = 3_600;
const START_MS = T0 / 1_000 + 2_000;
/** Lambda does not say how it waits between two deliveries of a batch: as here, and without patience. */
const PATIENT = LOCAL_TIMING;
const IMPATIENT: Timing = { ...LOCAL_TIMING, retryBaseMs: 1_000, retryMaxMs: 1_000 };

beforeEach(() => {
  vi.useFakeTimers({ now: START_MS, toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** One execution environment as the handler composes it, over a clock of ours; its output is weighed, not kept. */
class Environment {
  ms = START_MS;
  readonly clickhouse = new ScriptedClickHouse();
  readonly bytesBy = new Map<string, number>();
  /** What was told per event, what was collapsed into it included. */
  readonly told = new Map<string, number>();
  readonly heard = new Map<string, number>();
  invocations = 0;
  readonly #telling: Telling;
  readonly #sink: Sink;
  readonly #log;

  constructor() {
    const logger = new Logger({ serviceName: 'kalshi-tape-sink' });
    const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: 'kalshi-tape-sink' });
    this.#log = sinkLog({ logger, secrets: [], lowest: 'INFO', now: () => this.ms });
    const telling = new Telling({
      log: this.#log.log,
      publish: (sum) => publishLanded(metrics, sum),
      now: () => this.ms,
    });
    const log: EventLog = (event, fields) => {
      add(this.heard, event, 1);
      telling.log(event, fields);
    };
    const clock = { now: () => this.ms, sleep: (ms: number) => this.pass(ms) };
    this.#telling = telling;
    this.#sink = new Sink(
      { clickhouse: this.clickhouse, log, clock, random: () => 0.5, onLanded: (landed) => telling.landed(landed) },
      { attempts: 4, timeoutMs: 20_000 },
    );
  }

  pass(ms: number): Promise<void> {
    this.ms += ms;
    vi.setSystemTime(this.ms);
    return Promise.resolve();
  }

  async invoke(records: readonly KinesisStreamRecord[]) {
    this.#telling.turn();
    const payload = await this.#sink.handle(eventOf(records), { requestId: REQUEST_ID, remainingMs: 60_000 });
    this.#telling.turn();
    this.invocations++;
    this.clickhouse.tried.length = this.clickhouse.done.length = this.clickhouse.asked.length = 0;
    return { kind: 'response', payload } as const;
  }

  end(): void {
    this.#telling.end();
    this.#log.end();
  }

  weigh(line: string): void {
    const { level, event, repeats } = JSON.parse(line) as { level?: string; event?: string; repeats?: number };
    add(this.bytesBy, level ?? 'metrics', Buffer.byteLength(line));
    if (event !== undefined) add(this.told, event, 1 + (repeats ?? 0));
  }

  /** Bytes a day, if it goes on like this. */
  aDay(): number {
    const bytes = [...this.bytesBy.values()].reduce((all, one) => all + one, 0);
    return (bytes * DAY_SEC * 1_000) / (this.ms - START_MS);
  }
}

function add(to: Map<string, number>, name: string, n: number): void {
  to.set(name, (to.get(name) ?? 0) + n);
}

/** As long as Lambda's own. */
const REQUEST_ID = 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef';

async function weighed(work: (environment: Environment) => Promise<void>): Promise<Environment> {
  const environment = new Environment();
  const stop = tapLines((line) => environment.weigh(line));
  try {
    await work(environment);
    environment.end();
  } finally {
    stop();
  }
  return environment;
}

/** The event source delivers one batch again and again for so long, as local/event-source does. */
async function deliverAgain(
  environment: Environment,
  records: readonly KinesisStreamRecord[],
  timing: Timing,
  forSec: number,
): Promise<void> {
  const stopping = new AbortController();
  const untilMs = environment.ms + forSec * 1_000;
  const batch = records.map((event): SourceRecord => ({
    sequenceNumber: event.kinesis.sequenceNumber,
    arrivedAt: START_MS,
    event,
    bytes: event.kinesis.data.length,
  }));
  await runBatch(batch, {
    stream: new FakeStream(new FakeClock()),
    settings: EVENT_SOURCE,
    invoke: ({ Records }) => environment.invoke(Records),
    checkpoints: new MemoryCheckpoints(),
    failureDestination: new MemoryDestination(),
    onEvent: () => undefined,
    clock: {
      now: () => environment.ms,
      sleep: async (ms) => {
        await environment.pass(ms);
        if (environment.ms >= untilMs) stopping.abort();
      },
    },
    timing,
    functionArn: '',
    origin: { shardId: SHARD, streamArn: '', region: '' },
    counters: new Counters(),
    stopping: stopping.signal,
    abandoning: new AbortController().signal,
  });
}

/** A second of the tape: 500 messages in one block. */
function secondOfTape(): Buffer {
  const tape = new TestTape();
  for (let seq = 1; seq <= 490; seq++) tape.frame(deltaText('KXA-26-T1', 1, seq));
  for (let seq = 1; seq <= 10; seq++) tape.frame(tradeText('KXA-26-T1', 2, seq, `trade-${seq}`));
  return tape.cut().record;
}

function report(name: string, environment: Environment): void {
  const parts = [...environment.bytesBy].map(([level, bytes]) => `${level} ${Math.round(bytes / 1_000)} kB`);
  const minutes = Math.round((environment.ms - START_MS) / 60_000);
  const aDay = (environment.aDay() / 1e6).toFixed(2);
  process.stdout.write(
    `${name}: ${aDay} MB a day (${parts.join(', ')} of ${environment.invocations} invocations in ${minutes} min)\n`,
  );
}

const COLLAPSED = ['insert_failed', 'insert_dropped', 'sink_batch_failed', 'record_rejected'] as const;

function expectNothingSilenced(environment: Environment, ...events: readonly EventName[]): void {
  for (const event of COLLAPSED) expect(environment.told.get(event), event).toBe(environment.heard.get(event));
  for (const event of events) expect(environment.told.get(event), event).toBeGreaterThan(0);
}

describe.each([
  ['as it waits here', PATIENT],
  ['without patience', IMPATIENT],
] as const)('ClickHouse is down for an hour, the batch delivered again %s', (how, timing) => {
  test('and refuses connections: no ERROR, for it comes again', async () => {
    const environment = await weighed(async (one) => {
      one.clickhouse.rowsFor = () => {
        throw failing('connection_refused');
      };
      await deliverAgain(one, kinesisRecords([secondOfTape()]), timing, HOUR_SEC);
    });
    report(`down, connections refused, ${how}`, environment);
    expect(environment.invocations).toBeGreaterThan(100);
    expectNothingSilenced(environment, 'sink_batch_failed');
    expect(environment.bytesBy.has('ERROR')).toBe(false);
    expect(environment.aDay()).toBeLessThan(STORM_MAX_BYTES_A_DAY);
  });

  test('and gives up every insert', async () => {
    const environment = await weighed(async (one) => {
      one.clickhouse.answer = () => {
        throw failing('memory_server');
      };
      await deliverAgain(one, kinesisRecords([secondOfTape()]), timing, HOUR_SEC);
    });
    report(`down, inserts refused, ${how}`, environment);
    expect(environment.invocations).toBeGreaterThan(80);
    expectNothingSilenced(environment, 'sink_batch_failed', 'insert_failed', 'insert_retry');
    expect(environment.aDay()).toBeLessThan(STORM_MAX_BYTES_A_DAY);
  });
});

describe('poison', () => {
  test('of rows that are refused one by one, held, and delivered again and again', async () => {
    const tape = new TestTape();
    for (let seq = 1; seq <= 600; seq++) tape.frame(tradeText('KXA-26-T1', 2, seq, `trade-${seq}`));
    const records = kinesisRecords([Buffer.from('poison'), tape.cut().record]);
    const environment = await weighed(async (one) => {
      one.clickhouse.answer = ({ table }) => {
        if (table === 'trades') throw failing('data');
      };
      await deliverAgain(one, records, IMPATIENT, 150);
    });
    report('poison batch', environment);
    expectNothingSilenced(environment, 'insert_failed', 'record_rejected', 'log_suppressed');
    // The batch is held whole: none of its rows was set aside, and none is said to be.
    expect(environment.heard.has('insert_dropped')).toBe(false);
    expect(environment.aDay()).toBeLessThan(STORM_MAX_BYTES_A_DAY);
  });

  test('of rows that are refused and set aside, some in every batch', async () => {
    const environment = await weighed(async (one) => {
      one.clickhouse.answer = ({ table, payload }) => {
        if (table === 'trades' && payload.includes('refused-')) throw failing('data');
      };
      for (let second = 1; second <= 600; second++) {
        const tape = new TestTape();
        for (let seq = 1; seq <= 60; seq++)
          tape.frame(tradeText('KXA-26-T1', 2, seq, `${seq % 20 === 0 ? 'refused' : 'trade'}-${second}-${seq}`));
        await one.invoke(kinesisRecords([tape.cut().record]));
        await one.pass(1_000);
      }
    });
    report('poison rows', environment);
    expect(environment.heard.get('insert_dropped')).toBe(3 * 600);
    expectNothingSilenced(environment, 'insert_dropped', 'insert_ok');
    expect(environment.aDay()).toBeLessThan(STORM_MAX_BYTES_A_DAY);
  });

  test('of records that are no blocks, a batch of them every second, each landed in rejects', async () => {
    const records = kinesisRecords(
      Array.from({ length: EVENT_SOURCE.batchSize }, (_, n) => Buffer.from(`poison ${n}`)),
    );
    const environment = await weighed(async (one) => {
      for (let second = 0; second < 600; second++) {
        await one.invoke(records);
        await one.pass(1_000);
      }
    });
    report('poison stream', environment);
    expectNothingSilenced(environment, 'record_rejected', 'insert_ok');
    expect(environment.aDay()).toBeLessThan(STORM_MAX_BYTES_A_DAY);
  });
});

test('a normal day at 500 messages a second is a few MB, and every frame of it is in the sums', async () => {
  const records = kinesisRecords([secondOfTape()]);
  const seconds = 1_200;
  let frames = 0;
  const environment = await weighed(async (one) => {
    const weigh = one.weigh.bind(one);
    one.weigh = (line) => {
      frames += (JSON.parse(line) as { FramesLanded?: number }).FramesLanded ?? 0;
      weigh(line);
    };
    for (let second = 0; second < seconds; second++) {
      await one.invoke(records);
      await one.pass(1_000);
    }
  });
  report('normal', environment);
  expect(frames).toBe(seconds * 500);
  expect(environment.told.get('insert_ok')).toBeLessThanOrEqual(seconds / 30 + 2);
  expect([...environment.bytesBy.keys()].sort()).toEqual(['INFO', 'metrics']);
  expect(environment.aDay()).toBeLessThan(NORMAL_MAX_BYTES_A_DAY);
});
