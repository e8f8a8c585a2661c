import { type ChildProcess, fork } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { streamerEnv } from '../../../core/contract/streamer-env.ts';
import { Credential } from '../../../core/kalshi/signature.ts';
import type { EventName } from '../../../core/logging/events.ts';
import type { EventLog } from '../../../core/logging/event-log.ts';
import type { RecordStream } from '../../../ecs/publish/kinesis.ts';
import { RunState } from '../../../ecs/run-state.ts';
import { Streamer } from '../../../ecs/streamer.ts';
import type { FaultInput } from '../../../local/exchange/faults.ts';
import type { ExchangeOptionsInput } from '../../../local/exchange/options.ts';

/** What the streamer wanted to log, before any bound of the log. */
interface Heard {
  /** Since the storm began. */
  readonly ms: number;
  readonly event: EventName;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Some seconds of a storm. */
export interface Recorded {
  readonly heard: readonly Heard[];
  readonly ms: number;
  /** Received in it. */
  readonly frames: number;
}

export interface Storm {
  readonly exchange?: ExchangeOptionsInput;
  /** Over the streamer's defaults. */
  readonly env?: Readonly<Record<string, string>>;
  /** Undefined: one that takes all at once. */
  readonly stream?: RecordStream;
  /** Before the storm is recorded. */
  readonly calmMs?: number;
  readonly forMs: number;
  /** Called every `everyMs` while the storm is recorded. */
  readonly rage?: (make: (fault: FaultInput) => void, turn: number) => void;
  readonly everyMs?: number;
}

const PROGRAM = fileURLToPath(new URL('../../../local/exchange/program.ts', import.meta.url));
const KEY_ID = 'storm';
const MARKETS = 20;
const TAKES_ALL: RecordStream = { put: () => Promise.resolve([]), close: () => undefined };

/** The real Streamer against the exchange's simulator, a process of its own, over loopback, while a storm rages. */
export async function recordStorm(storm: Storm): Promise<Recorded> {
  const keys = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const markets = Array.from({ length: MARKETS }, (_, index) => `KXSTORM-26-T${index}`);
  const exchange = startExchange({ markets, keys: { [KEY_ID]: keys.publicKey }, ...storm.exchange });
  const directory = await mkdtemp(join(tmpdir(), 'storm-'));
  try {
    const [{ wsUrl }] = (await once(exchange, 'message')) as [{ readonly wsUrl: string }];
    const env = streamerEnv.parse({
      KALSHI_WS_URL: wsUrl,
      KALSHI_API_KEY_ID: KEY_ID,
      KALSHI_PRIVATE_KEY: keys.privateKey,
      MARKETS: markets.join(','),
      SPOOL_DIR: directory,
      HEARTBEAT_SECONDS: '1',
      ...storm.env,
    });
    const heard: Heard[] = [];
    let startedAt = performance.now();
    const log: EventLog = (event, fields) =>
      void heard.push({ ms: performance.now() - startedAt, event, fields: { ...fields } });
    const streamer = await Streamer.create(env, {
      credential: new Credential(KEY_ID, keys.privateKey),
      stream: storm.stream ?? TAKES_ALL,
      runState: new RunState(directory),
      log,
      version: 'storm',
      random: Math.random,
      sleep: (ms, signal) => sleep(ms, undefined, { signal }),
    });
    streamer.start();
    await sleep(storm.calmMs ?? 0);
    streamer.beat();
    const framesBefore = framesIn(heard);
    heard.length = 0;
    startedAt = performance.now();
    await raging(storm, exchange);
    streamer.beat();
    const recorded = { heard: [...heard], ms: performance.now() - startedAt };
    await streamer.stop('the storm is over');
    return { ...recorded, frames: framesIn(recorded.heard) - framesBefore };
  } finally {
    exchange.kill();
    await rm(directory, { recursive: true, force: true });
  }
}

async function raging({ rage, everyMs = 100, forMs }: Storm, exchange: ChildProcess): Promise<void> {
  let turn = 0;
  const timer = setInterval(() => rage?.((fault) => exchange.send({ fault }), turn++), everyMs);
  await sleep(forMs);
  clearInterval(timer);
}

function startExchange(options: ExchangeOptionsInput): ChildProcess {
  return fork(PROGRAM, {
    env: { PATH: process.env['PATH'], EXCHANGE_OPTIONS: JSON.stringify(options) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

function framesIn(heard: readonly Heard[]): number {
  const totals = heard.map(({ fields }) => Number(fields['frames_received_total'] ?? 0));
  return Math.max(0, ...totals);
}
