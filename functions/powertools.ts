import type { Logger } from '@aws-lambda-powertools/logger';
import type { Level } from '../core/logging/events.ts';
import type { WriteEvent } from '../core/logging/event-log.ts';

const METHOD = {
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
  CRITICAL: 'critical',
} as const satisfies Record<Level, keyof Logger>;

/** Catalogued events through Powertools: its envelope, our fields. */
export function powertoolsWriter(logger: Logger): WriteEvent {
  return (level, event, fields) => logger[METHOD[level]](event, { ...fields });
}
