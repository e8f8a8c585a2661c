/** One second of a drill stands for this many: a minute of alarms passes in a second. */
export const SCALE = 60;
/** Virtual minutes in which nothing is wrong, before the fault. */
export const PRELUDE_MIN = 12;
/** Virtual minutes behind the recovery, unless the drill says otherwise: the longest window but those of hours, and more. */
const SETTLE_MIN = 35;
/** What is repeated to make a healthy time longer: the real seconds before the fault, and the last ones of the recovery. */
export const STEADY_MS = 3_000;
/** What is repeated to make a fault last: its last real seconds. */
const PERSISTING_MS = 3_000;

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

export type Program = 'streamer' | 'sink' | 'probe' | 'notify';

/** A line as a program printed it. `at` is when it was read, milliseconds since 1970. */
export interface PrintedLine {
  readonly program: Program;
  readonly at: number;
  readonly text: string;
}

/** What AWS would have measured, under AWS's own name. */
export interface AwsSample {
  readonly name: string;
  readonly at: number;
  readonly value: number;
}

/** All that a drill brought, in real time: nothing in it is written by hand. */
export interface Capture {
  readonly startAt: number;
  readonly faultAt: number;
  readonly healedAt: number;
  readonly endAt: number;
  readonly lines: readonly PrintedLine[];
  readonly samples: readonly AwsSample[];
}

export interface VirtualLine extends PrintedLine {
  readonly ts_ms: number;
}

/** A capture in virtual time. All instants are milliseconds since 1970. */
export interface Scaled {
  readonly from_ms: number;
  readonly fault_ms: number;
  readonly healed_ms: number;
  readonly to_ms: number;
  readonly lines: readonly VirtualLine[];
  readonly samples: readonly (AwsSample & { readonly ts_ms: number })[];
}

export interface Lasting {
  /** Virtual minutes that the fault lasts at least. */
  readonly hold_min?: number | undefined;
  readonly settle_min?: number | undefined;
}

/** Virtual time begins here in every drill. */
const EPOCH_MS = Date.UTC(2026, 10, 23, 2, 0, 0);

/**
 * Stretches a capture: instants and ages by SCALE. Healthy times, and a fault that is to last, are made longer by repeating
 * what was captured of them. Latencies and rates stay what they were measured.
 */
export function scaled(capture: Capture, { hold_min = 0, settle_min = SETTLE_MIN }: Lasting = {}): Scaled {
  const { startAt, faultAt, healedAt, endAt } = capture;
  const lines: VirtualLine[] = [];
  const samples: (AwsSample & { ts_ms: number })[] = [];
  let cursor = EPOCH_MS;
  const play = (from: number, to: number): void => {
    const base = cursor;
    const ts = (at: number): number => Math.round(base + (at - from) * SCALE);
    const within = <T extends { readonly at: number }>(all: readonly T[]): T[] =>
      all.filter(({ at }) => at >= from && at < to);
    for (const line of within(capture.lines)) {
      const ts_ms = ts(line.at);
      lines.push({ ...line, ts_ms, text: scaledText(line, ts_ms) });
    }
    for (const sample of within(capture.samples))
      samples.push({ ...sample, ts_ms: ts(sample.at), value: scaledValue(sample) });
    cursor = base + (to - from) * SCALE;
  };
  const repeat = (from: number, to: number, minutes: number): void => {
    const span = (to - from) * SCALE;
    for (let left = minutes * MINUTE_MS; left > 0; left -= span) play(from, to);
  };
  repeat(faultAt - STEADY_MS, faultAt, PRELUDE_MIN - minutesOf(faultAt - startAt));
  play(startAt, faultAt);
  const fault_ms = cursor;
  play(faultAt, healedAt);
  repeat(Math.max(faultAt, healedAt - PERSISTING_MS), healedAt, hold_min - minutesOf(healedAt - faultAt));
  const healed_ms = cursor;
  play(healedAt, endAt);
  repeat(endAt - STEADY_MS, endAt, settle_min - minutesOf(endAt - healedAt));
  return { from_ms: EPOCH_MS, fault_ms, healed_ms, to_ms: cursor, lines, samples };
}

function minutesOf(real_ms: number): number {
  return (real_ms * SCALE) / MINUTE_MS;
}

/** Ages that grow while nothing happens are times like all others. */
const AGES: Readonly<Record<string, readonly string[]>> = {
  heartbeat: ['ingest_lag_sec'],
  warehouse_heartbeat: ['newest_row_age_sec'],
};
const AGE_SAMPLE = 'GetRecords.IteratorAgeMilliseconds';

function scaledValue({ name, value }: AwsSample): number {
  return name === AGE_SAMPLE ? value * SCALE : value;
}

/** What is no JSON stays as it is. */
function scaledText({ text, at }: PrintedLine, ts_ms: number): string {
  if (!text.startsWith('{')) return text;
  let line: Record<string, unknown>;
  try {
    line = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return text;
  }
  // Ours, and the platform's own.
  for (const field of ['timestamp', 'time']) if (field in line) line[field] = new Date(ts_ms).toISOString();
  const aws = line['_aws'];
  // By what it was older when it was read it stays older: the program's clock may be wrong.
  if (isEmf(aws)) line['_aws'] = { ...aws, Timestamp: ts_ms + (aws.Timestamp - at) * SCALE };
  for (const field of AGES[String(line['event'])] ?? []) {
    const age = line[field];
    if (typeof age === 'number' && age > 0) line[field] = Math.round(age * SCALE * SECOND_MS) / SECOND_MS;
  }
  return JSON.stringify(line);
}

function isEmf(aws: unknown): aws is { readonly Timestamp: number } {
  return typeof aws === 'object' && aws !== null && 'Timestamp' in aws && Number.isInteger(aws.Timestamp);
}
