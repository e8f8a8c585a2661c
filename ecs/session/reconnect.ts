import { backoffMs } from '../../core/failure/backoff.ts';
import type { Before, SessionState, StepContext } from './state.ts';

/** Not connected for `backoff_ms`; `before`: the session that the next one follows. */
export function waiting(
  backoff_ms: number,
  attempt: number,
  before: Before | undefined,
  { now }: StepContext,
): SessionState {
  return { name: 'waiting', until_us: now + backoff_ms * 1_000, attempt, before };
}

/** Milliseconds until the given attempt; longer where the exchange refused us. */
export function reconnectWait(attempt: number, refused: boolean, { plan, random }: StepContext): number {
  const { backoffBase_ms, backoffMax_ms, backoffRefused_ms } = plan;
  const policy = refused
    ? { attempts: Infinity, baseMs: 2 * backoffRefused_ms, capMs: 20 * backoffRefused_ms, jitter: 'equal' as const }
    : { attempts: Infinity, baseMs: backoffBase_ms, capMs: backoffMax_ms, jitter: 'equal' as const };
  return backoffMs(policy, attempt, random());
}
