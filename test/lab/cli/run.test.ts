import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runLab } from '../../../lab/cli/run.ts';
import { ran } from './files.ts';

const MAIN = fileURLToPath(new URL('../../../lab/main.ts', import.meta.url));
const run = (...argv: string[]): ReturnType<typeof ran> => ran(runLab, ...argv);

describe('the lab', () => {
  test('without a command or with an unknown one says what there is and ends 2', async () => {
    for (const argv of [[], ['what'], ['toString']]) {
      const { code, lines } = await run(...argv);
      expect(code).toBe(2);
      for (const name of ['test-filters', 'test-alarms', 'insights', 'replay'])
        expect(lines.join('\n')).toContain(name);
    }
  });

  test('helps and ends 0', async () => {
    expect((await run('--help')).code).toBe(0);
  });

  test.each(['test-filters', 'test-alarms', 'insights', 'replay'])(
    'has %s, which ends 2 without its file',
    async (name) => {
      expect((await run(name)).code).toBe(2);
    },
  );

  test('runs as a program', () => {
    expect(execFileSync(process.execPath, [MAIN, 'help'], { encoding: 'utf8' })).toContain('test-alarms FILE');
  });
});
