import type { Level } from '../core/logging/events.ts';
import { isLogged, type WriteEvent } from '../core/logging/event-log.ts';

const SERVICE = 'kalshi-tape-streamer';

/** One JSON object a line, in the shape that Powertools writes in the Lambdas: CloudWatch, Loki and jq read both alike. */
export function jsonLines(write: (line: string) => void, lowest: Level, now: () => Date): WriteEvent {
  let log_seq = 0;
  return (level, event, fields) => {
    if (!isLogged(level, lowest)) return;
    log_seq++;
    const head = { level, message: event, timestamp: now().toISOString(), service: SERVICE, log_seq };
    write(`${JSON.stringify({ ...head, ...fields })}\n`);
  };
}
