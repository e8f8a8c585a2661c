import { z } from 'zod';
import { linesOf } from '../../lab/replay/lines.ts';

/** A tape file: one `{recv_ts, raw}` per line, `raw` being a frame's exact text. What else a line holds says nothing here. */
export interface ReplayTape {
  readonly frames: readonly string[];
  readonly summary: ReplaySummary;
}

export interface ReplaySummary {
  readonly frames: number;
  /**
   * Of book messages, in order of appearance: what a recorder has to name. Trades and tickers are subscribed to without
   * names as well, and a list of theirs may be longer than any of books.
   */
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
    for await (const text of linesOf(file)) {
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
    throw new ReplayError(file, 0, `the file cannot be read: ${(error as Error).message}`, { cause: error });
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

const lineSchema = z.object({ raw: z.string() });
const frameSchema = z.object({ type: z.string(), msg: z.object({ market_ticker: z.string().optional() }).optional() });

function rawOf(text: string): string | { readonly reason: string } {
  const line = lineSchema.safeParse(parse(text));
  if (!line.success) return { reason: 'not a JSON object whose raw is a string' };
  const { raw } = line.data;
  return raw.isWellFormed() ? raw : { reason: 'raw is not text that UTF-8 can carry' };
}

/** A frame that nobody can read is replayed all the same; it only says nothing about markets. */
function note(raw: string, tickers: Set<string>, channels: Set<ReplayChannel>): void {
  const frame = frameSchema.safeParse(parse(raw));
  if (!frame.success) return;
  const { type, msg } = frame.data;
  if (!Object.hasOwn(CHANNEL_OF_TYPE, type)) return;
  const channel = CHANNEL_OF_TYPE[type as keyof typeof CHANNEL_OF_TYPE];
  if (channel === 'orderbook_delta') {
    // Books are subscribed to by name: a frame without a usable one asks for nothing.
    const ticker = msg?.market_ticker;
    if (!isListable(ticker)) return;
    tickers.add(ticker);
  }
  channels.add(channel);
}

/** Whether a list with a ticker a line can carry it. */
function isListable(ticker: string | undefined): ticker is string {
  return ticker !== undefined && ticker !== '' && ticker === ticker.trim() && !ticker.includes('\n');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
