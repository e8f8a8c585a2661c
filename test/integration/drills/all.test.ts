import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { FAST_DRILLS } from '../../../local/drills/drills/all.ts';

const WITHIN_MS = 540_000;

/** The command's last line. */
interface Score {
  readonly drills: number;
  readonly recall: number;
  readonly falsePages: number;
}

test(
  'every fault is told by what should tell it, and no drill wakes anybody for nothing',
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['local/drills/main.ts', '--all', '--fast'], {
      timeout: WITHIN_MS,
      maxBuffer: 16 * 1_048_576,
    }).catch((error: unknown) => error as { readonly stdout: string });
    process.stdout.write(`${stdout}\n`);
    const score = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Score;
    expect(score, stdout).toMatchObject({ drills: FAST_DRILLS.length, recall: 1, falsePages: 0 });
    expect(stdout, 'drills that did not hold').not.toContain('FAULTS');
  },
  WITHIN_MS,
);
