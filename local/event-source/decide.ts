import type { EventSourceSettings } from '../../core/contract/event-source.ts';
import type { InvokeOutcome } from '../lambda/invoke-outcome.ts';
import { readResponse } from './response.ts';

export interface BatchRecord {
  readonly sequenceNumber: string;
  /** Milliseconds since 1970, given by the stream. */
  readonly arrivedAt: number;
}

/** Records that are invoked together until each of them is settled. Never joined with newer ones. */
export interface Batch<R extends BatchRecord> {
  readonly records: readonly R[];
  /** Invocations so far, those of the larger batch it was cut from included; throttled ones are none. */
  readonly invocations: number;
  readonly retriesUsed: number;
  readonly lastFailure: FailureReason | null;
}

export type FailureReason = 'function_error' | 'timeout' | 'throttled' | 'partial_failure' | 'invalid_item';
export type DiscardCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

/**
 * What becomes of a batch. `acknowledged` and then `discarded` are always the first of its records, and `pending`
 * the others, in order: so the checkpoint only moves forward, and every record is in exactly one of the three.
 */
export interface Next<R extends BatchRecord> {
  readonly acknowledged: readonly R[];
  /** To the failure destination. */
  readonly discarded: { readonly batch: Batch<R>; readonly condition: DiscardCondition } | null;
  /** To be invoked one after the other, before anything newer. */
  readonly pending: readonly Batch<R>[];
  readonly failure: FailureReason | null;
  readonly responseNotUnderstood: boolean;
}

export function newBatch<R extends BatchRecord>(records: readonly R[]): Batch<R> {
  return { records, invocations: 0, retriesUsed: 0, lastFailure: null };
}

/** Before each invocation: records that have become too old leave the batch, and only those. */
export function admit<R extends BatchRecord>(batch: Batch<R>, settings: EventSourceSettings, now: number): Next<R> {
  const oldestAllowed = now - settings.maximumRecordAge_sec * 1_000;
  const firstYoung = batch.records.findIndex((record) => record.arrivedAt >= oldestAllowed);
  const expired = firstYoung === -1 ? batch.records.length : firstYoung;
  if (expired === 0) return { ...NOTHING, pending: [batch] };
  return {
    ...NOTHING,
    discarded: { batch: { ...batch, records: batch.records.slice(0, expired) }, condition: 'RecordAgeExceeded' },
    pending: notEmpty({ ...batch, records: batch.records.slice(expired) }),
  };
}

/** After each invocation. */
export function decide<R extends BatchRecord>(
  batch: Batch<R>,
  outcome: InvokeOutcome,
  settings: EventSourceSettings,
): Next<R> {
  switch (outcome.kind) {
    case 'throttled':
      return { ...NOTHING, pending: [{ ...batch, lastFailure: 'throttled' }], failure: 'throttled' };
    case 'timeout':
    case 'function_error':
      return failedFrom(invoked(batch, outcome.kind), 0, outcome.kind, settings);
    case 'response': {
      const done = { ...NOTHING, acknowledged: batch.records };
      if (!settings.reportBatchItemFailures) return done;
      const sequenceNumbers = batch.records.map((record) => record.sequenceNumber);
      const verdict = readResponse(outcome.payload, sequenceNumbers);
      if (verdict.kind === 'all_done') return done;
      if (verdict.kind === 'not_understood') return { ...done, responseNotUnderstood: true };
      return failedFrom(invoked(batch, verdict.reason), verdict.index, verdict.reason, settings);
    }
  }
}

const NOTHING = {
  acknowledged: [],
  discarded: null,
  pending: [],
  failure: null,
  responseNotUnderstood: false,
} as const;

function invoked<R extends BatchRecord>(batch: Batch<R>, failure: FailureReason): Batch<R> {
  return { ...batch, invocations: batch.invocations + 1, lastFailure: failure };
}

/** Splitting makes a batch smaller, so it ends by itself and uses up no retry; everything else does. */
function failedFrom<R extends BatchRecord>(
  batch: Batch<R>,
  index: number,
  failure: FailureReason,
  settings: EventSourceSettings,
): Next<R> {
  const acknowledged = batch.records.slice(0, index);
  const rest = { ...batch, records: batch.records.slice(index) };
  const next = { ...NOTHING, acknowledged, failure };
  if (settings.bisectBatchOnFunctionError && index > 0) return { ...next, pending: [rest] };
  if (settings.bisectBatchOnFunctionError && rest.records.length > 1) return { ...next, pending: halves(rest) };
  if (rest.retriesUsed >= settings.maximumRetryAttempts) {
    return { ...next, discarded: { batch: rest, condition: 'RetryAttemptsExhausted' } };
  }
  return { ...next, pending: [{ ...rest, retriesUsed: rest.retriesUsed + 1 }] };
}

function halves<R extends BatchRecord>(batch: Batch<R>): readonly Batch<R>[] {
  const middle = Math.ceil(batch.records.length / 2);
  return [
    { ...batch, records: batch.records.slice(0, middle) },
    { ...batch, records: batch.records.slice(middle) },
  ];
}

function notEmpty<R extends BatchRecord>(batch: Batch<R>): readonly Batch<R>[] {
  return batch.records.length === 0 ? [] : [batch];
}
