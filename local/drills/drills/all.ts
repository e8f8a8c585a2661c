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
