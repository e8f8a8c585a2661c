import { PatternError } from './pattern-error.ts';

/** A place in a pattern, and what can be read from there up to `end`. */
export class Cursor {
  readonly pattern: string;
  readonly end: number;
  at: number;
  /** Regular expressions read so far. */
  regexes = 0;

  constructor(pattern: string, at: number, end: number) {
    this.pattern = pattern;
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** The character here; '' at the end. */
  get char(): string {
    return this.done ? '' : this.pattern[this.at]!;
  }

  /** Steps over one character and gives it; '' at the end. */
  next(): string {
    const char = this.char;
    this.at += char.length;
    return char;
  }

  skipSpace(): void {
    this.match(SPACE);
  }

  /** Steps over `text` if it is here. */
  take(text: string): boolean {
    if (this.at + text.length > this.end || !this.pattern.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Steps over what the sticky `regex` matches here; undefined where it does not. */
  match(regex: RegExp): string | undefined {
    regex.lastIndex = this.at;
    const found = regex.exec(this.pattern)?.[0];
    if (found === undefined || this.at + found.length > this.end) return undefined;
    this.at += found.length;
    return found;
  }

  fail(expected: string, at = this.at): PatternError {
    return new PatternError(this.pattern, at, expected);
  }
}

const SPACE = /\s*/y;
