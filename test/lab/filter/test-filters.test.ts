import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { testFilters } from '../../../lab/cli/test-filters.ts';

/** Cases documented and recorded elsewhere, where this machine has them; they are not ours to ship. */
const RECORDED = fileURLToPath(new URL('../../../../shared/aws/filter-pattern-cases.json', import.meta.url));
const NOT_HERE = 'the recorded cases are not on this machine (../shared/aws)';

const directory = mkdtempSync(path.join(tmpdir(), 'test-filters-'));
afterAll(() => rmSync(directory, { recursive: true }));

async function run(...args: readonly string[]): Promise<{ code: number; lines: readonly string[] }> {
  const lines: string[] = [];
  return { code: await testFilters(args, (line) => lines.push(line)), lines };
}

function file(content: unknown): string {
  const name = path.join(directory, 'cases.json');
  writeFileSync(name, typeof content === 'string' ? content : JSON.stringify(content));
  return name;
}

describe('test-filters', () => {
  test('answers 0 and one line of counts where every case is as expected', async () => {
    const { code, lines } = await run(
      file([
        { event: '{"a":1}', pattern: '{ $.a = 1 }', expect: 'match', source: 'a note' },
        { event: { a: 1 }, pattern: '{ $.a = 2 }', expect: 'nomatch' },
        { event: 'x', pattern: 'a:b', expect: 'invalid' },
      ]),
    );
    expect(code).toBe(0);
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([{ cases: 3, passed: 3, failed: 0 }]);
  });

  test('shows every case that differs with its index, pattern, event and fault, and answers 1', async () => {
    const { code, lines } = await run(
      file([
        { event: '', pattern: '', expect: 'match' },
        { event: 'hello', pattern: 'hello', expect: 'nomatch' },
        { event: 'hello', pattern: 'he:lo', expect: 'match' },
      ]),
    );
    expect(code).toBe(1);
    expect(JSON.parse(lines.at(-1)!)).toEqual({ cases: 3, passed: 1, failed: 2 });
    const shown = lines.slice(0, -1).join('\n');
    for (const part of ['case 1', 'case 2', 'he:lo', 'hello', 'invalid', 'at 2']) expect(shown).toContain(part);
    expect(shown).not.toContain('case 0');
  });

  test.each([
    ['no file is named', []],
    ['two files are named', ['a', 'b']],
    ['an option is given that it does not know', ['--all']],
    ['the file is not there', [path.join(directory, 'none.json')]],
  ])('answers 2 and no counts where %s', async (_, args) => {
    const { code, lines } = await run(...args);
    expect(code).toBe(2);
    expect(lines).toHaveLength(1);
  });

  test.each([
    ['is not JSON', '[{'],
    ['is not an array', '{}'],
    ['has a case without an event', [{ pattern: '', expect: 'match' }]],
    ['has a case without a pattern', [{ event: '', expect: 'match' }]],
    ['expects what cannot be', [{ event: '', pattern: '', expect: 'maybe' }]],
    ['has a case that is null', [null]],
  ])('answers 2 where the file %s', async (_, content) => {
    expect((await run(file(content))).code).toBe(2);
  });

  test('finds no difference from what AWS documents and answered', async ({ skip }) => {
    if (!existsSync(RECORDED)) skip(NOT_HERE);
    const { code, lines } = await run(RECORDED);
    expect(lines.slice(0, -1)).toEqual([]);
    expect(code).toBe(0);
  });
});
