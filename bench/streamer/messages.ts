import { z } from 'zod';

/** What the processes of the streamer's benchmark tell each other: arguments as JSON, answers by IPC. */

export const senderArgument = z.strictObject({ deltas: z.int().positive() });

export const senderReady = z.strictObject({
  port: z.int().positive(),
  frames: z.int().positive(),
  bytes: z.int().positive(),
  sha256: z.string(),
});
export type SenderReady = z.output<typeof senderReady>;

export const MODES = ['count', 'parse', 'streamer'] as const;
export type Mode = (typeof MODES)[number];

export const receiverArgument = z.strictObject({
  mode: z.enum(MODES),
  url: z.string(),
  markets: z.array(z.string()),
  /** Frames that the sender has. */
  frames: z.int().positive(),
  /** The clock runs from this frame on: before it the code is still being compiled. */
  warmUp: z.int().positive(),
  /** A folder for the streamer's spool, which stays empty. */
  folder: z.string(),
});
export type ReceiverArgument = z.output<typeof receiverArgument>;

/** What was recorded, from the blocks that were published. */
const recorded = z.strictObject({
  blocks: z.int(),
  recordBytes: z.int(),
  frames: z.int(),
  /** Over the bytes of all frames, decoded from the blocks. */
  sha256: z.string(),
  /** Holes that the session saw, frames without a number in order, instants that did not rise, blocks that do not decode. */
  gaps: z.int(),
  faults: z.int(),
  framesLost: z.int(),
});
export type Recorded = z.output<typeof recorded>;

export const measured = z.strictObject({
  frames: z.int().positive(),
  wall_sec: z.number().positive(),
  /** User and system time of all threads. */
  cpu_sec: z.number().positive(),
  rss_bytes: z.int().positive(),
  recorded: recorded.optional(),
});
export type Measured = z.output<typeof measured>;
