import type { Command } from './ast.ts';
import type { Context } from './expression.ts';
import { buildPipeline, type Pipeline } from './pipeline.ts';
import { needlesOf } from './prefilter.ts';
import type { Row, Sink } from './row.ts';
import { FieldScanner } from './scan.ts';
import { Instant, numberOf, type Shown, shownOf } from './value.ts';

/** One event of a log. */
export interface LogEvent {
  readonly message: string;
  /** Milliseconds since 1970. Without it the time that the message names is taken (see flatten.ts). */
  readonly timestamp_ms?: number | undefined;
  readonly ingestion_ms?: number | undefined;
  /** `account-id:log-group-name`. */
  readonly log?: string | undefined;
  readonly logStream?: string | undefined;
}

export interface RunOptions {
  /** Events before it are not scanned, nor those without a time. Milliseconds since 1970. */
  readonly start_ms?: number | undefined;
  /** Events at or after it are not scanned, nor those without a time. */
  readonly end_ms?: number | undefined;
  /** What now() is. Default: the clock. */
  readonly now_ms?: number | undefined;
}

export interface QueryResult {
  readonly columns: readonly string[];
  /** Each has every column; null where there is no value. */
  readonly rows: readonly Readonly<Record<string, Shown>>[];
  readonly statistics: Statistics;
  /** What Logs Insights does without a word, and a reader may not expect. */
  readonly warnings: readonly string[];
}

interface Statistics {
  /** Events that all filters before the first stats let through. */
  readonly recordsMatched: number;
  readonly recordsScanned: number;
  /** Of their messages, in UTF-8. */
  readonly bytesScanned: number;
}

/** Where lines come from: the same for all lines of a file. */
export type LineSource = Pick<LogEvent, 'log' | 'logStream'>;

/** One run of a query: takes events one by one, or blocks of lines, and has its result at the end. */
export class Execution {
  readonly #pipeline: Pipeline;
  readonly #context: Context;
  readonly #options: RunOptions;
  readonly #scanner: FieldScanner;
  readonly #needles: readonly Buffer[] | undefined;
  readonly #first: Sink;
  readonly #row: Row;
  readonly #rows: Record<string, Shown>[] = [];
  readonly #time: number | undefined;
  readonly #slots: Readonly<Record<'@message' | '@log' | '@logStream' | '@ingestionTime', number | undefined>>;
  readonly #hasRange: boolean;
  #matched = 0;
  #scanned = 0;
  #bytes = 0;

