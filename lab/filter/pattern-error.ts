/** The pattern is not one that CloudWatch Logs would take; nothing was compiled. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
  /** Where in the pattern, counted from 0; the pattern's length where something is missing at its end. */
  readonly position: number;
  /** What would have been right there. */
  readonly expected: string;

  constructor(pattern: string, position: number, expected: string) {
    const found =
      position >= pattern.length ? 'its end' : JSON.stringify(pattern.slice(position, position + FOUND_MAX));
    super(`filter pattern not compiled: at ${position} expected ${expected}, found ${found}`);
    this.position = position;
    this.expected = expected;
  }
}

/** Characters of the pattern that a message repeats. */
const FOUND_MAX = 20;
