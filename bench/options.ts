import { parseArgs } from 'node:util';
import { z } from 'zod';

export const BENCHES = ['streamer', 'block', 'kinesis'] as const;
export type Bench = (typeof BENCHES)[number];

/** A day of one session at two blocks a second. */
const DAY_RECORDS = 172_800;

const size = (standard: number) => z.coerce.number().int().positive().default(standard);

const schema = z.object({
  names: z.array(z.enum([...BENCHES, 'all'])),
  /** Exit with 1 where a bar is missed. */
  check: z.boolean().default(false),
  /** streamer: rounds. block: repeats. */
  rounds: size(5),
  /** streamer: deltas a pass. */
  frames: size(2_000_000),
  /** kinesis: records put. */
  records: size(DAY_RECORDS),
});

export interface BenchOptions extends Omit<z.output<typeof schema>, 'names'> {
  readonly benches: readonly Bench[];
}

/** `[streamer|block|kinesis|all]... [--check] [--rounds n] [--frames n] [--records n]`. Throws where an argument is none. */
export function readOptions(argv: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      check: { type: 'boolean' },
      rounds: { type: 'string' },
      frames: { type: 'string' },
      records: { type: 'string' },
    },
  });
  const { names, ...options } = schema.parse({ names: positionals, ...values });
  return { ...options, benches: benchesOf(names) };
}

/** The emulator takes minutes and is asked for by name. */
function benchesOf(names: readonly (Bench | 'all')[]): readonly Bench[] {
  if (names.length === 0) return ['streamer', 'block'];
  return BENCHES.filter((bench) => names.includes(bench) || names.includes('all'));
}
