import { parseArgs } from 'node:util';
import { z } from 'zod';
import { ConfigurationError, csv, integerFrom, numberFrom } from '../core/contract/environment.ts';
import { CHANNELS } from '../core/contract/streamer-env.ts';

/** What `npm start` takes; a contract. Rates in messages per second, spans in seconds. */
export const USAGE = `npm start -- [options]
  --exchange WS_URL      record this exchange instead of the simulator
  --rest URL             its REST address, for the list of markets
  --live                 record Kalshi itself (KALSHI_API_KEY_ID and KALSHI_PRIVATE_KEY_PATH or KALSHI_PRIVATE_KEY)
  --markets A,B          these markets
  --channels a,b         these channels (${CHANNELS.join(', ')})
  --rate N               messages per second that the simulator sends
  --replay FILE          send the frames of a recorded session, {recv_ts, raw} lines
  --data DIR             where everything is kept (default: data)
  --for SECONDS          end by itself, and say by the exit code whether every frame is in ClickHouse exactly once
  --clickhouse-port N    ClickHouse's HTTP port (default: 8123; 0: any free one)
`;

const startOptions = z
  .object({
    exchange: z.url({ protocol: /^wss?$/ }).optional(),
    rest: z.url({ protocol: /^https?$/ }).optional(),
    live: z.boolean().default(false),
    markets: csv.default([]),
    channels: csv.pipe(z.array(z.enum(CHANNELS)).min(1)).optional(),
    rate: numberFrom(0.01, 1_000_000).optional(),
    replay: z.string().min(1).optional(),
    data: z.string().min(1).default('data'),
    for: numberFrom(0.1, 31_536_000).optional(),
    'clickhouse-port': integerFrom(0, 65_535).default(8_123),
  })
  .refine((o) => !(o.live && o.exchange !== undefined), { path: ['live'], error: 'goes without --exchange' })
  .refine((o) => o.replay === undefined || (!o.live && o.exchange === undefined), {
    path: ['replay'],
    error: 'goes with the simulator only: without --exchange and --live',
  });

export type StartOptions = z.output<typeof startOptions>;

/** Throws ConfigurationError naming every fault. */
export function parseStartOptions(args: readonly string[]): StartOptions {
  const result = startOptions.safeParse(valuesOf(args));
  if (result.success) return result.data;
  throw new ConfigurationError(
    'npm start',
    result.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`),
  );
}

function valuesOf(args: readonly string[]): Record<string, unknown> {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        exchange: text,
        rest: text,
        live: { type: 'boolean' },
        markets: text,
        channels: text,
        rate: text,
        replay: text,
        data: text,
        for: text,
        'clickhouse-port': text,
      },
    }).values;
  } catch (error) {
    throw new ConfigurationError('npm start', [(error as Error).message]);
  }
}
