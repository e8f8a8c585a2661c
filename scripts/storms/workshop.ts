import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DEFAULT_DATABASE } from '../../core/contract/names.ts';
import type { ExchangeOptionsInput } from '../../local/exchange/options.ts';
import { type Exchange, startExchange } from '../../local/exchange/server.ts';
import { FunctionProcess } from '../../local/lambda/function-process.ts';
import { migrate } from '../../sql/migrate/migrate.ts';
import { startTestClickHouse, type TestClickHouse } from '../../test/support/clickhouse.ts';
import { eventOf, kinesisRecord } from '../../test/support/kinesis-event.ts';
import { LoopbackKinesis } from '../../test/support/kinesis.ts';
import { StreamerProcess } from '../../test/support/streamer.ts';

const KEY_ID = 'storm';
/** Records of one delivery. */
const BATCH_SIZE = 20;
/** How long the event source waits before it delivers a failed batch again. */
const AGAIN_MS = 1_000;
const POLL_MS = 250;
const PROBE_EVERY_MS = 5_000;
const SINK_TIMEOUT_MS = 60_000;

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The tape's programs between the parts that stand for the exchange and the cloud. */
export class Workshop {
  readonly exchange: Exchange;
  readonly kinesis: LoopbackKinesis;
  readonly #printed: string[] = [];
  readonly #directory: string;
  readonly #privateKey: string;
  #streamer: StreamerProcess | undefined;
  #clickhouse: TestClickHouse | undefined;
  readonly #functions: FunctionProcess[] = [];
  readonly #ending = new AbortController();
  readonly #loops: Promise<void>[] = [];

  private constructor(exchange: Exchange, kinesis: LoopbackKinesis, directory: string, privateKey: string) {
    this.exchange = exchange;
    this.kinesis = kinesis;
    this.#directory = directory;
    this.#privateKey = privateKey;
  }

  static async open(options: ExchangeOptionsInput): Promise<Workshop> {
    const keys = generateKeyPairSync('ed25519', {
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const exchange = await startExchange({
      rate: 500,
      marketCount: 20,
      keys: { [KEY_ID]: keys.publicKey },
      ...options,
    });
    const directory = await mkdtemp(join(tmpdir(), 'transcript-'));
    return new Workshop(exchange, await LoopbackKinesis.start(), directory, keys.privateKey);
  }

  /** All that they printed; of this machine's paths only what is below the workshop's own directory. */
  get lines(): readonly string[] {
    return this.#printed.map((line) => line.replaceAll(this.#directory, 'data'));
  }

  /** The streamer with its defaults, but for a heartbeat every five seconds and what is given. */
  record(env: Readonly<Record<string, string>> = {}): StreamerProcess {
    this.#streamer = new StreamerProcess({
      KALSHI_WS_URL: this.exchange.wsUrl,
      KALSHI_API_KEY_ID: KEY_ID,
      KALSHI_PRIVATE_KEY: this.#privateKey,
      MARKETS: this.exchange.control.tickers().join(','),
      KINESIS_ENDPOINT: this.kinesis.endpoint,
      SPOOL_DIR: this.#directory,
      HEARTBEAT_SECONDS: '5',
      ...env,
    });
    return this.#streamer;
  }

  /** ClickHouse, the sink that is given what the stream holds, and the probe. Kill the answer to take ClickHouse away. */
  async land(): Promise<TestClickHouse> {
    const dataDir = join(this.#directory, 'clickhouse');
    const clickhouse = await startTestClickHouse({ dataDir });
    this.#clickhouse = clickhouse;
    const target = { variant: 'mergetree', database: DEFAULT_DATABASE, log: () => undefined } as const;
    await migrate({ client: clickhouse.client, directory: at('sql'), ...target });
    const sink = this.#function('sink', clickhouse.url);
    const probe = this.#function('probe', clickhouse.url);
    this.#loops.push(this.#deliver(sink), this.#look(probe));
    return clickhouse;
  }

  /** Ends all programs; what they had to say at their end is in `lines`. */
  async close(): Promise<void> {
    this.#ending.abort();
    this.#streamer?.kill('SIGTERM');
    await this.#streamer?.exit;
    this.#printed.push(...(this.#streamer?.lines ?? []).map((line) => JSON.stringify(line)));
    await Promise.all(this.#loops);
    await Promise.all(this.#functions.map((one) => one.stop()));
    await this.exchange.close();
    await this.kinesis.stop();
    await this.#clickhouse?.kill().catch(() => undefined);
    await rm(this.#directory, { recursive: true, force: true });
  }

  #function(functionName: 'sink' | 'probe', clickhouseUrl: string): FunctionProcess {
    const made = new FunctionProcess({
      functionName,
      memoryLimitMb: 512,
      region: 'us-east-1',
      modulePath: at(`functions/${functionName}/handler.ts`),
      environment: { CLICKHOUSE_URL: clickhouseUrl },
      timeoutMs: SINK_TIMEOUT_MS,
      onLine: (line) => this.#printed.push(line),
    });
    this.#functions.push(made);
    return made;
  }

  /** As the event source: from the first record that is not committed, again and again. */
  async #deliver(sink: FunctionProcess): Promise<void> {
    for (let next = 0; !this.#ending.signal.aborted;) {
      const waiting = this.kinesis.records.slice(next, next + BATCH_SIZE);
      const records = waiting.map((data, index) => kinesisRecord(next + index, data));
      if (records.length === 0) {
        await this.#pause(POLL_MS);
        continue;
      }
      const outcome = await sink.invoke(eventOf(records));
      const answer = outcome.kind === 'response' ? (outcome.payload as Answer) : undefined;
      const failed = answer?.batchItemFailures[0]?.itemIdentifier ?? (answer === undefined ? '' : undefined);
      if (failed === undefined) next += records.length;
      else {
        next += Math.max(
          0,
          records.findIndex(({ kinesis }) => kinesis.sequenceNumber === failed),
        );
        await this.#pause(AGAIN_MS);
      }
    }
  }

  async #look(probe: FunctionProcess): Promise<void> {
    while (!this.#ending.signal.aborted) {
      await probe.invoke({ source: 'aws.events' });
      await this.#pause(PROBE_EVERY_MS);
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#ending.signal }).catch(() => undefined);
  }
}

interface Answer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}
