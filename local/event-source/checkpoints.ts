import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** How far a shard is settled. */
export type Checkpoint =
  | { readonly kind: 'none' }
  | { readonly kind: 'after'; readonly sequenceNumber: string }
  | { readonly kind: 'shard_end' }
  /** There was one, and it cannot be read: the shard is read from its start again. */
  | { readonly kind: 'unreadable' };

export interface Checkpoints {
  read(shardId: string): Promise<Checkpoint>;
  write(shardId: string, checkpoint: Checkpoint): Promise<void>;
}

const stored = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('after'), sequenceNumber: z.string().regex(/^\d+$/) }),
  z.object({ kind: z.literal('shard_end') }),
]);

/** One file per shard in `folder`, replaced as a whole: after a crash or a power cut it is the old one or the new one. */
export function fileCheckpoints(folder: string): Checkpoints {
  const pathOf = (shardId: string): string => join(folder, `${shardId}.json`);
  return {
    async read(shardId) {
      let text: string;
      try {
        text = await readFile(pathOf(shardId), 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { kind: 'none' };
        throw error;
      }
      return parse(text);
    },

    async write(shardId, checkpoint) {
      await mkdir(folder, { recursive: true });
      const temporary = `${pathOf(shardId)}.tmp`;
      const file = await open(temporary, 'w');
      try {
        await file.writeFile(`${JSON.stringify(checkpoint)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, pathOf(shardId));
    },
  };
}

function parse(text: string): Checkpoint {
  try {
    const result = stored.safeParse(JSON.parse(text));
    return result.success ? result.data : { kind: 'unreadable' };
  } catch {
    return { kind: 'unreadable' };
  }
}
