import { expect, it } from 'vitest';
import { positionOf, readableShards } from '../../../local/event-source/shards.ts';

const shard = (shardId: string, ...parents: readonly string[]) => ({ shardId, parents });
const ids = (shards: readonly { readonly shardId: string }[]) => shards.map(({ shardId }) => shardId);

it('reads children when all their parents are finished, and orphans at once', () => {
  const listed = [shard('a'), shard('b'), shard('c', 'a', 'b'), shard('d', 'a'), shard('e', 'long gone')];
  expect(ids(readableShards(listed, new Set(), new Set()))).toEqual(['a', 'b', 'e']);
  expect(ids(readableShards(listed, new Set(['a', 'b', 'e']), new Set(['a'])))).toEqual(['d']);
  expect(ids(readableShards(listed, new Set(['a', 'b', 'd', 'e']), new Set(['a', 'b'])))).toEqual(['c']);
});

it('begins at LATEST only a shard that was there from the start and never had a checkpoint', () => {
  expect(positionOf({ kind: 'none' }, 'LATEST', true)).toEqual({ kind: 'LATEST' });
  expect(positionOf({ kind: 'none' }, 'LATEST', false)).toEqual({ kind: 'TRIM_HORIZON' });
  expect(positionOf({ kind: 'none' }, 'TRIM_HORIZON', true)).toEqual({ kind: 'TRIM_HORIZON' });
  expect(positionOf({ kind: 'unreadable' }, 'LATEST', true)).toEqual({ kind: 'TRIM_HORIZON' });
  expect(positionOf({ kind: 'after', sequenceNumber: '7' }, 'LATEST', true)).toEqual({
    kind: 'after',
    sequenceNumber: '7',
  });
});
