import type { Severity } from '../../core/logging/alarms.ts';
import { anchorOf } from '../../core/logging/guide.ts';
import type { PatternName } from '../../core/logging/patterns.ts';

/** How alarms of one stage are called and where they point to. */
export interface Naming {
  /** Alarms are `<prefix>-heartbeat-missing`. */
  readonly prefix: string;
  /** Where LOGGING_GUIDE.md is read. */
  readonly guideUrl: string;
}

/** CloudWatch takes so many characters of a description. */
const DESCRIPTION_MAX_CHARS = 1_024;

export function nameOf({ prefix }: Naming, name: string): string {
  return `${prefix}-${name.replaceAll('_', '-')}`;
}

interface Described {
  readonly severity: Severity | 'none';
  readonly means: string;
  readonly action: string;
  readonly pattern: PatternName;
}

/**
 * Who is to be told, `[page]`, `[ticket]` or `[none]`: CloudWatch itself has no field for it, and both may go to one address.
 * Then what is true, what to do, and where it is written. Throws where CloudWatch would not take it.
 */
export function textOf({ guideUrl }: Naming, { severity, means, action, pattern }: Described): string {
  const text = `[${severity}] ${means}\n${action}\n${guideUrl}#${anchorOf(pattern)}`;
  if (text.length > DESCRIPTION_MAX_CHARS) {
    throw new Error(
      `no alarm was made: its description has ${text.length} characters, ${DESCRIPTION_MAX_CHARS} at most`,
    );
  }
  return text;
}
