import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseStartOptions } from '../../../local/options.ts';
import { sourceOf } from '../../../local/source.ts';
import { Stack } from '../../../local/stack.ts';

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const QUERIES = [...README.matchAll(/```sql\n([\s\S]*?)```/g)].map((match) => match[1]!);
/** A trade of the busiest market must come, and the book must be ten seconds old. */
const ANSWERED_WITHIN_MS = 60_000;

let dir: string;
let stack: Stack;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tape-readme-'));
  const options = parseStartOptions(['--rate', '1000']);
  stack = await Stack.start({
    dataDir: dir,
    clickhousePort: 0,
    source: await sourceOf(options, {}),
    onTrouble: () => undefined,
  });
});

afterAll(async () => {
  await stack.stop();
  await rm(dir, { recursive: true, force: true });
});

describe('the queries of the README', () => {
  test('are five', () => {
    expect(QUERIES).toHaveLength(5);
  });

  test.each(QUERIES.map((query) => [query.split('\n')[0], query] as const))(
    'answers, pasted into curl as it stands: %s',
    async (_, query) => {
      const url = `${stack.clickhouseUrl}/?database=kalshi`;
      const ask = async (): Promise<string> => {
        const answer = await fetch(url, { method: 'POST', body: `${query}\nFORMAT JSONEachRow` });
        const text = await answer.text();
        expect(answer.status, text).toBe(200);
        return text;
      };
      await expect.poll(ask, { timeout: ANSWERED_WITHIN_MS, interval: 500 }).not.toBe('');
    },
  );

  test('the market they name is one that the simulator has', () => {
    const named = new Set(QUERIES.flatMap((query) => /'(KX[^']+)'/.exec(query)?.[1] ?? []));
    for (const market of named) expect(stack.markets).toContain(market);
  });
});