  /** Throws InsightsError. */
  constructor(query: string, commands: readonly Command[], options: RunOptions) {
    this.#options = options;
    this.#context = { query, now_ms: options.now_ms ?? Date.now(), warnings: new Set() };
    this.#pipeline = buildPipeline(commands, this.#context);
    this.#hasRange = options.start_ms !== undefined || options.end_ms !== undefined;
    const { events } = this.#pipeline;
    if (this.#hasRange) events.field('@timestamp');
    const fields = new Map(events.discovered);
    const slot = (name: string) => fields.get(name);
    this.#time = slot('@timestamp');
    this.#slots = {
      '@message': slot('@message'),
      '@log': slot('@log'),
      '@logStream': slot('@logStream'),
      '@ingestionTime': slot('@ingestionTime'),
    };
    for (const name of ['@timestamp', ...Object.keys(this.#slots)]) fields.delete(name);
    this.#scanner = new FieldScanner({ fields, time: this.#time });
    this.#needles = this.#hasRange ? undefined : needlesOf(commands)?.map((text) => Buffer.from(text));
    this.#row = new Array<null>(events.width).fill(null);
    this.#first = this.#pipeline.open(
      { push: (row) => this.#collect(row), end: () => undefined },
      () => this.#matched++,
    );
  }

  event(event: LogEvent): void {
    this.#scanner.readText(event.message, this.#row);
    if (this.#time !== undefined && event.timestamp_ms !== undefined) {
      this.#row[this.#time] = new Instant(event.timestamp_ms);
    }
    if (this.#slots['@ingestionTime'] !== undefined) {
      this.#row[this.#slots['@ingestionTime']] =
        event.ingestion_ms === undefined ? null : new Instant(event.ingestion_ms);
    }
    this.#describe(event);
    if (this.#slots['@message'] !== undefined) this.#row[this.#slots['@message']] = event.message;
    this.#push(Buffer.byteLength(event.message));
  }

  /** Whole lines: the last byte before `end` is a line's end, or the input's. Blank lines are none. */
  block(bytes: Buffer, start: number, end: number, source: LineSource): void {
    this.#describe(source);
    const finder = this.#needles === undefined ? undefined : new NeedleFinder(bytes, this.#needles);
    let at = start;
    while (at < end) {
      const found = bytes.indexOf(0x0a, at);
      const next = found < 0 || found >= end ? end : found;
      const to = next > at && bytes[next - 1] === 0x0d ? next - 1 : next;
      if (finder?.hasNoneBetween(at, to) === true) {
        if (!isBlank(bytes, at, to)) this.#count(to - at);
      } else if (!isBlank(bytes, at, to)) this.#line(bytes, at, to);
      at = next + 1;
    }
  }

  finish(): QueryResult {
    this.#first.end();
    return {
      columns: this.#pipeline.columns.map(({ name }) => name),
      rows: this.#rows,
      statistics: { recordsMatched: this.#matched, recordsScanned: this.#scanned, bytesScanned: this.#bytes },
      warnings: [...this.#context.warnings],
    };
  }

  #line(bytes: Buffer, start: number, end: number): void {
    this.#scanner.read(bytes, start, end, this.#row);
    if (this.#slots['@message'] !== undefined) {
      this.#row[this.#slots['@message']] = bytes.toString('utf8', start, end);
    }
    this.#push(end - start);
  }

  #describe(source: LineSource): void {
    if (this.#slots['@log'] !== undefined) this.#row[this.#slots['@log']] = source.log ?? null;
    if (this.#slots['@logStream'] !== undefined) this.#row[this.#slots['@logStream']] = source.logStream ?? null;
  }

  #push(bytes: number): void {
    if (this.#hasRange && !this.#isInRange()) return;
    this.#count(bytes);
    this.#first.push(this.#row);
  }

  #count(bytes: number): void {
    this.#scanned++;
    this.#bytes += bytes;
  }

  #isInRange(): boolean {
    const time = this.#row[this.#time!] ?? null;
    const ms = time === null ? undefined : numberOf(time);
    if (ms === undefined) return false;
    const { start_ms = -Infinity, end_ms = Infinity } = this.#options;
    return ms >= start_ms && ms < end_ms;
  }

  #collect(row: Row): void {
    const shown: Record<string, Shown> = {};
    for (const { name, slot } of this.#pipeline.columns) shown[name] = shownOf(row[slot] ?? null);
    this.#rows.push(shown);
  }
}

const UNICODE_ESCAPE = Buffer.from('\\u');

/** Where in a block the next needle is, asked for lines in ascending order. */
class NeedleFinder {
  readonly #bytes: Buffer;
  readonly #needles: readonly Buffer[];
  readonly #next: number[];

  constructor(bytes: Buffer, needles: readonly Buffer[]) {
    this.#bytes = bytes;
    this.#needles = [...needles, UNICODE_ESCAPE];
    this.#next = this.#needles.map(() => -1);
  }

  hasNoneBetween(start: number, end: number): boolean {
    const next = this.#next;
    let isNone = true;
    for (let i = 0; i < next.length; i++) {
      if (next[i]! < start) {
        const found = this.#bytes.indexOf(this.#needles[i]!, start);
        next[i] = found < 0 ? Infinity : found;
      }
      if (next[i]! < end) isNone = false;
    }
    return isNone;
  }
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0x20 && bytes[i] !== 0x09 && bytes[i] !== 0x0d) return false;
  return true;
}
