import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseStartOptions } from '../../../local/options.ts';
import { sourceOf } from '../../../local/source.ts';
import { Stack } from '../../../local/stack.ts';
import { faultsOf, type Line } from '../../support/catalogue.ts';

const DRAIN_TIMEOUT_MS = 60_000;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tape-probed-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const linesOf = (path: string): Line[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]));

async function run(probeEveryMs: number | undefined, untilFrames: number): Promise<{ lines: Line[]; frames: number }> {
  const options = parseStartOptions(['--rate', '300', '--markets', 'KXA-1,KXB-1', '--data', dir]);
  const stack = await Stack.start({
    dataDir: dir,
    clickhousePort: 0,
    source: await sourceOf(options, {}),
    onTrouble: (text) => expect.unreachable(text),
    ...(probeEveryMs === undefined ? {} : { probeEveryMs }),
  });
  try {
    const landed = () => stack.warehouse.framesOf(stack.watch.sessions);
    await expect.poll(landed, { timeout: 60_000, interval: 200 }).toBeGreaterThan(untilFrames);
    await stack.drain(DRAIN_TIMEOUT_MS);
    return { lines: linesOf(join(dir, 'logs', 'probe.ndjson')), frames: await landed() };
  } finally {
    await stack.stop();
  }
}

const framesOf = (line: Line | undefined) =>
  (line?.['rows_ingested_last_5m'] as Readonly<Record<string, number>> | undefined)?.['frames'];

test('the local stack looks at its warehouse right after the start and last when all has landed', async () => {
  const { lines, frames } = await run(undefined, 600);
  expect(lines.map((line) => line['event'])).toEqual(['probe_started', 'warehouse_heartbeat', 'warehouse_heartbeat']);
  expect(lines.flatMap(faultsOf)).toEqual([]);
  expect(framesOf(lines[1])).toBeLessThan(frames);
  expect(framesOf(lines[2])).toBe(frames);
  expect(lines[2]).toMatchObject({ gaps_open: 0 });
  expect(lines[2]!['end_to_end_lag_sec']).toBeGreaterThan(0);
});

test('the local stack looks at its warehouse again and again, as often as it is told', async () => {
  const { lines } = await run(250, 900);
  const looks = lines.filter((line) => line['event'] === 'warehouse_heartbeat');
  expect(looks.length).toBeGreaterThan(4);
  const counts = looks.map((line) => framesOf(line)!);
  expect(counts).toEqual([...counts].sort((a, b) => a - b));
});
