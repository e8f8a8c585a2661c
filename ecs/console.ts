import { pino } from 'pino';
import type { Level } from '../core/logging/events.ts';
import type { WriteEvent } from '../core/logging/event-log.ts';

const SERVICE = 'kalshi-tape-streamer';
const METHOD = { DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error', CRITICAL: 'fatal' } as const;
const LEVEL_OF = new Map<string, Level>(Object.entries(METHOD).map(([level, method]) => [method, level as Level]));

/**
 * One JSON object a line, in the shape that Powertools writes in the Lambdas: CloudWatch, Loki and jq read both alike.
 * Lines are counted, each destination by itself: what is below `lowest` is no hole in `log_seq`.
 */
export function jsonLines(write: (line: string) => void, lowest: Level, now: () => Date): WriteEvent {
  const logger = pino(
    {
      level: METHOD[lowest],
      base: null,
      // The time stands in the object, so that the head is in the same order in all programs.
      timestamp: false,
      formatters: { level: (method) => ({ level: LEVEL_OF.get(method) }) },
    },
    // In this thread: a worker's file would not survive bundling, and a crash line would stay on its way to it.
    { write },
  );
  let log_seq = 0;
  return (level, event, fields) => {
    const method = METHOD[level];
    if (!logger.isLevelEnabled(method)) return;
    log_seq++;
    logger[method]({ message: event, timestamp: now().toISOString(), service: SERVICE, log_seq, ...fields });
  };
}
