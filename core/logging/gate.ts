import type { Level } from './events.ts';

/**
 * Keeps log volume bounded by construction: repeated events collapse, and a byte budget per minute is spent by level.
 * What is kept back is counted exactly and told once a minute. ERROR, CRITICAL and the heartbeat always pass.
 */
export interface GateBounds {
  /** Lines of one kind (event and what tells its cases apart) that pass within a minute; the others are counted. */
  readonly linesPerKind: number;
  /** Bytes a minute for DEBUG, INFO and WARN together. */
  readonly bytesPerMinute: number;
}

/** 120 KB a minute is 173 MB a day in the worst storm; a quiet day stays at a few MB by itself. */
export const LOG_BOUNDS: GateBounds = { linesPerKind: 30, bytesPerMinute: 120_000 };

/** The part of the budget that a level may use up: DEBUG goes first, WARN has all of it. */
const SHARE: Readonly<Partial<Record<Level, number>>> = { DEBUG: 0.5, INFO: 0.8, WARN: 1 };

const MINUTE_MS = 60_000;
/** Kinds told apart within a minute; beyond it new kinds are counted together. */
const MAX_KINDS = 200;
const OTHER_KINDS = 'other';

export interface Line {
  readonly level: Level;
  readonly kind: string;
  readonly bytes: number;
  /** Passes whatever the budget says. */
  readonly vital: boolean;
}

/** Lines kept back; exact. */
export interface KeptBack {
  readonly lines: number;
  readonly bytes: number;
}

/** Lines kept back within one minute, by kind. */
export interface Suppressed extends KeptBack {
  readonly kinds: ReadonlyMap<string, number>;
}

export class LogGate {
  readonly #bounds: GateBounds;
  #minute = Number.NEGATIVE_INFINITY;
  #spent = 0;
  /** Both by kind, and of all kinds together at most MAX_KINDS and one. */
  #passed = new Map<string, number>();
  #suppressed = new Map<string, number>();
  #suppressedLines = 0;
  #suppressedBytes = 0;
  #linesBefore = 0;
  #bytesBefore = 0;

  constructor(bounds: GateBounds) {
    this.#bounds = bounds;
  }

  /** Kept back since the start. */
  get total(): KeptBack {
    return {
      lines: this.#linesBefore + this.#suppressedLines,
      bytes: this.#bytesBefore + this.#suppressedBytes,
    };
  }

  /** Whether the line passes. Call `turn` first. */
  admit(line: Line): boolean {
    if (line.vital || line.level === 'ERROR' || line.level === 'CRITICAL') return true;
    const kind = this.#passed.has(line.kind) || this.#passed.size < MAX_KINDS ? line.kind : OTHER_KINDS;
    const passed = this.#passed.get(kind) ?? 0;
    // Known from now on, even where the budget lets none of its lines pass: kinds are bounded whatever comes.
    this.#passed.set(kind, passed);
    const affordable = this.#spent + line.bytes <= this.#bounds.bytesPerMinute * (SHARE[line.level] ?? 1);
    if (passed < this.#bounds.linesPerKind && affordable) {
      this.#passed.set(kind, passed + 1);
      this.#spent += line.bytes;
      return true;
    }
    this.#suppressed.set(kind, (this.#suppressed.get(kind) ?? 0) + 1);
    this.#suppressedLines++;
    this.#suppressedBytes += line.bytes;
    return false;
  }

  /** Begins a new minute where one is due; returns what the old one kept back, if anything. */
  turn(now_ms: number): Suppressed | undefined {
    const minute = Math.floor(now_ms / MINUTE_MS);
    if (minute === this.#minute) return undefined;
    this.#minute = minute;
    const suppressed = { lines: this.#suppressedLines, bytes: this.#suppressedBytes, kinds: this.#suppressed };
    this.#linesBefore += suppressed.lines;
    this.#bytesBefore += suppressed.bytes;
    this.#spent = this.#suppressedLines = this.#suppressedBytes = 0;
    this.#passed = new Map();
    this.#suppressed = new Map();
    return suppressed.lines === 0 ? undefined : suppressed;
  }
}
