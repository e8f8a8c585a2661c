import { describe, expect, it } from 'vitest';
import { readResponse } from '../../../local/event-source/response.ts';

// AWS Lambda Developer Guide, "Configuring partial batch response with Kinesis": success and failure conditions.
const BATCH = ['100', '101', '102', '103'];
const failures = (...items: readonly unknown[]) => ({ batchItemFailures: items });

describe('a response to a batch', () => {
  it.each([
    ['null', null],
    ['nothing', undefined],
    ['an empty object', {}],
    ['an empty list', failures()],
    ['a null list', { batchItemFailures: null }],
  ])('%s is success', (_name, payload) => {
    expect(readResponse(payload, BATCH)).toEqual({ kind: 'all_done' });
  });

  it.each([
    ['an empty identifier', failures({ itemIdentifier: '' })],
    ['a null identifier', failures({ itemIdentifier: null })],
    ['a number', failures({ itemIdentifier: 101 })],
    ['a wrong key', failures({ itemIdentifer: '101' })],
    ['an unknown identifier', failures({ itemIdentifier: '999' })],
    ['an unknown identifier beside a known one', failures({ itemIdentifier: '102' }, { itemIdentifier: '999' })],
    ['a bare string', failures('101')],
    ['a null item', failures(null)],
  ])('an item with %s fails the whole batch', (_name, payload) => {
    expect(readResponse(payload, BATCH)).toEqual({ kind: 'failed_from', index: 0, reason: 'invalid_item' });
  });

  it.each([
    ['a string', 'ok'],
    ['a list', ['101']],
    ['a number', 1],
    ['another top-level key', { batch_item_failures: [{ itemIdentifier: '101' }] }],
    ['a list that is none', { batchItemFailures: { itemIdentifier: '101' } }],
  ])('%s is not understood, which AWS takes for success', (_name, payload) => {
    expect(readResponse(payload, BATCH)).toEqual({ kind: 'not_understood' });
  });

  it('retries from the lowest sequence number returned, whatever their order', () => {
    const payload = failures({ itemIdentifier: '103' }, { itemIdentifier: '101' }, { itemIdentifier: '102' });
    expect(readResponse(payload, BATCH)).toEqual({ kind: 'failed_from', index: 1, reason: 'partial_failure' });
  });
});
