import { z } from 'zod';

/** Every fault of an environment at once: one line per variable, and never a value (it may be a secret). */
export class ConfigurationError extends Error {
  readonly faults: readonly string[];

  constructor(program: string, faults: readonly string[]) {
    super(`${program} was not started: ${faults.length} fault(s) in its configuration\n  ${faults.join('\n  ')}`);
    this.name = 'ConfigurationError';
    this.faults = faults;
  }
}

/** Parses a program's environment by its one schema. A blank variable counts as absent. Throws ConfigurationError. */
export function parseEnvironment<S extends z.ZodType>(
  program: string,
  schema: S,
  env: Readonly<Record<string, string | undefined>>,
): z.output<S> {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => (value ?? '').trim() !== ''));
  const result = schema.safeParse(present, saysMissing);
  if (result.success) return result.data;
  throw new ConfigurationError(program, result.error.issues.map(faultOf));
}

/** `A,B , C,A` → ['A','B','C']: empty parts and repeats are dropped. */
export const csv = z.string().transform((text) => {
  const parts = text.split(',').map((part) => part.trim());
  return [...new Set(parts.filter((part) => part !== ''))];
});

export const integerFrom = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
export const numberFrom = (min: number, max: number) => z.coerce.number().min(min).max(max);
export const flag = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1');

/**
 * For a refinement over several keys: it runs as soon as these could be read. Without it one wrong key hides what the
 * refinement would say, and faults come one start after the other.
 */
export function whenRead(...names: readonly string[]) {
  return ({ value, issues }: z.core.ParsePayload): boolean =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !issues.some(({ path }) => names.includes(String(path?.[0])));
}

/** For a parse: what is not there is said in our words, whatever type it should have. */
export const saysMissing: z.core.ParseContext<z.core.$ZodIssue> = {
  error: ({ input }) => (input === undefined ? 'is required' : undefined),
};

function faultOf({ path, message }: z.core.$ZodIssue): string {
  return `${path.join('.') || '(environment)'}: ${message}`;
}
