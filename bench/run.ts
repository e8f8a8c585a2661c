import { benchBlock } from './block/bench.ts';
import { benchKinesis } from './kinesis/bench.ts';
import { type Bench, type BenchOptions, readOptions } from './options.ts';
import { benchStreamer } from './streamer/bench.ts';
import { barText, isMet } from './support/bars.ts';
import type { Outcome } from './support/outcome.ts';

/**
 * `npm run bench -- [streamer|block|kinesis|all] [--check]`: tables for people on stdout, at last one line of JSON.
 * What is going on goes to stderr. With --check it ends with 1 where a bar is missed.
 */
const BLOCK_FRAMES = 60_000;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const options = readOptions(process.argv.slice(2));
const numbers: Record<string, unknown> = { date: new Date().toISOString(), node: process.version };
let missed = 0;
for (const bench of options.benches) {
  const outcome = await run(bench, options);
  numbers[bench] = outcome.numbers;
  missed += outcome.bars.filter((bar) => !isMet(bar)).length;
  process.stdout.write(`${outcome.text}${outcome.bars.map(barText).join('')}\n`);
}
process.stdout.write(`${JSON.stringify({ ...numbers, bars_missed: missed })}\n`);
if (options.check && missed > 0) process.exitCode = 1;

function run(bench: Bench, { rounds, frames, records }: BenchOptions): Outcome | Promise<Outcome> {
  switch (bench) {
    case 'streamer':
      return benchStreamer({ rounds, frames }, say);
    case 'block':
      return benchBlock({ repeats: rounds, frames: BLOCK_FRAMES }, say);
    case 'kinesis':
      return benchKinesis({ records }, say);
  }
}
