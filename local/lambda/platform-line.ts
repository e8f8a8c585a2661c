import type { InvokeOutcome } from './invoke-outcome.ts';

/** The invocation that a platform line is about. */
export interface Invoked {
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly memoryLimitMb: number;
}

/**
 * What Lambda writes into the function's log by itself, at the system level WARN that we deploy: a report where there was
 * no answer. Undefined: it says nothing. Source: the Telemetry API's event schema, platform.report and platform.initReport.
 */
export function platformLine(phase: 'init' | 'invoke', outcome: InvokeOutcome, invoked: Invoked): string | undefined {
  if (outcome.kind === 'response' || outcome.kind === 'throttled') return undefined;
  const durationMs = invoked.endedAt - invoked.startedAt;
  const failed =
    outcome.kind === 'timeout'
      ? { status: 'timeout' }
      : {
          status: outcome.error.errorType === 'Runtime.ExitError' ? 'failure' : 'error',
          errorType: outcome.error.errorType,
        };
  const record =
    phase === 'init'
      ? { initializationType: 'on-demand', phase, ...failed, metrics: { durationMs } }
      : {
          requestId: invoked.requestId,
          ...failed,
          metrics: { durationMs, billedDurationMs: Math.ceil(durationMs), memorySizeMB: invoked.memoryLimitMb },
        };
  const type = phase === 'init' ? 'platform.initReport' : 'platform.report';
  return JSON.stringify({ time: new Date(invoked.endedAt).toISOString(), type, record });
}
