import type { Level } from '../../core/logging/events.ts';
import { type EventLog, eventLog, isLogged, type WriteEvent } from '../../core/logging/event-log.ts';
import type { KeptBack } from '../../core/logging/gate.ts';
import { gatedWriter, type GatedWriter } from '../../core/logging/gated.ts';
import type { Redactor } from '../../core/logging/redact.ts';
import { redactedWriter } from '../../core/logging/redacted.ts';
import { jsonLines } from '../console.ts';
import { aboutError } from './about-error.ts';
import { LogFile, type LogFileOptions } from './log-file.ts';
import type { Stdout } from './stdout.ts';

export interface StreamerLogOptions {
  /** What stdout gets: this level and above. */
  readonly level: Level;
  /** Undefined: stdout only. */
  readonly file: (LogFileOptions & { readonly level: Level }) | undefined;
}

export interface StreamerLogPorts {
  readonly stdout: Pick<Stdout, 'write' | 'lost' | 'flushSync'>;
  readonly redactor: Redactor;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
  /** Holds up the whole thread: for the end of the process only. */
  readonly pause: (ms: number) => void;
}

/** How long the end of the process waits for who reads stdout. */
const LAST_LINES_MS = 1_000;

/**
 * The streamer's log: stdout within its byte budget, and everything at its level in a file that rotates. Each counts its own
 * lines; no line of either holds a secret. Whatever becomes of the two, nobody who logs waits or sees an error.
 */
export class StreamerLog {
  readonly log: EventLog;
  readonly #level: Level;
  readonly #fileLevel: Level | undefined;
  readonly #ports: StreamerLogPorts;
  readonly #console: GatedWriter;
  readonly #file: LogFile | undefined;
  /** Of the line that is being written: the same in both. */
  #at: Date;

  constructor({ level, file }: StreamerLogOptions, ports: StreamerLogPorts) {
    const { stdout, redactor, now } = ports;
    const lines = (write: (line: string) => void, lowest: Level): WriteEvent =>
      redactedWriter(
        jsonLines(write, lowest, () => this.#at),
        redactor,
      );
    this.#ports = ports;
    this.#at = new Date(now());
    this.#level = level;
    this.#fileLevel = file?.level;
    this.#console = gatedWriter({ write: lines(stdout.write, level), now, lowest: level });
    this.#file = file === undefined ? undefined : this.#opened(file);
    const writers: readonly WriteEvent[] = [
      this.#console.write,
      ...(file === undefined ? [] : [leveled(lines(this.#file!.write, file.level), file.level)]),
    ];
    this.log = this.#logTo(writers);
  }

  /** Whether a line of this level goes anywhere: what costs to say is not said where nobody listens. */
  listens(level: Level): boolean {
    return isLogged(level, this.#level) || (this.#fileLevel !== undefined && isLogged(level, this.#fileLevel));
  }

  /** Lines that stdout did not get since the start, kept back or lost. */
  get keptBack(): KeptBack {
    const [kept, { lost }] = [this.#console.keptBack(), this.#ports.stdout];
    return { lines: kept.lines + lost.lines, bytes: kept.bytes + lost.bytes };
  }

  /** Writes what waits for the disk. Never rejects; where the disk hangs it does not resolve. */
  async close(): Promise<void> {
    await this.#file?.close();
  }

  /** For the end of the process, however it comes: what waits is written, in bounded time. */
  flushSync(): void {
    this.#ports.stdout.flushSync(LAST_LINES_MS);
    this.#file?.flushSync();
  }

  #logTo(writers: readonly WriteEvent[]): EventLog {
    return eventLog((...line) => {
      this.#at = new Date(this.#ports.now());
      for (const write of writers) write(...line);
    });
  }

  #opened({ path, maxBytes }: LogFileOptions): LogFile {
    const { monotonic, pause } = this.#ports;
    return new LogFile(
      { path, maxBytes },
      {
        now: monotonic,
        pause,
        // To stdout alone: the file would count it among what is missing in it.
        onFailed: (error) =>
          this.#logTo([this.#console.write])('log_file_failed', { log_file: path, ...aboutError(error) }),
        onRecovered: (count) => this.log('log_file_recovered', { log_file: path, count }),
      },
    );
  }
}

function leveled(write: WriteEvent, lowest: Level): WriteEvent {
  return (level, event, fields) => {
    if (isLogged(level, lowest)) write(level, event, fields);
  };
}
