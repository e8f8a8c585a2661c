import type { EventSourceSettings } from '../../core/contract/event-source.ts';
import type { Checkpoint } from './checkpoints.ts';
import type { Position, Shard } from './kinesis-stream.ts';

/** Which shards may be read now: those not begun whose parents, where the stream still lists them, are finished. */
export function readableShards(
  listed: readonly Shard[],
  begun: ReadonlySet<string>,
  finished: ReadonlySet<string>,
): readonly Shard[] {
  const known = new Set(listed.map((shard) => shard.shardId));
  return listed.filter(
    (shard) => !begun.has(shard.shardId) && shard.parents.every((parent) => !known.has(parent) || finished.has(parent)),
  );
}

/**
 * Where a shard without a checkpoint begins: LATEST only if it was there when the event source first looked, else
 * what came between its birth and our noticing would be lost. What had a checkpoint is never begun at LATEST.
 */
export function positionOf(
  checkpoint: Exclude<Checkpoint, { kind: 'shard_end' }>,
  startingPosition: EventSourceSettings['startingPosition'],
  thereFromTheStart: boolean,
): Position {
  if (checkpoint.kind === 'after') return checkpoint;
  const latest = checkpoint.kind === 'none' && startingPosition === 'LATEST' && thereFromTheStart;
  return { kind: latest ? 'LATEST' : 'TRIM_HORIZON' };
}
