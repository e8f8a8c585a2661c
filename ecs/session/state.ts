import type { Command } from '../../core/kalshi/commands.ts';
import type { EventName } from '../../core/logging/events.ts';
import type { FieldsOf } from '../../core/logging/event-log.ts';
import type { Channel } from '../../core/contract/streamer-env.ts';
import type { CutReason } from '../../core/tape/block.ts';
import type { GapCause, Hole, Marker } from '../../core/tape/marker.ts';
import type { Message } from '../../core/kalshi/messages.ts';
import type { SequenceBreak } from '../../core/kalshi/sequence.ts';

/** What one connection has to do; fixed for the life of the program. Instants and spans in microseconds. */
export interface SessionPlan {
  readonly connection: number;
  readonly url: string;
  readonly channels: readonly Channel[];
  readonly markets: readonly string[];
  readonly use_yes_price: boolean;
  readonly version: string;
  readonly deadSocket_us: number;
  readonly dataSilence_us: number;
  readonly replyTimeout_us: number;
  readonly connectTimeout_us: number;
  readonly closeTimeout_us: number;
  readonly backoffBase_ms: number;
  readonly backoffMax_ms: number;
  readonly backoffRefused_ms: number;
}

type PreviousRun = 'clean' | 'crashed' | 'unknown' | 'same';

/** Where the recording stood before this connection: the hole's near edge. */
export interface Before {
  readonly previous_run: PreviousRun;
  readonly session_id: string;
  /** The last instant known to be whole; 0: nothing was recorded before. */
  readonly last_ts: number;
  readonly cause: GapCause;
}

/** A command whose answer is awaited. */
export interface Pending {
  readonly id: number;
  /** refused: a subscribe that the exchange does not want to carry out; it is sent again after a long wait. */
  readonly kind: 'subscribe' | 'unsubscribe' | 'probe' | 'refresh' | 'refused';
  readonly channel: Channel;
  readonly sent_us: number;
  readonly tries: number;
  /** Of a refresh: the markets whose snapshots did not come yet; else empty. */
  readonly asked: ReadonlySet<string>;
}

interface Subscription {
  readonly sid: number;
  readonly channel: Channel;
  readonly since_us: number;
  /** Its place among all subscriptions and holes of the session. */
  readonly order: number;
}

/** A hole that is not closed yet. */
export interface OpenHole {
  readonly hole: Hole;
  readonly opened_us: number;
  /** Its place among all subscriptions and holes of the session: only a later subscription can fill it. */
  readonly order: number;
  /** Markets that still owe a fresh snapshot, of a subscription younger than the hole. */
  readonly owed: ReadonlySet<string>;
  /** Channels that still owe their confirmation. */
  readonly channelsOwed: ReadonlySet<Channel>;
  readonly repair: 'resubscribe' | 'reconnect';
}

/**
 * Frames of ours that were received and dropped, until publishing works again and the hole can be told. Where only
 * markers were dropped, last_frame_no is first_frame_no - 1.
 */
export interface Dropped {
  readonly session_id: string;
  readonly first_frame_no: number;
  readonly last_frame_no: number;
  readonly from_ts: number;
}

export interface Live {
  readonly name: 'live';
  readonly session_id: string;
  readonly attempt: number;
  readonly opened_us: number;
  readonly previous_run: PreviousRun;
  readonly nextId: number;
  readonly nextGap: number;
  readonly nextOrder: number;
  readonly dataSeen: boolean;
  readonly pending: readonly Pending[];
  readonly subscriptions: readonly Subscription[];
  readonly holes: readonly OpenHole[];
  readonly lastProbe_us: number;
}

export type SessionState =
  | { readonly name: 'idle'; readonly before: Before | undefined }
  | {
      readonly name: 'waiting';
      readonly until_us: number;
      readonly attempt: number;
      readonly before: Before | undefined;
    }
  | {
      readonly name: 'connecting';
      readonly session_id: string;
      readonly attempt: number;
      readonly since_us: number;
      readonly before: Before | undefined;
    }
  | Live
  /** We asked for the close; frames that still come are recorded. */
  | { readonly name: 'closing'; readonly live: Live; readonly cause: GapCause; readonly since_us: number }
  | { readonly name: 'stopped' };

/** What the socket brought so far, and when the last of it came; microseconds since 1970, 0: nothing yet. */
export interface Heard {
  /** A ping or a frame. */
  readonly inbound_ts: number;
  readonly frame_ts: number;
  readonly data_ts: number;
}

/** When something last happened to a subscription, microseconds since 1970; 0 or undefined: never. */
export interface InstantOfSid {
  get(sid: number): number | undefined;
}

/** What happened. `session_id` names the connection it happened on: of an old one it is ignored. */
export type SessionInput =
  | { readonly type: 'start' }
  | { readonly type: 'opened'; readonly session_id: string }
  | { readonly type: 'refused'; readonly session_id: string; readonly refusal: Refusal }
  | {
      readonly type: 'closed';
      readonly session_id: string;
      readonly code: number;
      readonly reason: string;
      readonly heard: Heard;
    }
  | { readonly type: 'data'; readonly session_id: string; readonly channel: Channel; readonly sid: number }
  /** Snapshots that came since the last such input, of one subscription; `last_ts`: when the last of them came. */
  | {
      readonly type: 'snapshots';
      readonly session_id: string;
      readonly sid: number;
      readonly markets: readonly string[];
      readonly last_ts: number;
    }
  /** `whole`: until when each subscription is whole, by sid: when its last frame came before this one. */
  | {
      readonly type: 'reply';
      readonly session_id: string;
      readonly message: Message;
      readonly whole: InstantOfSid;
    }
  /** `before_ts`: when the last frame of that subscription came, before the hole; 0: none. */
  | {
      readonly type: 'break';
      readonly session_id: string;
      readonly sequence: SequenceBreak;
      readonly before_ts: number;
      readonly channel: Channel | undefined;
    }
  | { readonly type: 'oversize'; readonly session_id: string; readonly frame_no: number; readonly recv_ts: number }
  | { readonly type: 'recovered'; readonly dropped: readonly Dropped[] }
  | { readonly type: 'tick'; readonly heard: Heard }
  | { readonly type: 'stop'; readonly heard: Heard };

export interface Refusal {
  readonly kind: 'auth' | 'throttled' | 'other';
  readonly category: string;
  readonly failure_class: string;
  readonly exception_type: string;
  readonly exception_msg: string;
  readonly http_status: number | undefined;
  /** Our clock minus the exchange's, seconds, to a second or so; undefined where it did not tell. */
  readonly clock_offset_sec: number | undefined;
}

type LogEffect = {
  [E in EventName]: { readonly type: 'log'; readonly event: E; readonly fields: FieldsOf<E> };
}[EventName];

/** What is to be done, in this order. */
export type SessionEffect =
  | { readonly type: 'connect'; readonly session_id: string }
  | { readonly type: 'send'; readonly command: Command }
  /** Into the current session's blocks. */
  | { readonly type: 'mark'; readonly marker: Marker }
  /** Cut what is gathered; nothing more is recorded under this session. */
  | { readonly type: 'end_session'; readonly reason: CutReason }
  | { readonly type: 'close' }
  | { readonly type: 'terminate' }
  | LogEffect;

export interface StepContext {
  /** Microseconds since 1970. */
  readonly now: number;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  readonly plan: SessionPlan;
  /** Frames of the current session so far. */
  readonly frames: number;
}

export interface Step {
  readonly state: SessionState;
  readonly effects: readonly SessionEffect[];
}
