import { z } from 'zod';

/**
 * What the recorder itself knows, in-band: markers travel between the frames they belong to, so that the warehouse
 * learns of a hole from the data and not from a log. Instants in microseconds since 1970.
 */

export const GAP_CAUSES = [
  /** A seq was skipped on a subscription: at least one message is lost and nobody can say of which market. */
  'sequence',
  /** Error 25: we read too slowly and the exchange threw the subscription away. */
  'exchange_overflow',
  /** Error 10: the exchange ended the subscription. */
  'channel_error',
  /** The connection was closed by the exchange or the network. */
  'disconnect',
  /** No byte within the dead-socket bound. */
  'dead_socket',
  /** Pings, but no data, and no answer to a request for a snapshot. */
  'data_silence',
  /** A command was not answered, so the connection was given up. */
  'no_reply',
  /** The recorder's last run ended without a shutdown. */
  'recorder_crashed',
  /** The recorder was stopped and started again. */
  'recorder_stopped',
  /** The recorder started without knowing how its last run ended (a new disk). */
  'recorder_unknown',
  /** Kinesis was away for longer than the spool could hold: frames were received and dropped. */
  'spool_full',
  /** One frame larger than a block can be. */
  'frame_oversize',
] as const;

export type GapCause = (typeof GAP_CAUSES)[number];

const micros = z.int().nonnegative();
const markets = z.array(z.string());

/** One hole. `markets` empty means every market of the session's channel (or of the session where channel is ''). */
const hole = {
  gap_id: z.string(),
  cause: z.enum(GAP_CAUSES),
  channel: z.string(),
  sid: z.int().nonnegative(),
  markets,
  /** The last instant known to be whole. */
  from_ts: micros,
  /** Seq numbers of a sequence gap; 0 where the cause knows none. */
  expected_seq: z.int().nonnegative(),
  got_seq: z.int().nonnegative(),
  /** Messages known to be lost; 0 where nobody can know. */
  missing: z.int().nonnegative(),
  /** Frames that were received and could not be kept: their numbers are missing in `frames`. 0-0 where none. */
  first_frame_no: z.int().nonnegative(),
  last_frame_no: z.int().nonnegative(),
  /** The session before this one, where the hole lies between two sessions. */
  previous_session_id: z.string(),
};

const session = {
  opened_ts: micros,
  connection: z.int().nonnegative(),
  url: z.string(),
  channels: z.array(z.string()),
  markets_count: z.int().nonnegative(),
  use_yes_price: z.boolean(),
  version: z.string(),
  previous_run: z.enum(['clean', 'crashed', 'unknown', 'same']),
};

export const marker = z.discriminatedUnion('type', [
  z.object({ type: z.literal('session_opened'), ...session }),
  z.object({ type: z.literal('subscribed'), sid: z.int().nonnegative(), channel: z.string(), markets }),
  z.object({ type: z.literal('gap_opened'), ...hole }),
  z.object({ type: z.literal('gap_closed'), ...hole, to_ts: micros, repair: z.string() }),
  /** Carries the opening's facts again: it replaces the opening's row whole. */
  z.object({ type: z.literal('session_closed'), reason: z.string(), code: z.int().nonnegative(), ...session }),
]);

export type Marker = z.output<typeof marker>;
export type MarkerOf<T extends Marker['type']> = Extract<Marker, { type: T }>;
/** A hole as it is carried from its opening to its closing. */
export type Hole = Omit<MarkerOf<'gap_opened'>, 'type'>;
