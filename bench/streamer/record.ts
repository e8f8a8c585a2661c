import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { streamerEnv } from '../../core/contract/streamer-env.ts';
import { Credential } from '../../core/kalshi/signature.ts';
import { type EventLog, eventLog } from '../../core/logging/event-log.ts';
import { jsonLines } from '../../ecs/console.ts';
import type { RecordStream } from '../../ecs/publish/kinesis.ts';
import { RunState } from '../../ecs/run-state.ts';
import { Streamer } from '../../ecs/streamer.ts';
import { framesUpTo, readBlocks } from './blocks.ts';
import type { Measured, ReceiverArgument } from './messages.ts';
import { Stopwatch } from './stopwatch.ts';

/**
 * The streamer as ecs/main.ts runs it, defaults and all, but for Kinesis: a stream that takes every record at once.
 * The clock runs between two blocks, each counted when it is published; the last block, cut by age, comes after it.
 */
export async function record(argument: ReceiverArgument): Promise<Measured> {
  const { url, markets, folder } = argument;
  const keys = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const env = streamerEnv.parse({
    KALSHI_WS_URL: url,
    KALSHI_API_KEY_ID: 'bench',
    KALSHI_PRIVATE_KEY: keys.privateKey,
    MARKETS: markets.join(','),
    CHANNELS: 'orderbook_delta',
    SPOOL_DIR: folder,
  });
  let gaps = 0;
  const write = eventLog(
    jsonLines(
      (line) => process.stdout.write(line),
      env.LOG_LEVEL,
      () => new Date(),
    ),
  );
  const log: EventLog = (event, fields) => {
    if (event === 'ws_gap') gaps++;
    write(event, fields);
  };
  const stream = new TakingStream(argument, env.FLUSH_ROWS_THRESHOLD);
  const streamer = await Streamer.create(env, {
    credential: new Credential(env.KALSHI_API_KEY_ID, keys.privateKey),
    stream,
    runState: new RunState(env.SPOOL_DIR),
    log,
    version: 'bench',
    random: Math.random,
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
  });
  streamer.start();
  const measured = await stream.measured;
  await stream.allTaken;
  const framesLost = await streamer.stop('the flood is over');
  return { ...measured, recorded: { ...readBlocks(stream.records), gaps, framesLost } };
}

/** The blocks of a pass take 42 MB; more is refused by `set`, which ends the pass. */
const KEPT_MAX_BYTES = 64_000_000;

/** Takes every record at once and keeps it for the check, in memory taken before: what it keeps is no work for the collector. */
class TakingStream implements RecordStream {
  readonly records: Uint8Array[] = [];
  readonly #kept = Buffer.alloc(KEPT_MAX_BYTES);
  #keptBytes = 0;
  readonly #all = Promise.withResolvers<undefined>();
  readonly #measured = Promise.withResolvers<Measured>();
  readonly #watch = new Stopwatch();
  readonly #from: number;
  readonly #to: number;
  readonly #frames: number;
  #done = false;

  constructor({ warmUp, frames }: ReceiverArgument, rows: number) {
    this.#from = warmUp;
    this.#to = frames - rows;
    this.#frames = frames;
  }

  get measured(): Promise<Measured> {
    return this.#measured.promise;
  }

  get allTaken(): Promise<undefined> {
    return this.#all.promise;
  }

  put(records: readonly { readonly data: Uint8Array }[]): Promise<readonly []> {
    for (const { data } of records) this.#keep(data);
    const frame = framesUpTo(records.at(-1)?.data);
    if (!this.#watch.started && frame >= this.#from) this.#watch.start(frame);
    else if (!this.#done && frame >= this.#to) {
      this.#done = true;
      this.#measured.resolve(this.#watch.stop(frame));
    }
    if (frame >= this.#frames) this.#all.resolve(undefined);
    return Promise.resolve([]);
  }

  #keep(data: Uint8Array): void {
    const from = this.#keptBytes;
    this.#kept.set(data, from);
    this.#keptBytes += data.byteLength;
    this.records.push(this.#kept.subarray(from, this.#keptBytes));
  }

  close(): void {
    this.#all.resolve(undefined);
  }
}
