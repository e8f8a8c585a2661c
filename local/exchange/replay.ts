import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** A tape file: one `{recv_ts, raw}` per line, `raw` being a frame's exact text. */
export interface ReplayTape {
  readonly frames: readonly string[];
  readonly summary: ReplaySummary;
}

export interface ReplaySummary {
  readonly frames: number;
  /** Of book, trade and ticker messages, in order of appearance. */
  readonly tickers: readonly string[];
  /** What a recorder subscribes to for such messages. */
  readonly channels: readonly ReplayChannel[];
}

type ReplayChannel = (typeof CHANNEL_OF_TYPE)[keyof typeof CHANNEL_OF_TYPE];

/** The file cannot be replayed. Nothing of it was sent. */
export class ReplayError extends Error {
  readonly file: string;
  /** Counted from 1; 0: the file itself. */
  readonly line: number;

  constructor(file: string, line: number, reason: string, options?: ErrorOptions) {
    super(`${file}${line === 0 ? '' : `, line ${line}`}: ${reason}; nothing was replayed`, options);
    this.name = 'ReplayError';
    this.file = file;
    this.line = line;
  }
}

/** What is in a tape file, so that a recorder can be configured for it. Throws ReplayError. */
export async function inspectReplay(file: string): Promise<ReplaySummary> {
  return (await readReplay(file)).summary;
}

/** The whole file in memory. Throws ReplayError. Blank lines are skipped. */
export async function readReplay(file: string): Promise<ReplayTape> {
  const frames: string[] = [];
  const tickers = new Set<string>();
  const channels = new Set<ReplayChannel>();
  let bytes = 0;
  let line = 0;
  try {
    for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      line++;
      bytes += text.length;
      if (bytes > REPLAY_MAX_CHARS)
        throw new ReplayError(file, line, `the file is longer than ${REPLAY_MAX_CHARS} characters`);
      if (text.trim() === '') continue;
      const raw = rawOf(text);
      if (typeof raw !== 'string') throw new ReplayError(file, line, raw.reason);
      frames.push(raw);
      note(raw, tickers, channels);
    }
  } catch (error) {
    if (error instanceof ReplayError) throw error;
    throw new ReplayError(file, 0, 'the file cannot be read', { cause: error });
  }
  if (frames.length === 0) throw new ReplayError(file, 0, 'the file holds no frame');
  return { frames, summary: { frames: frames.length, tickers: [...tickers], channels: [...channels] } };
}

const REPLAY_MAX_CHARS = 1_000_000_000;

const CHANNEL_OF_TYPE = {
  orderbook_snapshot: 'orderbook_delta',
  orderbook_delta: 'orderbook_delta',
  trade: 'trade',
  ticker: 'ticker',
  market_lifecycle_v2: 'market_lifecycle_v2',
  event_lifecycle: 'market_lifecycle_v2',
  event_fee_update: 'market_lifecycle_v2',
  multivariate_market_lifecycle: 'multivariate_market_lifecycle',
} as const;

const TYPES_WITH_TICKER = new Set(['orderbook_snapshot', 'orderbook_delta', 'trade', 'ticker']);

const lineSchema = z.object({ recv_ts: z.string(), raw: z.string() });
const frameSchema = z.object({ type: z.string(), msg: z.object({ market_ticker: z.string().optional() }).optional() });

function rawOf(text: string): string | { readonly reason: string } {
  const line = lineSchema.safeParse(parse(text));
  if (!line.success) return { reason: 'not an object with the strings recv_ts and raw' };
  const { raw } = line.data;
  return raw.isWellFormed() ? raw : { reason: 'raw is not text that UTF-8 can carry' };
}

/** A frame that nobody can read is replayed all the same; it only says nothing about markets. */
function note(raw: string, tickers: Set<string>, channels: Set<ReplayChannel>): void {
  const frame = frameSchema.safeParse(parse(raw));
  if (!frame.success) return;
  const { type, msg } = frame.data;
  if (Object.hasOwn(CHANNEL_OF_TYPE, type)) channels.add(CHANNEL_OF_TYPE[type as keyof typeof CHANNEL_OF_TYPE]);
  if (TYPES_WITH_TICKER.has(type) && msg?.market_ticker !== undefined) tickers.add(msg.market_ticker);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
