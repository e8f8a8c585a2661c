import type { Drill } from '../drill.ts';
import { BOUNDS } from './bounds.ts';
import { CALM } from './calm.ts';
import { EXCHANGE } from './exchange.ts';
import { FUNCTIONS } from './functions.ts';
import { LANDING } from './landing.ts';
import { STREAMER } from './streamer.ts';
import { TOGETHER } from './together.ts';
import { WAREHOUSE } from './warehouse.ts';

/** Every drill. A name is said once. */
export const DRILLS: readonly Drill[] = [
  ...CALM,
  ...EXCHANGE,
  ...STREAMER,
  ...WAREHOUSE,
  ...FUNCTIONS,
  ...LANDING,
  ...BOUNDS,
  ...TOGETHER,
];

/** One of each kind, and whatever is most likely to wake somebody: what every run of the tests carries out. */
const FAST: readonly string[] = [
  'quiet night',
  'clean deploy',
  'bursts',
  'streamer killed',
  'streamer crash loop',
  'streamer misconfigured',
  'socket half-open',
  'WS flapping',
  'exchange maintenance',
  'key rejected',
  'gap storm',
  'slow consumer',
  'schema drift',
  'clock skew',
  'Kinesis throttled',
  'Kinesis away',
  'spool full',
  'streamer’s log silent',
  'ClickHouse memory limit',
  'ClickHouse refused',
  'ClickHouse slow',
  'name not resolved',
  'schema missing',
  'disk full',
  'sink times out',
  'sink crash loop',
  'event source off',
  'poison block',
  'batch given up',
  'alarm not told',
];

export const FAST_DRILLS: readonly Drill[] = FAST.map((wanted) => {
  const found = DRILLS.find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`there is no drill ${wanted}`);
  return found;
});
