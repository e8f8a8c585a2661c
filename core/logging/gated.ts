import type { EventName, Level } from './events.ts';
import { isLogged, type WriteEvent } from './event-log.ts';
import { type KeptBack, LOG_BOUNDS, LogGate, type Suppressed } from './gate.ts';

/** Fields that tell the cases of one event apart: a storm of one case must not hide the first line of another. */
const KIND_FIELDS = ['category', 'cause', 'reason', 'table', 'channel', 'error_code', 'exception_type'] as const;
/** A kind is a name, not a text: what others wrote into a `reason` is cut here. */
const KIND_MAX_CHARS = 100;
/** What a line weighs beside its fields at most, bytes: the envelope. */
const ENVELOPE_BYTES = 180;
/** Kinds that one `log_suppressed` names. */
const MAX_KINDS_NAMED = 10;

export interface GatedOptions {
  readonly write: WriteEvent;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The lowest level that is logged: what is not logged spends nothing. */
  readonly lowest: Level;
}

export interface GatedWriter {
  readonly write: WriteEvent;
  /** Kept back since the start. */
  readonly keptBack: () => KeptBack;
}

/** A writer that keeps to the log's bounds and tells once a minute what it kept back. */
export function gatedWriter({ write, now, lowest }: GatedOptions): GatedWriter {
  const gate = new LogGate(LOG_BOUNDS);
  const turn = (): void => {
    const suppressed = gate.turn(now());
    if (suppressed !== undefined) write('WARN', 'log_suppressed', tellingOf(suppressed));
  };
  return {
    write: (level, event, fields) => {
      if (!isLogged(level, lowest)) return;
      turn();
      if (gate.admit(lineOf(level, event, fields))) write(level, event, fields);
    },
    keptBack: () => gate.total,
  };
}

function lineOf(level: Level, event: EventName, fields: Readonly<Record<string, unknown>>) {
  const cases = KIND_FIELDS.map((field) => fields[field]).filter((value) => value !== undefined && value !== '');
  return {
    level,
    kind: [event, ...cases.map(String)].join('|').slice(0, KIND_MAX_CHARS),
    bytes: Buffer.byteLength(JSON.stringify(fields)) + ENVELOPE_BYTES,
    vital: event === 'heartbeat',
  };
}

function tellingOf({ lines, bytes, kinds }: Suppressed): Readonly<Record<string, unknown>> {
  const most = [...kinds].sort(([, a], [, b]) => b - a).slice(0, MAX_KINDS_NAMED);
  return {
    component: 'log',
    event: 'log_suppressed',
    count: lines,
    bytes,
    kinds: most.map(([kind, count]) => `${kind}=${count}`),
  };
}
