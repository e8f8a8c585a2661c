import type { Channel } from '../../../core/contract/streamer-env.ts';
import type { Message } from '../../../core/kalshi/messages.ts';
import type { Marker, MarkerOf } from '../../../core/tape/marker.ts';
import { sessionOf, step } from '../../../ecs/session/machine.ts';
import type {
  Before,
  Dropped,
  Heard,
  Refusal,
  SessionEffect,
  SessionInput,
  SessionPlan,
  SessionState,
} from '../../../ecs/session/state.ts';

export const SECOND = 1_000_000;

export const PLAN: SessionPlan = {
  connection: 0,
  url: 'ws://exchange',
  channels: ['orderbook_delta', 'trade'],
  markets: ['A', 'B'],
  use_yes_price: false,
  version: 'test',
  deadSocket_us: 22 * SECOND,
  dataSilence_us: 120 * SECOND,
  replyTimeout_us: 10 * SECOND,
  connectTimeout_us: 15 * SECOND,
  closeTimeout_us: 3 * SECOND,
  backoffBase_ms: 500,
  backoffMax_ms: 30_000,
  backoffRefused_ms: 30_000,
};

export const REFUSED_KEY: Refusal = {
  kind: 'auth',
  category: 'auth',
  failure_class: 'auth',
  exception_type: 'UpgradeRefused',
  exception_msg: '401',
  http_status: 401,
  clock_offset_sec: 0,
};
export const NO_ROUTE: Refusal = {
  ...REFUSED_KEY,
  kind: 'other',
  exception_type: 'ECONNREFUSED',
  http_status: undefined,
};

type Command = Extract<SessionEffect, { type: 'send' }>['command'];

/** The session machine in machine time: says what happens and keeps all that it wants done. */
export class Drive {
  state: SessionState;
  now = 1_800_000_000 * SECOND;
  readonly effects: SessionEffect[] = [];
  readonly plan: SessionPlan;
  heard: Heard = { inbound_ts: 0, frame_ts: 0, data_ts: 0 };
  #random = 0;
  #ping = 0;

  constructor(plan: Partial<SessionPlan> = {}, before?: Before) {
    this.plan = { ...PLAN, ...plan };
    this.state = { name: 'idle', before };
  }

  /** Up to an open connection. */
  static live(plan: Partial<SessionPlan> = {}, before?: Before): Drive {
    const drive = new Drive(plan, before);
    drive.tell({ type: 'start' });
    drive.open();
    return drive;
  }

  /** Subscribed to both channels, all books there; the effects up to here are forgotten. */
  static settled(plan: Partial<SessionPlan> = {}, before?: Before): Drive {
    const drive = Drive.live(plan, before);
    drive.plan.channels.forEach((channel, index) => drive.subscribed(channel, index + 1, index + 1));
    if (drive.plan.channels.includes('orderbook_delta')) drive.snapshots(1, drive.plan.markets);
    drive.effects.length = 0;
    return drive;
  }

  get session_id(): string {
    return sessionOf(this.state)!;
  }

  get commands(): Command[] {
    return this.effects.filter((effect) => effect.type === 'send').map(({ command }) => command);
  }

  get markers(): Marker[] {
    return this.effects.filter((effect) => effect.type === 'mark').map(({ marker }) => marker);
  }

  marked<T extends Marker['type']>(type: T): MarkerOf<T>[] {
    return this.markers.filter((marker): marker is MarkerOf<T> => marker.type === type);
  }

  logged(event: string): Readonly<Record<string, unknown>>[] {
    const logs = this.effects.filter((effect) => effect.type === 'log').filter((effect) => effect.event === event);
    return logs.map(({ fields }) => fields);
  }

  tell(input: SessionInput): void {
    this.#random = (this.#random + 0.37) % 1;
    const context = { now: this.now, random: () => this.#random, plan: this.plan, frames: 7 };
    const { state, effects } = step(this.state, input, context);
    this.state = state;
    this.effects.push(...effects);
  }

  /** Time passes, with a tick each `every_us`, and with a ping each ten seconds where `pings`. */
  pass(span_us: number, { pings = true, every_us = SECOND } = {}): void {
    const end = this.now + span_us;
    while (this.now < end) {
      this.now = Math.min(this.now + every_us, end);
      if (pings && this.now - this.#ping >= 10 * SECOND) {
        this.#ping = this.now;
        this.heard = { ...this.heard, inbound_ts: this.now };
      }
      this.tell({ type: 'tick', heard: this.heard });
    }
  }

  /** Until the state is that one; throws after a day. */
  passUntil(name: SessionState['name'], options: { readonly pings?: boolean } = {}): void {
    for (let ticks = 0; this.state.name !== name; ticks++) {
      if (ticks > 864_000) throw new Error(`never ${name}`);
      this.pass(SECOND / 10, { ...options, every_us: SECOND / 10 });
    }
  }

  open(): void {
    this.#ping = this.now;
    this.heard = { inbound_ts: 0, frame_ts: 0, data_ts: 0 };
    this.tell({ type: 'opened', session_id: this.session_id });
  }

  /** A frame came; `isData` or not. */
  frame(isData: boolean): void {
    this.now += 1_000;
    this.heard = { inbound_ts: this.now, frame_ts: this.now, data_ts: isData ? this.now : this.heard.data_ts };
  }

  data(channel: Channel, sid: number): void {
    this.frame(true);
    this.tell({ type: 'data', session_id: this.session_id, channel, sid });
  }

  snapshots(sid: number, markets: readonly string[]): void {
    this.frame(true);
    this.tell({ type: 'data', session_id: this.session_id, channel: 'orderbook_delta', sid });
    this.tell({ type: 'snapshots', session_id: this.session_id, sid, markets, last_ts: this.now });
  }

  reply(message: Message, whole: ReadonlyMap<number, number> = new Map()): void {
    this.frame(false);
    this.tell({ type: 'reply', session_id: this.session_id, message, whole });
  }

  subscribed(channel: string, sid: number, id: number): void {
    this.reply({ type: 'subscribed', id, msg: { channel, sid } });
  }

  error(
    code: number,
    more: { readonly id?: number; readonly sid?: number } = {},
    whole?: ReadonlyMap<number, number>,
  ): void {
    this.reply({ type: 'error', ...more, msg: { code, msg: 'no' } }, whole);
  }

  gap(channel: Channel | undefined, sid: number, before_ts = this.now, missing = 1): void {
    this.frame(true);
    const sequence = { kind: 'gap', sid, expected: 5, got: 5 + missing } as const;
    this.tell({ type: 'break', session_id: this.session_id, sequence, before_ts, channel });
  }

  dropped(...dropped: readonly Dropped[]): void {
    this.tell({ type: 'recovered', dropped });
  }

  closed(): void {
    const { session_id, heard } = this;
    this.tell({ type: 'closed', session_id, code: 1006, reason: '', heard });
  }

  stop(): void {
    this.tell({ type: 'stop', heard: this.heard });
  }
}
