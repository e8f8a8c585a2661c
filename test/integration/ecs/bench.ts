import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ExchangeOptionsInput } from '../../../local/exchange/options.ts';
import { type Exchange, startExchange } from '../../../local/exchange/server.ts';
import { LoopbackKinesis } from '../../support/kinesis.ts';
import { type RecordedSession, RecordedTape } from '../../support/streamer-tape.ts';
import { StreamerProcess } from '../../support/streamer.ts';

const KEY_ID = 'a-key';

/** An exchange, a Kinesis, a directory and the streamers started between them. */
export class Bench {
  readonly exchange: Exchange;
  readonly kinesis: LoopbackKinesis;
  readonly directory: string;
  readonly #privateKey: string;
  readonly #streamers: StreamerProcess[] = [];

  private constructor(exchange: Exchange, kinesis: LoopbackKinesis, directory: string, privateKey: string) {
    this.exchange = exchange;
    this.kinesis = kinesis;
    this.directory = directory;
    this.#privateKey = privateKey;
  }

  static async open(options: ExchangeOptionsInput = {}, kind: 'rsa' | 'ed25519' = 'ed25519'): Promise<Bench> {
    const { privateKey, publicKey } =
      kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2_048 }) : generateKeyPairSync('ed25519');
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const exchange = await startExchange({
      keepSent: true,
      rate: 500,
      marketCount: 5,
      keys: { [KEY_ID]: pem },
      ...options,
    });
    const directory = await mkdtemp(join(tmpdir(), 'streamer-'));
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return new Bench(exchange, await LoopbackKinesis.start(), directory, key);
  }

  /** A streamer with short bounds; `env` overrides. */
  start(env: Readonly<Record<string, string>> = {}): StreamerProcess {
    const streamer = new StreamerProcess({ ...this.environment(), ...env });
    this.#streamers.push(streamer);
    return streamer;
  }

  /** What a streamer between these two is told, with short bounds. */
  environment(): Readonly<Record<string, string>> {
    return {
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      KALSHI_WS_URL: this.exchange.wsUrl,
      KALSHI_API_KEY_ID: KEY_ID,
      KALSHI_PRIVATE_KEY: this.#privateKey,
      MARKETS: this.exchange.control.tickers().join(','),
      KINESIS_ENDPOINT: this.kinesis.endpoint,
      SPOOL_DIR: this.directory,
      FLUSH_SECS_THRESHOLD: '0.05',
      HEARTBEAT_SECONDS: '0.2',
      PUBLISH_TIMEOUT_MS: '5000',
      PUBLISH_ATTEMPTS: '2',
      RECONNECT_BASE_MS: '20',
      RECONNECT_MAX_MS: '200',
      REPLY_TIMEOUT_SECONDS: '2',
      SHUTDOWN_TIMEOUT_MS: '3000',
      LOG_LEVEL: 'DEBUG',
    };
  }

  tape(): RecordedTape {
    return new RecordedTape(this.kinesis.records);
  }

  /** Waits until so many more frames are received. */
  async flow(streamer: StreamerProcess, frames = 50): Promise<void> {
    const before = received(streamer);
    await streamer.until(() => received(streamer) >= before + frames, `${frames} more frames`);
  }

  /** Falls silent, waits until what was sent is received and published, ends the streamer in order. */
  async finish(streamer: StreamerProcess): Promise<RecordedTape> {
    this.exchange.control.pause();
    const beats = streamer.events('heartbeat').length;
    await streamer.until(() => {
      const [before, last] = streamer.events('heartbeat').slice(beats).slice(-2);
      const isSilent = before?.['frames_received_total'] === last?.['frames_received_total'];
      return last !== undefined && isSilent && last['rows_buffered'] === 0;
    }, 'silence, and nothing waiting');
    streamer.kill('SIGTERM');
    expect(await streamer.exit).toBe(0);
    return this.tape();
  }

  /**
   * Every session holds what one connection was sent, byte for byte and once each: all of it where the connection lived to
   * the end, and where it was broken all up to there.
   */
  expectWhole({ sessions }: RecordedTape, broken: readonly number[] = []): void {
    const connections = this.exchange.control.sent().filter(({ frames }) => frames > 0);
    expect(sessions.filter(({ frames }) => frames.length > 0)).toHaveLength(connections.length);
    for (const { connection, raws } of connections) {
      const session = sessions.find((candidate) => isPrefix(candidate, raws!));
      expect(session, `connection ${connection} is recorded as it was sent`).toBeDefined();
      expect(session!.frames.map(({ frame_no }) => frame_no)).toEqual(session!.frames.map((_, index) => index + 1));
      if (!broken.includes(connection)) expect(session!.frames).toHaveLength(raws!.length);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#streamers.map((streamer) => streamer.end()));
    await this.exchange.close();
    await this.kinesis.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

function received(streamer: StreamerProcess): number {
  return (streamer.events('heartbeat').at(-1)?.['frames_received_total'] as number | undefined) ?? 0;
}

function isPrefix({ frames }: RecordedSession, raws: readonly string[]): boolean {
  return frames.length <= raws.length && frames.every(({ raw }, index) => raw.toString() === raws[index]);
}
