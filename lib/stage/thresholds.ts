import { z } from 'zod';
import { THRESHOLDS, type ThresholdName } from '../../core/logging/thresholds.ts';

/** Times something happened, or periods of an alarm: a part of one is none. */
const COUNTED: ReadonlySet<string> = new Set<ThresholdName>(['reconnects', 'gaps', 'unclean_starts', 'spool_minutes']);

const numbers = Object.fromEntries(
  Object.entries(THRESHOLDS).map(([name, threshold]) => [
    name,
    (COUNTED.has(name) ? z.int() : z.number()).positive().default(threshold.default),
  ]),
) as Record<ThresholdName, z.ZodDefault<z.ZodNumber>>;

/** What a stage may say otherwise about its alarms: the thresholds of core/logging, their defaults too. A name that is not there is a fault. */
export const thresholds = z.strictObject(numbers);
