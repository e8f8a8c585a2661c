/** How the event source understands what the function answered to a batch. */
export type Verdict =
  | { readonly kind: 'all_done' }
  /** Not a shape AWS knows: it takes the batch for done. Nothing says the function meant that. */
  | { readonly kind: 'not_understood' }
  /** Everything from this index on is to be retried. */
  | { readonly kind: 'failed_from'; readonly index: number; readonly reason: 'partial_failure' | 'invalid_item' };

const ALL_DONE: Verdict = { kind: 'all_done' };
const NOT_UNDERSTOOD: Verdict = { kind: 'not_understood' };
const WHOLE_BATCH: Verdict = { kind: 'failed_from', index: 0, reason: 'invalid_item' };

/**
 * ReportBatchItemFailures, as AWS documents it ("Configuring partial batch response with Kinesis"): the lowest returned
 * sequence number is the checkpoint; null, {} and an empty or null list are success; one item that names no record of
 * the batch (empty, null, unknown, wrong key) fails the whole batch. `sequenceNumbers` is the batch, in order.
 */
export function readResponse(payload: unknown, sequenceNumbers: readonly string[]): Verdict {
  if (payload === null || payload === undefined) return ALL_DONE;
  if (typeof payload !== 'object' || Array.isArray(payload)) return NOT_UNDERSTOOD;
  if (!('batchItemFailures' in payload)) return Object.keys(payload).length === 0 ? ALL_DONE : NOT_UNDERSTOOD;
  const items: unknown = payload.batchItemFailures;
  if (items === null) return ALL_DONE;
  if (!Array.isArray(items)) return NOT_UNDERSTOOD;
  if (items.length === 0) return ALL_DONE;
  const indexes = items.map((item) => indexOf(item, sequenceNumbers));
  if (indexes.includes(-1)) return WHOLE_BATCH;
  return { kind: 'failed_from', index: Math.min(...indexes), reason: 'partial_failure' };
}

function indexOf(item: unknown, sequenceNumbers: readonly string[]): number {
  if (typeof item !== 'object' || item === null || !('itemIdentifier' in item)) return -1;
  return typeof item.itemIdentifier === 'string' ? sequenceNumbers.indexOf(item.itemIdentifier) : -1;
}
