import { instantOfText } from '../../lab/insights/time-range.ts';
import { UsageError } from './command.ts';

/** `1h`, `90m`, an instant or `now`: milliseconds since 1970. Throws UsageError. */
export function sinceOf(text: string, now_ms: number): number {
  const at_ms = instantOfText(text, now_ms);
  if (at_ms === undefined) throw new UsageError(`--since ${text} is no span (1h, 90m, 7d) and no instant`);
  if (at_ms > now_ms) throw new UsageError(`--since ${text} is in the future`);
  return at_ms;
}
