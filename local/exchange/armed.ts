import type { FaultOf } from './faults.ts';

type OneShotKind = 'drop_frames' | 'unknown_field' | 'finer_decimals' | 'command_error' | 'cut_snapshot';
export type OneShot = FaultOf<OneShotKind>;

/** Faults that wait for the frame or command they fit; shared by all connections, each used up by its count. */
export class Armed {
  #waiting: Waiting[] = [];
  /** Frames that were dropped so far. */
  droppedFrames = 0;

  arm(fault: OneShot): void {
    this.#waiting.push({ fault, left: fault.kind === 'cut_snapshot' ? fault.after + 1 : fault.count });
  }

  clear(): void {
    this.#waiting = [];
  }

  dropsFrame(connection: number, sid: number, ticker: string): boolean {
    const drops = this.#use(
      connection,
      ({ fault }) => fault.kind === 'drop_frames' && (fault.sid ?? sid) === sid && (fault.ticker ?? ticker) === ticker,
    );
    if (drops !== undefined) this.droppedFrames++;
    return drops !== undefined;
  }

  addsField(connection: number): boolean {
    return this.#use(connection, ({ fault }) => fault.kind === 'unknown_field') !== undefined;
  }

  addsDecimal(connection: number): boolean {
    return this.#use(connection, ({ fault }) => fault.kind === 'finer_decimals') !== undefined;
  }

  commandError(connection: number): 26 | 27 | undefined {
    const used = this.#use(connection, ({ fault }) => fault.kind === 'command_error');
    return used?.fault.kind === 'command_error' ? used.fault.code : undefined;
  }

  /** Asked before each snapshot: how the connection is cut now, if it is. */
  cutsSnapshot(connection: number): 'between' | 'inside' | undefined {
    const used = this.#use(connection, ({ fault }) => fault.kind === 'cut_snapshot');
    return used?.fault.kind === 'cut_snapshot' && used.left === 0 ? used.fault.cut : undefined;
  }

  #use(connection: number, fits: (waiting: Waiting) => boolean): Waiting | undefined {
    if (this.#waiting.length === 0) return undefined;
    const used = this.#waiting.find(
      (waiting) => (waiting.fault.connection ?? connection) === connection && fits(waiting),
    );
    if (used === undefined) return undefined;
    used.left--;
    if (used.left === 0) this.#waiting = this.#waiting.filter((waiting) => waiting !== used);
    return used;
  }
}

interface Waiting {
  readonly fault: OneShot;
  left: number;
}
