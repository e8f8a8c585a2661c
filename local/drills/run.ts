import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { capture } from './capture.ts';
import type { Drill } from './drill.ts';
import { type Capture } from './scale.ts';
import { Stage } from './stage.ts';

export interface RunOptions {
  /** Stacks that run beside each other. */
  readonly stages: number;
  /** For the stages' data, and one file per drill of what was captured. */
  readonly dir: string;
  readonly onCaptured: (drill: Drill, captured: Capture) => void;
  /** The drill could not be carried out; nothing was captured. */
  readonly onBroken: (drill: Drill, error: unknown) => void;
}

/** Carries drills out, each stage one after the other. A stage on which one broke is not used again. */
export async function runDrills(drills: readonly Drill[], options: RunOptions): Promise<void> {
  const waiting = [...drills];
  const count = Math.min(options.stages, drills.length);
  await mkdir(capturesIn(options.dir), { recursive: true });
  await Promise.all(
    Array.from({ length: count }, async (_, number) => {
      while (waiting.length > 0)
        await onOneStage(waiting, join(options.dir, `stage-${process.pid}-${number}`), options);
    }),
  );
}

export function captureFile(dir: string, { name }: Drill): string {
  return join(capturesIn(dir), `${fileName(name)}.json`);
}

export function fileName(drill: string): string {
  return drill.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

function capturesIn(dir: string): string {
  return join(dir, 'captures');
}

async function onOneStage(waiting: Drill[], dir: string, { dir: root, onCaptured, onBroken }: RunOptions) {
  await rm(dir, { recursive: true, force: true });
  const stage = await Stage.open(dir);
  try {
    for (let drill = waiting.shift(); drill !== undefined; drill = waiting.shift()) {
      try {
        const captured = await capture(drill, stage);
        await writeFile(captureFile(root, drill), JSON.stringify(captured));
        onCaptured(drill, captured);
      } catch (error) {
        onBroken(drill, error);
        return;
      }
    }
  } finally {
    await stage.close();
    await rm(dir, { recursive: true, force: true });
  }
}
