import type { EventName, Level } from '../../../core/logging/events.ts';
import type { KeptBack } from '../../../core/logging/gate.ts';
import { Redactor } from '../../../core/logging/redact.ts';
import { Stdout } from '../../../ecs/log/stdout.ts';
import { StreamerLog } from '../../../ecs/log/streamer-log.ts';
import type { Recorded } from './storm.ts';

/** What a storm wrote to stdout while it went on for so long. */
export interface Written {
  readonly seconds: number;
  readonly bytesBy: ReadonlyMap<Level, number>;
  readonly lines: readonly string[];
  readonly keptBack: KeptBack;
  /** Calls of the log, whatever became of them. */
  readonly heard: number;
}

/** What a program tells at a fixed period whatever happens; recorded seconds hold it more often than it comes. */
const PERIOD_SEC: Readonly<Partial<Record<EventName, number>>> = { heartbeat: 30, publish_ok: 30 };
const START_MS = Date.UTC(2026, 10, 23, 12);
/** Lines kept for who wants to look at them. */
const KEPT_LINES = 5_000;

/**
 * Some seconds of a storm, one after the other for so long, through the real log at INFO over a clock of ours: its bounds
 * count by the minute, so that bytes of a few seconds say nothing of a day. `stretch`: how much faster than in the field
 * the recorded seconds were, where their waits were shortened for the test.
 */
export function playAgain({ heard, ms }: Recorded, forSec: number, stretch = 1): Written {
  const bytesBy = new Map<Level, number>();
  const lines: string[] = [];
  let now = START_MS;
  const writeSome = (bytes: Uint8Array): number => {
    const line = Buffer.from(bytes).toString();
    const { level } = JSON.parse(line) as { readonly level: Level };
    bytesBy.set(level, (bytesBy.get(level) ?? 0) + bytes.length);
    if (lines.length < KEPT_LINES) lines.push(line);
    return bytes.length;
  };
  const stdout = new Stdout({ writeSome, later: () => undefined, pause: () => undefined });
  const log = new StreamerLog(
    { level: 'INFO', file: undefined },
    { stdout, redactor: new Redactor([]), now: () => now, monotonic: () => now, pause: () => undefined },
  );
  const lastTold = new Map<EventName, number>();
  const untilMs = START_MS + forSec * 1_000;
  let count = 0;
  for (let from = START_MS; from < untilMs; from += ms * stretch) {
    for (const { ms: at, event, fields } of heard) {
      now = from + at * stretch;
      if (now >= untilMs) break;
      const period = PERIOD_SEC[event];
      if (period !== undefined && now - (lastTold.get(event) ?? Number.NEGATIVE_INFINITY) < period * 1_000) continue;
      lastTold.set(event, now);
      count++;
      log.log(event, fields as never);
    }
  }
  return { seconds: forSec, bytesBy, lines, keptBack: log.keptBack, heard: count };
}

const DAY_SEC = 86_400;

/** Bytes a day of all levels, if it goes on like this. */
export function aDayOf({ bytesBy, seconds }: Written): number {
  return ([...bytesBy.values()].reduce((all, one) => all + one, 0) * DAY_SEC) / seconds;
}
