import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseStartOptions } from '../local/options.ts';
import { sourceOf } from '../local/source.ts';
import { Stack } from '../local/stack.ts';

/**
 * `node scripts/measure-load.ts RATE…`: how often the sink is invoked at a rate of messages, and how long an invocation takes
 * in the mean, with all programs of `npm start` on this machine. One line of JSON for each rate: local/commands/measured.ts.
 */
const WARM_UP_MS = 15_000;
const MEASURED_MS = 45_000;

for (const rate of process.argv.slice(2)) {
  const dataDir = await mkdtemp(join(tmpdir(), 'measure-load-'));
  const source = await sourceOf(parseStartOptions(['--rate', rate]), {});
  const onTrouble = (text: string): unknown => process.stderr.write(`${text}\n`);
  const stack = await Stack.start({ dataDir, clickhousePort: 0, source, onTrouble });
  await sleep(WARM_UP_MS);
  const before = stack.eventSourceStats();
  await sleep(MEASURED_MS);
  const after = stack.eventSourceStats();
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
  const invocations = after.invocations - before.invocations;
  const mean_ms = (after.invocationMs - before.invocationMs) / invocations;
  const line = { rate: Number(rate), per_sec: invocations / (MEASURED_MS / 1_000), mean_ms: Math.round(mean_ms) };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
process.exit();
