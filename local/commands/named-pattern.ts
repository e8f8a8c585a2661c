import { type Pattern, PATTERNS } from '../../core/logging/patterns.ts';
import { UsageError } from './command.ts';

/** A heading of LOGGING_GUIDE.md by its name. Throws UsageError naming those that there are. */
export function namedPattern(name: string | undefined): Pattern {
  const patterns: Readonly<Record<string, Pattern>> = PATTERNS;
  if (name !== undefined && Object.hasOwn(patterns, name)) return patterns[name]!;
  const there = Object.keys(patterns).sort().join(', ');
  throw new UsageError(`${name === undefined ? 'a pattern is missing' : `no pattern ${name}`}; there are: ${there}`);
}
