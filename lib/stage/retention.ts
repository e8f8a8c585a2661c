import { EVENT_SOURCE } from '../../core/contract/event-source.ts';

/**
 * A record must reach its end of age in the event source before it does in the stream: only then does it go, with its
 * payload, to the failure destination. Hours; longer than the longest batch takes, and than a shard's reader may lag.
 */
const RETENTION_RESERVE_HOURS = 6;
const HOUR_SEC = 3_600;

/** After how long the event source gives a record up, seconds: the promise, or what the stage's retention leaves of it. */
export function recordAgeOf(retentionHours: number): number {
  return Math.min(EVENT_SOURCE.maximumRecordAge_sec, (retentionHours - RETENTION_RESERVE_HOURS) * HOUR_SEC);
}
