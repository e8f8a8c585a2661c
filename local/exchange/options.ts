import { z } from 'zod';

/** A ticker is written into messages as it is, so it may hold only what tickers hold. */
const ticker = z.string().regex(/^[A-Za-z0-9._-]+$/);

/** What an exchange is started with; JSON, so that a child process takes it too. */
export const optionsSchema = z.strictObject({
  /** 0: any free one. Always on 127.0.0.1. */
  port: z.int().min(0).max(65_535).default(0),
  seed: z.int().default(1),
  /** The markets by name; else `marketCount` made ones. */
  markets: z.array(ticker).min(1).optional(),
  marketCount: z.int().min(1).max(100_000).default(50),
  /** Messages per second over all channels; 0: only what control.emit and bursts make. */
  rate: z.number().min(0).max(1_000_000).default(100),
  /** After so many messages the tape falls silent. */
  maxEvents: z.int().nonnegative().default(Number.MAX_SAFE_INTEGER),
  /** Microseconds since 1970: event times are counted from here and so the same in every run; absent: the wall clock. */
  start_us: z.int().positive().optional(),
  /** How often due messages are sent, together. */
  tickMs: z.int().min(1).max(1_000).default(5),

  /** Public keys, PEM by key id. Absent: every connection is let in, unsigned. */
  keys: z.record(z.string(), z.string()).optional(),
  saltLength: z.enum(['digest', 'auto']).default('digest'),
  skewMs: z.int().nonnegative().default(30_000),

  pingMs: z.int().min(10).default(10_000),
  /** More than this unsent for a connection: error 25 (or, in replay, the tape waits). */
  slowConsumerBytes: z
    .int()
    .positive()
    .default(16 * 1_048_576),
  /** Per connection; error 26. */
  marketLimit: z.int().positive().default(500_000),
  /** Per connection; error 27. */
  commandsPerSecond: z.int().positive().default(10_000),
  failedChannelAborts: z.boolean().default(false),

  /** Keeps every frame sent and the truth at every seq, in memory. */
  keepSent: z.boolean().default(false),
  /** Plays a file of `{recv_ts, raw}` lines instead of the tape. */
  replay: z
    .union([
      z.strictObject({ file: z.string().min(1), rate: z.number().positive() }),
      z.strictObject({ file: z.string().min(1), duration_sec: z.number().positive() }),
    ])
    .optional(),
});

export type ExchangeOptions = z.output<typeof optionsSchema>;
/** As written by a caller: everything may be left out. */
export type ExchangeOptionsInput = z.input<typeof optionsSchema>;
