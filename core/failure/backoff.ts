import type { RetryKind } from './classes.ts';
import { RETRY_AFTER_MAX_MS } from './signals.ts';

/** How long to wait between attempts. Spans in milliseconds. */
export interface BackoffPolicy {
  /** Attempts in all for one class of failure, the first included; then it is given up. */
  readonly attempts: number;
  readonly baseMs: number;
  readonly capMs: number;
  /** full: 0 … wait, spreads best. equal: half of the wait … wait, for where an early attempt only does harm. */
  readonly jitter: 'full' | 'equal';
}

export const BACKOFF_POLICIES = {
  no: { attempts: 1, baseMs: 0, capMs: 0, jitter: 'full' },
  once: { attempts: 2, baseMs: 200, capMs: 2_000, jitter: 'equal' },
  short: { attempts: Infinity, baseMs: 100, capMs: 5_000, jitter: 'full' },
  long: { attempts: Infinity, baseMs: 1_000, capMs: 30_000, jitter: 'equal' },
  slow: { attempts: Infinity, baseMs: 10_000, capMs: 300_000, jitter: 'equal' },
} as const satisfies Readonly<Record<RetryKind, BackoffPolicy>>;

/**
 * The wait after failed attempt 1, 2, 3 …: exponential up to the cap, jittered by `jitterUnit` in [0, 1), never less than
 * what the other side asked for (itself at most RETRY_AFTER_MAX_MS). A whole number, 0 … max(capMs, RETRY_AFTER_MAX_MS).
 */
export function backoffMs(policy: BackoffPolicy, attempt: number, jitterUnit: number, retryAfterMs = 0): number {
  const doublings = Math.min(Math.max(attempt - 1, 0), MAX_DOUBLINGS) || 0;
  const full = Math.min(policy.capMs, policy.baseMs * 2 ** doublings);
  const jitter = Math.min(Math.max(jitterUnit, 0), 1) || 0;
  const wait = policy.jitter === 'full' ? full * jitter : (full / 2) * (1 + jitter);
  const asked = Math.min(Math.max(retryAfterMs, 0), RETRY_AFTER_MAX_MS) || 0;
  return Math.round(Math.max(wait, asked));
}

const MAX_DOUBLINGS = 30;
