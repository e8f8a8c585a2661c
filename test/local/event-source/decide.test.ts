import { describe, expect, it } from 'vitest';
import { admit, decide, newBatch, type Batch, type BatchRecord } from '../../../local/event-source/decide.ts';
import { failuresOf, OK, SETTINGS } from './fakes.ts';

const NOW = 1_700_000_000_000;
const ERROR = { kind: 'function_error', error: { errorType: 'Error', errorMessage: 'no' } } as const;
const batchOf = (...ages_sec: readonly number[]): Batch<BatchRecord> =>
  newBatch(ages_sec.map((age, i) => ({ sequenceNumber: String(i), arrivedAt: NOW - age * 1_000 })));
const numbers = (batch: { readonly records: readonly BatchRecord[] } | undefined) =>
  batch?.records.map((record) => record.sequenceNumber);

describe('what becomes of a batch', () => {
  it('is retried as it is after an error, until its retries are used up', () => {
    const batch = batchOf(1, 1, 1);
    const first = decide(batch, ERROR, SETTINGS);
    expect(first.pending).toEqual([{ ...batch, invocations: 1, retriesUsed: 1, lastFailure: 'function_error' }]);
    const last = decide({ ...batch, invocations: 2, retriesUsed: 2 }, { kind: 'timeout' }, SETTINGS);
    expect(last.pending).toEqual([]);
    expect(last.discarded?.condition).toBe('RetryAttemptsExhausted');
    expect(last.discarded?.batch).toEqual({ ...batch, invocations: 3, retriesUsed: 2, lastFailure: 'timeout' });
  });

  it('keeps what follows the lowest failed record and counts that as a retry', () => {
    const next = decide(batchOf(1, 1, 1, 1), failuresOf('3', '2'), SETTINGS);
    expect(numbers({ records: next.acknowledged })).toEqual(['0', '1']);
    expect(next.pending.map(numbers)).toEqual([['2', '3']]);
    expect(next.pending[0]).toMatchObject({ retriesUsed: 1, lastFailure: 'partial_failure' });
  });

  it('acknowledges what was done even when the rest has no retries left', () => {
    const next = decide({ ...batchOf(1, 1), retriesUsed: 2 }, failuresOf('1'), SETTINGS);
    expect(numbers({ records: next.acknowledged })).toEqual(['0']);
    expect(numbers(next.discarded?.batch)).toEqual(['1']);
  });

  it('uses up no retry and no invocation when throttled', () => {
    const batch = { ...batchOf(1), retriesUsed: 2 };
    expect(decide(batch, { kind: 'throttled' }, SETTINGS).pending).toEqual([{ ...batch, lastFailure: 'throttled' }]);
  });

  it('is halved after an error when bisecting, which uses up no retry, down to one record', () => {
    const settings = { ...SETTINGS, bisectBatchOnFunctionError: true, maximumRetryAttempts: 0 };
    const next = decide(batchOf(1, 1, 1), ERROR, settings);
    expect(next.pending.map(numbers)).toEqual([['0', '1'], ['2']]);
    expect(next.pending.map((half) => half.retriesUsed)).toEqual([0, 0]);
    expect(numbers(decide(batchOf(1), ERROR, settings).discarded?.batch)).toEqual(['0']);
  });

  it('is split at the returned record when bisecting', () => {
    const next = decide(batchOf(1, 1, 1), failuresOf('1'), { ...SETTINGS, bisectBatchOnFunctionError: true });
    expect(next.pending.map(numbers)).toEqual([['1', '2']]);
    expect(next.pending[0]?.retriesUsed).toBe(0);
  });

  it('is done, whatever the answer says, where item failures are not reported', () => {
    const next = decide(batchOf(1, 1), failuresOf('0'), { ...SETTINGS, reportBatchItemFailures: false });
    expect(numbers({ records: next.acknowledged })).toEqual(['0', '1']);
  });

  it('is done, and that is said, when the answer has a shape AWS does not know', () => {
    const next = decide(batchOf(1), { kind: 'response', payload: { failed: ['0'] } }, SETTINGS);
    expect(next).toMatchObject({ responseNotUnderstood: true, pending: [], failure: null });
    expect(decide(batchOf(1), OK, SETTINGS).responseNotUnderstood).toBe(false);
  });

  it('loses its too old records, and only those, before an invocation', () => {
    const settings = { ...SETTINGS, maximumRecordAge_sec: 60 };
    const next = admit(batchOf(90, 61, 60, 5), settings, NOW);
    expect(next.discarded?.condition).toBe('RecordAgeExceeded');
    expect(numbers(next.discarded?.batch)).toEqual(['0', '1']);
    expect(next.pending.map(numbers)).toEqual([['2', '3']]);
    expect(admit(batchOf(90), settings, NOW).pending).toEqual([]);
    const young = batchOf(5, 1);
    expect(admit(young, settings, NOW)).toMatchObject({ discarded: null, pending: [young] });
  });
});
