import type { InvokeOutcome } from '../lambda/invoke-outcome.ts';
import { admit, decide, newBatch, type Batch, type Next } from './decide.ts';
import type { ShardContext } from './options.ts';
import { eventOf, type SourceRecord } from './source-record.ts';
import { retryDelayMs } from './timing.ts';

/**
 * Settles the records of one batch, whatever it takes: carries out what decide.ts says. Returns when each record is
 * acknowledged or in the failure destination, or when the event source stops; what is then open is delivered again.
 */
export async function runBatch(records: readonly SourceRecord[], context: ShardContext): Promise<void> {
  const { settings, clock, stopping, counters } = context;
  let pending: readonly Batch<SourceRecord>[] = [newBatch(records)];
  let failuresInARow = 0;
  for (;;) {
    const [first, ...later] = pending;
    if (first === undefined || stopping.aborted) break;
    const admitted = admit(first, settings, clock.now());
    if (!(await settle(admitted, context))) return;
    const [batch] = admitted.pending;
    if (batch === undefined) {
      pending = later;
      continue;
    }
    const outcome = await invoke(batch, context);
    if (outcome === 'abandoned') return;
    const next = decide(batch, outcome, settings);
    if (!(await settle(next, context))) return;
    pending = [...next.pending, ...later];
    failuresInARow = next.failure === null || settledSome(next) ? 0 : failuresInARow + 1;
    const delayMs = next.failure === null ? null : retryDelayMs(Math.max(1, failuresInARow), context.timing);
    report(batch, outcome, next, delayMs, context);
    if (delayMs !== null && next.pending.length > 0) await clock.sleep(delayMs, stopping);
  }
  if (pending.length === 0) counters.batches++;
}

async function invoke(batch: Batch<SourceRecord>, context: ShardContext): Promise<InvokeOutcome | 'abandoned'> {
  const { clock, counters, origin, abandoning } = context;
  const invokedAt = clock.now();
  const outcome = await context.invoke(eventOf(batch.records), abandoning).catch(functionErrorOf);
  if (abandoning.aborted) return 'abandoned';
  if (outcome.kind !== 'throttled') {
    counters.invoked += batch.records.length;
    counters.invocations++;
    counters.invocationMs += clock.now() - invokedAt;
    if (batch.invocations > 0) counters.retries++;
  }
  counters.setIteratorAge(origin.shardId, Math.max(0, clock.now() - (batch.records.at(-1)?.arrivedAt ?? 0)));
  return outcome;
}

function functionErrorOf(error: unknown): InvokeOutcome {
  const errorMessage = error instanceof Error ? error.message : String(error);
  return { kind: 'function_error', error: { errorType: 'InvokeFailed', errorMessage } };
}

/** Destination first, then the checkpoint: a crash in between delivers again, it never loses. False: stopped before. */
async function settle(next: Next<SourceRecord>, context: ShardContext): Promise<boolean> {
  if (next.discarded !== null && !(await discard(next.discarded, context))) return false;
  const last = next.discarded?.batch.records.at(-1) ?? next.acknowledged.at(-1);
  if (last === undefined) return true;
  const { shardId } = context.origin;
  try {
    await context.checkpoints.write(shardId, { kind: 'after', sequenceNumber: last.sequenceNumber });
  } catch (error) {
    context.onEvent({ kind: 'checkpoint_failed', shardId, error });
  }
  return true;
}

async function discard(
  discarded: NonNullable<Next<SourceRecord>['discarded']>,
  context: ShardContext,
): Promise<boolean> {
  const { origin, functionArn, clock, counters, stopping, onEvent } = context;
  const { batch, condition } = discarded;
  for (let attempt = 1; ; attempt++) {
    try {
      const at = clock.now();
      const path = await context.failureDestination.write({ batch, condition, origin, functionArn, discardedAt: at });
      counters.sentToDestination += batch.records.length;
      onEvent({ kind: 'sent_to_destination', shardId: origin.shardId, records: batch.records.length, condition, path });
      return true;
    } catch (error) {
      onEvent({ kind: 'destination_failed', shardId: origin.shardId, error });
    }
    await clock.sleep(retryDelayMs(attempt, context.timing), stopping);
    if (stopping.aborted) return false;
  }
}

function settledSome(next: Next<SourceRecord>): boolean {
  return next.acknowledged.length > 0 || next.discarded !== null;
}

function report(
  batch: Batch<SourceRecord>,
  outcome: InvokeOutcome,
  next: Next<SourceRecord>,
  delayMs: number | null,
  { origin: { shardId }, counters, onEvent, clock }: ShardContext,
): void {
  const records = batch.records.length;
  if (next.failure !== null) {
    if (next.failure === 'throttled') counters.throttles++;
    else counters.failures++;
    const error = outcome.kind === 'function_error' ? outcome.error : null;
    const retryInMs = next.pending.length === 0 ? null : delayMs;
    onEvent({ kind: 'batch_failed', shardId, records, reason: next.failure, error, retryInMs });
    return;
  }
  if (next.responseNotUnderstood) {
    counters.responsesNotUnderstood++;
    const payload = outcome.kind === 'response' ? outcome.payload : null;
    onEvent({ kind: 'response_not_understood', shardId, records, payload });
  }
  const iteratorAgeMs = Math.max(0, clock.now() - (batch.records.at(-1)?.arrivedAt ?? 0));
  onEvent({ kind: 'batch_done', shardId, records, iteratorAgeMs });
}
