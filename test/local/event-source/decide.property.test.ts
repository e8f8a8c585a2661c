import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  admit,
  decide,
  newBatch,
  type Batch,
  type BatchRecord,
  type Next,
} from '../../../local/event-source/decide.ts';
import type { InvokeOutcome } from '../../../local/lambda/invoke-outcome.ts';
import { SETTINGS } from './fakes.ts';

const START = 1_700_000_000_000;

const settings = fc.record({
  maximumRetryAttempts: fc.nat(4),
  bisectBatchOnFunctionError: fc.boolean(),
  reportBatchItemFailures: fc.boolean(),
  maximumRecordAge_sec: fc.constantFrom(60, 3_600, 604_800),
});

type Items = (number | string | null | undefined)[];
/** An answer's items are chosen by position, whatever batch it meets; some meet none. */
const items: fc.Arbitrary<Items> = fc.array(fc.oneof(fc.nat(30), fc.constantFrom('', null, 'unknown', undefined)), {
  maxLength: 4,
});
const outcome = fc.oneof(
  fc.constantFrom('function_error', 'timeout', 'throttled', 'null', 'garbage'),
  items.map((chosen) => ({ items: chosen })),
);
type Scripted = string | { readonly items: Items };

const records = fc
  .array(fc.nat(4_000), { minLength: 1, maxLength: 25 })
  .map((ages) =>
    ages.sort((a, b) => b - a).map((age, i) => ({ sequenceNumber: String(i), arrivedAt: START - age * 1_000 })),
  );

describe('a batch, whatever its invocations come to', () => {
  it('has every record acknowledged or in the failure destination, once, in order, within a bounded time', () => {
    fc.assert(
      fc.property(
        records,
        settings,
        fc.array(outcome, { maxLength: 40 }),
        fc.nat(120),
        (all, chosen, script, step_sec) => {
          const rules = { ...SETTINGS, ...chosen };
          const settled: BatchRecord[] = [];
          let pending: readonly Batch<BatchRecord>[] = [newBatch(all)];
          let now = START;
          let invocations = 0;
          const take = (before: Batch<BatchRecord>, next: Next<BatchRecord>): void => {
            const discarded = next.discarded?.batch.records ?? [];
            const open = next.pending.flatMap((batch) => batch.records);
            expect([...next.acknowledged, ...discarded, ...open]).toEqual(before.records);
            settled.push(...next.acknowledged, ...discarded);
          };
          for (let turn = 0; pending.length > 0; turn++) {
            expect(turn).toBeLessThan(2_000);
            const [first, ...later] = pending as [Batch<BatchRecord>, ...Batch<BatchRecord>[]];
            const admitted = admit(first, rules, now);
            take(first, admitted);
            const [batch] = admitted.pending;
            if (batch === undefined) {
              pending = later;
              continue;
            }
            const answer = outcomeOf(script[turn] ?? 'function_error', batch);
            const next = decide(batch, answer, rules);
            take(batch, next);
            if (answer.kind !== 'response') expect(next.acknowledged).toEqual([]);
            if (answer.kind !== 'throttled') invocations++;
            pending = [...next.pending, ...later];
            now += step_sec * 1_000;
          }
          expect(settled).toEqual(all);
          // n records make at most 2n-1 batches by splitting, and each is retried at most so often.
          expect(invocations).toBeLessThanOrEqual(2 * all.length * (rules.maximumRetryAttempts + 1));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('is retried as the same records, unless some of them were settled or bisecting is on', () => {
    fc.assert(
      fc.property(records, settings, outcome, (all, chosen, scripted) => {
        const rules = { ...SETTINGS, ...chosen, bisectBatchOnFunctionError: false };
        const batch = newBatch(all);
        const next = decide(batch, outcomeOf(scripted, batch), rules);
        const [retried] = next.pending;
        if (retried === undefined) return;
        expect(next.pending).toHaveLength(1);
        expect(retried.records).toEqual(all.slice(next.acknowledged.length));
      }),
    );
  });
});

function outcomeOf(scripted: Scripted, batch: Batch<BatchRecord>): InvokeOutcome {
  if (typeof scripted === 'object') {
    const batchItemFailures = scripted.items.map((item) => ({
      itemIdentifier: typeof item === 'number' ? batch.records[item % batch.records.length]?.sequenceNumber : item,
    }));
    return { kind: 'response', payload: { batchItemFailures } };
  }
  switch (scripted) {
    case 'throttled':
    case 'timeout':
      return { kind: scripted };
    case 'null':
      return { kind: 'response', payload: null };
    case 'garbage':
      return { kind: 'response', payload: 'garbage' };
    default:
      return { kind: 'function_error', error: { errorType: 'Error', errorMessage: 'no' } };
  }
}
