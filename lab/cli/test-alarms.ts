import { readFile } from 'node:fs/promises';
import { type CaseFile, CaseFileError, differenceOf, readCaseFile } from '../alarms/case-file.ts';

const USAGE =
  'test-alarms FILE   missing-data tables: {range, columns, tables: [{n, m, rows: [["0 - X - X", "OK", …]]}]}';
const PASSED = 0;
const DIFFERS = 1;
const NOT_UNDERSTOOD = 2;

/**
 * Evaluates every cell of the tables from every prior state, prints what differs and at last one JSON line of counts.
 * The answer is the exit code: 0 all as expected, 1 something differs, 2 the file or the call is not understood.
 */
export async function testAlarms(args: readonly string[], out: (line: string) => void): Promise<number> {
  const [path] = args;
  if (path === undefined || args.length > 1 || path.startsWith('--')) {
    out(`usage: ${USAGE}`);
    return NOT_UNDERSTOOD;
  }
  let file: CaseFile;
  try {
    file = readCaseFile(await readFile(path, 'utf8'));
  } catch (error) {
    const problem = error instanceof CaseFileError || isSystemError(error) ? error.message : undefined;
    if (problem === undefined) throw error;
    out(`${path}: ${problem}`);
    return NOT_UNDERSTOOD;
  }

  let failed = 0;
  for (const one of file.cases) {
    const got = differenceOf(one);
    if (got === undefined) continue;
    failed++;
    out(`differs: ${one.label}: expected ${one.expected.join(' or ')}, got ${got}`);
  }
  for (const note of file.notes) out(`not evaluated, in words only: ${note}`);
  const cases = file.cases.length;
  out(JSON.stringify({ cases, passed: cases - failed, failed }));
  return failed === 0 ? PASSED : DIFFERS;
}

function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error;
}
