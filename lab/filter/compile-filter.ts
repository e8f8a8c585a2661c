import type { Pattern } from './ast.ts';
import { compileJsonPattern } from './json-pattern.ts';
import { parsePattern, regexesOf } from './parse-pattern.ts';
import { REGEX_PATTERNS_PER_LOG_GROUP_MAX } from './quotas.ts';
import { compileRegex } from './regex.ts';
import { compileSpacePattern } from './space-pattern.ts';
import { compileTerms } from './terms.ts';

/** A filter pattern that can be applied. Neither function throws, whatever the event is. */
export interface CompiledFilter {
  readonly pattern: Pattern;
  readonly matches: (event: string) => boolean;
  /**
   * What the pattern takes out of an event that matches: `$name` and `$n` of a space-delimited pattern, nothing of the
   * other kinds. undefined: the event does not match.
   */
  readonly extract: (event: string) => Readonly<Record<string, string>> | undefined;
}

/** Compiles a CloudWatch Logs filter pattern. Throws PatternError where CloudWatch would refuse it. */
export function compileFilter(text: string): CompiledFilter {
  const pattern = parsePattern(text);
  if (pattern.kind === 'fields') {
    const extract = compileSpacePattern(pattern.fields);
    return { pattern, extract, matches: (event) => extract(event) !== undefined };
  }
  const matches = compileMatch(pattern);
  return { pattern, matches, extract: (event) => (matches(event) ? {} : undefined) };
}

/** Whether one log group may have filters with all of these patterns. Throws PatternError if one of them is none. */
export function withinRegexQuota(patterns: readonly string[]): boolean {
  const withRegex = patterns.filter((text) => regexesOf(parsePattern(text)) > 0);
  return withRegex.length <= REGEX_PATTERNS_PER_LOG_GROUP_MAX;
}

function compileMatch(pattern: Exclude<Pattern, { kind: 'fields' }>): (event: string) => boolean {
  switch (pattern.kind) {
    case 'all':
      return () => true;
    case 'terms':
      return compileTerms(pattern.terms);
    case 'regex':
      return compileRegex(pattern.regex);
    case 'json':
      return compileJsonPattern(pattern.condition);
  }
}
