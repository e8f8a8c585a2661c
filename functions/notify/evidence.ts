import type { z } from 'zod';
import type { notifyEnv } from '../../core/contract/notify-env.ts';
import { programsOfEvents } from '../../core/logging/metrics.ts';
import type { Pattern } from '../../core/logging/patterns.ts';
import { eventsMatching, toInsights } from '../../core/logging/query.ts';

/** A row of a query's answer: columns in their order, without what has no value. */
export type Row = readonly { readonly field: string; readonly value: string }[];

export interface Query {
  readonly text: string;
  readonly logGroups: readonly string[];
  /** Milliseconds since 1970. */
  readonly from_ms: number;
  readonly to_ms: number;
}

/** What was found: the newest rows, and how many lines there are in all. */
export interface Evidence {
  readonly rows: readonly Row[];
  readonly matched: number;
}

/** How far back the lines of an alarm are looked for, before its change. */
export const LOOKBACK_MIN = 15;
const MINUTE_MS = 60_000;

/** The query of a heading, as it is saved, over the log groups where its lines are, from 15 minutes before the change until now. */
export function evidenceQuery(
  pattern: Pattern,
  logGroups: z.output<typeof notifyEnv>['LOG_GROUPS'],
  { changedAt_ms, now_ms }: { readonly changedAt_ms: number; readonly now_ms: number },
): Query {
  const programs = programsOfEvents(eventsMatching(pattern.query.where));
  return {
    text: toInsights(pattern.query),
    logGroups: programs.map((program) => logGroups[program]),
    from_ms: Math.min(changedAt_ms, now_ms) - LOOKBACK_MIN * MINUTE_MS,
    to_ms: now_ms,
  };
}
