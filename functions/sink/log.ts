import type { Logger } from '@aws-lambda-powertools/logger';
import type { Level } from '../../core/logging/events.ts';
import { type EventLog, eventLog, type WriteEvent } from '../../core/logging/event-log.ts';
import { gatedWriter } from '../../core/logging/gated.ts';
import { Redactor } from '../../core/logging/redact.ts';
import { redactedWriter } from '../../core/logging/redacted.ts';
import type { Secret } from '../../core/logging/secret.ts';
import { powertoolsWriter } from '../powertools.ts';

export interface SinkLogOptions {
  readonly logger: Logger;
  readonly secrets: readonly Secret[];
  readonly lowest: Level;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface SinkLog {
  readonly log: EventLog;
  /** The environment ends: tells what the log's bounds kept back since they told it last. */
  readonly end: () => void;
}

/** The sink's log: within the log's bounds and without secrets, whatever a caller put into it. */
export function sinkLog({ logger, secrets, lowest, now }: SinkLogOptions): SinkLog {
  const lines = redactedWriter(powertoolsWriter(logger), new Redactor(secrets));
  const told = { lines: 0, bytes: 0 };
  const write: WriteEvent = (level, event, fields) => {
    if (event === 'log_suppressed') {
      told.lines += Number(fields['count']);
      told.bytes += Number(fields['bytes']);
    }
    lines(level, event, fields);
  };
  const gated = gatedWriter({ write, now, lowest });
  const end = (): void => {
    const total = gated.keptBack();
    const count = total.lines - told.lines;
    if (count > 0) eventLog(write)('log_suppressed', { count, bytes: total.bytes - told.bytes, kinds: [] });
  };
  return { log: eventLog(gated.write), end };
}
