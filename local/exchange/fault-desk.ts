import type { Armed } from './armed.ts';
import type { Fault, FaultOf } from './faults.ts';
import type { Feed } from './feed.ts';
import type { Gate } from './gate.ts';
import type { Hub, Member } from './hub.ts';
import type { Venue } from './venue.ts';

/** The listening socket as far as faults need it. */
export interface Door {
  /** Stops accepting; what is open stays open. */
  close(): void;
  /** Accepts again on the same port. */
  open(): void;
}

export interface FaultDeskParts {
  readonly hub: Hub;
  readonly armed: Armed;
  readonly gate: Gate;
  readonly door: Door;
  readonly venue: Venue;
  /** Undefined in replay. */
  readonly feed: Feed | undefined;
  readonly now: () => number;
}

/** Makes faults happen. */
export class FaultDesk {
  readonly #parts: FaultDeskParts;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(parts: FaultDeskParts) {
    this.#parts = parts;
  }

  /** How many connections it acted on at once; 0 for a fault that waits, or that concerns none. */
  apply(fault: Fault): number {
    const { hub, armed, gate, door, feed } = this.#parts;
    switch (fault.kind) {
      case 'drop_frames':
      case 'unknown_field':
      case 'finer_decimals':
      case 'command_error':
      case 'cut_snapshot':
        armed.arm(fault);
        return 0;
      case 'disconnect':
      case 'half_open':
      case 'silent':
      case 'stop_pings':
      case 'delay_replies':
      case 'channel_error':
      case 'foreign': {
        const meant = hub
          .members()
          .filter(({ connection }) => (fault.connection ?? connection.number) === connection.number);
        return meant.filter((member) => strike(member, fault)).length;
      }
      case 'burst':
        hub.together(() => feed?.emit(fault.count, this.#parts.now()));
        return 0;
      case 'refuse_connections':
      case 'refuse_rest':
        gate.refuse(fault);
        return 0;
      case 'stop_listening':
        door.close();
        if (fault.forMs !== undefined) this.#after(fault.forMs, () => door.open());
        return fault.drop ? this.apply({ kind: 'disconnect', connection: undefined, how: 'reset' }) : 0;
      case 'maintenance':
        this.#maintain(fault);
        return 0;
      case 'heal':
        return this.#heal();
    }
  }

  /** No fault acts by itself any more. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #maintain({ pauseMs, downMs, how }: FaultOf<'maintenance'>): void {
    const { venue, gate } = this.#parts;
    venue.mode = 'cancels_only';
    this.#after(pauseMs, () => {
      gate.refuse({ kind: 'refuse_connections', status: 503, count: undefined });
      this.apply({ kind: 'disconnect', connection: undefined, how });
      this.#after(downMs, () => {
        gate.open();
        venue.mode = 'trading';
      });
    });
  }

  #heal(): number {
    const { hub, armed, gate, door, venue } = this.#parts;
    this.stop();
    armed.clear();
    gate.open();
    door.open();
    venue.mode = 'trading';
    const members = hub.members();
    for (const { connection } of members) connection.heal();
    return members.length;
  }

  #after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }
}

type Strike = Extract<
  Fault,
  { kind: 'disconnect' | 'half_open' | 'silent' | 'stop_pings' | 'delay_replies' | 'channel_error' | 'foreign' }
>;

/** False where the connection has nothing to act on. */
function strike({ connection, session }: Member, fault: Strike): boolean {
  switch (fault.kind) {
    case 'disconnect':
      connection.end(fault.how);
      return true;
    case 'half_open':
      connection.halfOpen();
      return true;
    case 'silent':
      connection.silence(fault.answersCommands);
      return true;
    case 'stop_pings':
      connection.stopPings();
      return true;
    case 'delay_replies':
      connection.replyDelayMs = fault.delayMs;
      return true;
    case 'channel_error':
      return session?.fail(fault.code, fault.sid) ?? false;
    case 'foreign':
      return session?.sendForeign(fault.what) ?? false;
  }
}
