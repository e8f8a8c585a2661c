import type { EventLog, FieldsOf } from '../../core/logging/event-log.ts';
import type { EventName } from '../../core/logging/events.ts';
import { Repeats, type Told } from './repeats.ts';
import { type Landed, type LandedSum, Summary } from './summary.ts';

export interface TellingPorts {
  readonly log: EventLog;
  /** Takes the sums for the metrics. */
  readonly publish: (sum: LandedSum) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * What one execution environment tells of its work, bounded by time and exact in its sums: failures that repeat collapse,
 * and what lands is summed up. Whatever was kept back is told by the next invocation once it is due, or by `end`.
 */
export class Telling {
  readonly #ports: TellingPorts;
  readonly #repeats = new Repeats<(repeats: number) => void>();
  readonly #summary = new Summary();
  /** The log for those who do the work. */
  readonly log: EventLog = (event, fields) => this.#hear(event, fields);

  constructor(ports: TellingPorts) {
    this.#ports = ports;
  }

  /** A batch is in ClickHouse, whole: whatever failed before is over. */
  landed(landed: Landed): void {
    const now = this.#ports.now();
    tellAll(this.#repeats.over((kind) => FAILURES.some((event) => kind.startsWith(`${event}|`)), now));
    this.#summary.add(landed, now);
  }

  /** Before and after each invocation: tells what is due, of failures before and after a success alike. */
  turn(): void {
    const now = this.#ports.now();
    tellAll(this.#repeats.due(now));
    this.#tellSum(this.#summary.due(now));
  }

  /** The environment ends: tells all that was kept back. */
  end(): void {
    const now = this.#ports.now();
    tellAll(this.#repeats.over(() => true, now));
    this.#tellSum(this.#summary.take(now));
  }

  #hear<E extends EventName>(event: E, fields: FieldsOf<E>): void {
    const { log, now } = this.#ports;
    const kind = kindOf(event, fields);
    if (kind === undefined) {
      log(event, fields);
      return;
    }
    const tell = (repeats: number): void => log(event, repeats === 0 ? fields : { ...fields, repeats });
    const told = this.#repeats.heard(kind, tell, now());
    if (told !== undefined) tellAll([told]);
  }

  #tellSum(sum: LandedSum | undefined): void {
    if (sum === undefined) return;
    const { aws_request_id, newest_block_id, records, blocks, duplicates, torn, frames, rows, rejects } = sum;
    const { batches, duration_ms, ingest_lag_sec, span_sec } = sum;
    this.#ports.log('insert_ok', {
      ...{ aws_request_id, block_id: newest_block_id, records, blocks, duplicates, torn, frames, rows, rejects },
      ...{ batches, duration_ms, ingest_lag_sec, span_sec },
    });
    this.#ports.publish(sum);
  }
}

/** What may come again with every delivery, and the fields that tell its cases apart. */
const COLLAPSED: Readonly<Partial<Record<EventName, readonly string[]>>> = {
  insert_failed: ['table', 'category'],
  insert_dropped: ['table', 'category'],
  sink_batch_failed: ['table', 'category'],
  record_rejected: ['reason'],
};
/** Of these, what a batch that lands puts an end to. The others are not repaired by a success. */
const FAILURES: readonly EventName[] = ['insert_failed', 'sink_batch_failed'];

function kindOf(event: EventName, fields: Readonly<Record<string, unknown>>): string | undefined {
  const cases = COLLAPSED[event];
  return cases === undefined ? undefined : [event, ...cases.map((field) => String(fields[field]))].join('|');
}

function tellAll(all: readonly Told<(repeats: number) => void>[]): void {
  for (const { what, repeats } of all) what(repeats);
}
