import { readFile } from 'node:fs/promises';
import { compileFilter } from '../filter/compile-filter.ts';
import { PatternError } from '../filter/pattern-error.ts';

/**
 * `test-filters FILE`: FILE is a JSON array of {event, pattern, expect: match | nomatch | invalid}. Prints every case
 * that differs and, last, one line of counts. 0: none differs; 1: some do; 2: the file cannot be used, nothing was tested.
 */
export async function testFilters(args: readonly string[], out: (line: string) => void): Promise<number> {
  const [file, ...more] = args;
  if (file === undefined || file.startsWith('-') || more.length > 0) {
    out('usage: test-filters FILE   (a JSON array of {"event", "pattern", "expect": "match" | "nomatch" | "invalid"})');
    return USAGE;
  }
  const cases = await readCases(file);
  if (typeof cases === 'string') {
    out(`${file}: ${cases}; nothing was tested`);
    return USAGE;
  }
  let failed = 0;
  for (const [index, { event, pattern, expect }] of cases.entries()) {
    const { got, why } = judge(pattern, event);
    if (got === expect) continue;
    failed += 1;
    out(`case ${index}: expected ${expect}, got ${got}${why === undefined ? '' : ` (${why})`}`);
    out(`  pattern ${pattern}`);
    out(`  event   ${event}`);
  }
  out(JSON.stringify({ cases: cases.length, passed: cases.length - failed, failed }));
  return failed === 0 ? 0 : 1;
}

const USAGE = 2;
const VERDICTS = ['match', 'nomatch', 'invalid'] as const;
type Verdict = (typeof VERDICTS)[number];

interface FilterCase {
  readonly event: string;
  readonly pattern: string;
  readonly expect: Verdict;
}

function judge(pattern: string, event: string): { got: Verdict; why?: string } {
  try {
    return { got: compileFilter(pattern).matches(event) ? 'match' : 'nomatch' };
  } catch (error) {
    if (error instanceof PatternError) return { got: 'invalid', why: error.message };
    throw error;
  }
}

/** The cases, or what is wrong with the file. */
async function readCases(file: string): Promise<readonly FilterCase[] | string> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    return error instanceof SyntaxError ? `not JSON (${error.message})` : `cannot be read (${String(error)})`;
  }
  if (!Array.isArray(content)) return 'not a JSON array of cases';
  const cases = content.map(caseOf);
  const bad = cases.indexOf(undefined);
  return bad < 0 ? (cases as FilterCase[]) : `case ${bad} is not {event, pattern, expect: ${VERDICTS.join(' | ')}}`;
}

/** An event that is not a string stands for its JSON. Further keys are somebody's notes. */
function caseOf(value: unknown): FilterCase | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { event, pattern, expect } = value as Readonly<Record<string, unknown>>;
  const verdict = VERDICTS.find((known) => known === expect);
  if (event === undefined || typeof pattern !== 'string' || verdict === undefined) return undefined;
  return { event: typeof event === 'string' ? event : JSON.stringify(event), pattern, expect: verdict };
}
