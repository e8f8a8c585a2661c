import { z } from 'zod';

/** A connection's number (1, 2, …) as in `sent()`; absent: every open one, or for a one-shot fault the first that it fits. */
const connection = z.int().positive().optional();
const count = z.int().positive().default(1);
/** going_away: close frame 1001. terminate: FIN without a close frame (1006). reset: RST (1006). */
const how = z.enum(['going_away', 'terminate', 'reset']).default('terminate');

/** Everything that can be made to go wrong, as data: the same objects over IPC and in tests. */
export const faultSchema = z.discriminatedUnion('kind', [
  /** The next `count` data frames (of that sid, of that ticker) are not sent; their seq is used up. */
  z.object({
    kind: z.literal('drop_frames'),
    connection,
    sid: z.int().positive().optional(),
    ticker: z.string().optional(),
    count,
  }),
  /** The next data frame carries a field nobody knows. */
  z.object({ kind: z.literal('unknown_field'), connection, count }),
  /** The next data frame counts in thousandths, which no channel has. */
  z.object({ kind: z.literal('finer_decimals'), connection, count }),
  /** The next commands are answered with this error and not carried out. */
  z.object({ kind: z.literal('command_error'), connection, code: z.union([z.literal(26), z.literal(27)]), count }),
  /** Disconnects after `after` more snapshots: before the next one, or in the middle of its bytes. */
  z.object({
    kind: z.literal('cut_snapshot'),
    connection,
    after: z.int().nonnegative().default(1),
    cut: z.enum(['between', 'inside']).default('between'),
  }),

  z.object({ kind: z.literal('disconnect'), connection, how }),
  /** Not one byte more in either direction, no pings, the socket stays open. Seq goes on. */
  z.object({ kind: z.literal('half_open'), connection }),
  /** Pings go on, data does not; seq goes on. Commands are carried out unanswered, unless told otherwise. */
  z.object({ kind: z.literal('silent'), connection, answersCommands: z.boolean().default(false) }),
  z.object({ kind: z.literal('stop_pings'), connection }),
  /** Every later command waits this long. */
  z.object({ kind: z.literal('delay_replies'), connection, delayMs: z.int().nonnegative() }),
  /** Terminal error on a subscription (absent sid: the oldest), which then ends. */
  z.object({
    kind: z.literal('channel_error'),
    connection,
    code: z.union([z.literal(10), z.literal(25)]),
    sid: z.int().positive().optional(),
  }),
  /** A message from the future: on the lifecycle subscription; a new type also on the oldest sequenced one. */
  z.object({ kind: z.literal('foreign'), connection, what: z.enum(['type', 'event_type', 'price_level_structure']) }),

  /** This many events at once, beside the rate. */
  z.object({ kind: z.literal('burst'), count: z.int().positive().max(1_000_000) }),
  /** Upgrades are answered with this status; absent count: until healed. */
  z.object({
    kind: z.literal('refuse_connections'),
    status: z.union([z.literal(401), z.literal(429), z.literal(503)]),
    count: z.int().positive().optional(),
  }),
  /** REST calls are answered with this status; absent count: until healed. */
  z.object({
    kind: z.literal('refuse_rest'),
    status: z.union([z.literal(429), z.literal(503)]),
    count: z.int().positive().optional(),
  }),
  /** Connecting fails (ECONNREFUSED) for that long, or until healed; open connections are kept or dropped. */
  z.object({
    kind: z.literal('stop_listening'),
    forMs: z.int().positive().optional(),
    drop: z.boolean().default(false),
  }),
  /** Cancels only for pauseMs, then everybody is disconnected and refused (503) for downMs, then all is well. */
  z.object({
    kind: z.literal('maintenance'),
    pauseMs: z.int().nonnegative().default(1_000),
    downMs: z.int().nonnegative().default(1_000),
    how: z.enum(['going_away', 'terminate', 'reset']).default('going_away'),
  }),
  /** Ends every lasting fault and forgets every armed one. */
  z.object({ kind: z.literal('heal') }),
]);

export type Fault = z.output<typeof faultSchema>;
/** As written by a caller: what has a default may be left out. */
export type FaultInput = z.input<typeof faultSchema>;
export type FaultOf<K extends Fault['kind']> = Extract<Fault, { kind: K }>;
export type Disconnect = z.output<typeof how>;
