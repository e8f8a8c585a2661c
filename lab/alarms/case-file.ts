import { z } from 'zod';
import { type Datapoint, decide } from './decide.ts';
import { ALARM_STATES, type AlarmState, MISSING_DATA_TREATMENTS, type MissingDataTreatment } from './state.ts';

/** One cell of a missing-data table, for one prior state. */
export interface AlarmCase {
  /** Where it stands: `3/3 "- - X - -" ignore, before: OK`. */
  readonly label: string;
  readonly n: number;
  readonly m: number;
  readonly datapoints: readonly Datapoint[];
  readonly missing: MissingDataTreatment;
  readonly prior: AlarmState;
  /** The states that are right: for "not ALARM" there are several. */
  readonly expected: readonly AlarmState[];
}

export interface CaseFile {
  readonly cases: readonly AlarmCase[];
  /** Entries in words, which nobody can evaluate. */
  readonly notes: readonly string[];
}

/** A file of cases that was not run: what is wrong with it. */
export class CaseFileError extends Error {
  constructor(problem: string, cause?: unknown) {
    super(`${problem}; no case was run`, { cause });
    this.name = 'CaseFileError';
  }
}

const whole = z.number().int().min(1);
const schema = z.object({
  range: whole,
  columns: z.array(z.string()).min(1),
  tables: z.array(
    z.object({
      n: whole,
      m: whole,
      range: whole.optional(),
      rows: z.array(z.array(z.string()).min(2)),
    }),
  ),
  /** Rules told in words, or rows on their own: a row with its n and m. */
  prose: z.array(z.unknown()).optional(),
});
const loneRow = z.object({ n: whole, m: whole, range: whole.optional(), row: z.array(z.string()).min(2) });

/** Reads tables of the form of AWS's: a row is datapoints (`0 - X - X`, oldest left), then a state for each column. */
export function readCaseFile(text: string): CaseFile {
  const file = parsed(text);
  const columns = file.columns.map((column) => {
    const treatment = MISSING_DATA_TREATMENTS.find((known) => simple(known) === simple(column));
    if (treatment === undefined) throw new CaseFileError(`"${column}" is no treatment of missing data`);
    return treatment;
  });
  const cases: AlarmCase[] = [];
  for (const { rows, range = file.range, n, m } of file.tables)
    for (const row of rows) cases.push(...casesOf({ n, m, range }, row, columns));
  const notes: string[] = [];
  for (const entry of file.prose ?? []) {
    const lone = loneRow.safeParse(entry);
    if (lone.success) {
      const { n, m, range = file.range, row } = lone.data;
      cases.push(...casesOf({ n, m, range }, row, columns));
    } else notes.push(typeof entry === 'string' ? entry : JSON.stringify(entry));
  }
  return { cases, notes };
}

/** The state our rules give; undefined where it is one of those expected. */
export function differenceOf(one: AlarmCase): AlarmState | undefined {
  const { state } = decide(one, one.datapoints, one.prior);
  return one.expected.includes(state) ? undefined : state;
}

function casesOf(
  { n, m, range }: { n: number; m: number; range: number },
  [pattern, ...cells]: readonly string[],
  columns: readonly MissingDataTreatment[],
): AlarmCase[] {
  if (m > n) throw new CaseFileError(`m ${m} is more than n ${n}`);
  if (pattern === undefined || cells.length !== columns.length)
    throw new CaseFileError(`the row "${pattern ?? ''}" has ${cells.length} states for ${columns.length} columns`);
  const datapoints = datapointsOf(pattern).slice(-range);
  return columns.flatMap((missing, index) =>
    ALARM_STATES.map((prior) => ({
      label: `${m}/${n} "${pattern}" ${missing}, before: ${prior}`,
      n,
      m,
      datapoints,
      missing,
      prior,
      expected: expectedOf(cells[index] ?? '', prior),
    })),
  );
}

function datapointsOf(pattern: string): Datapoint[] {
  return Array.from(pattern.replace(/\s/g, ''), (mark) => {
    if (mark === '0' || mark === 'O' || mark === 'o') return 'ok';
    if (mark === 'X' || mark === 'x') return 'breaching';
    if (mark === '-' || mark === '–') return 'missing';
    throw new CaseFileError(`"${pattern}" has "${mark}", only 0, X and - mean something`);
  });
}

function expectedOf(cell: string, prior: AlarmState): readonly AlarmState[] {
  const wanted = simple(cell);
  if (wanted.startsWith('retain')) return [prior];
  const state = ALARM_STATES.find((known) => simple(known) === wanted.replace(/^not/, ''));
  if (state === undefined) throw new CaseFileError(`"${cell}" is no state`);
  return wanted.startsWith('not') ? ALARM_STATES.filter((other) => other !== state) : [state];
}

/** Letters only, small: the documentation writes "Insufficient data", a file INSUFFICIENT_DATA. */
function simple(text: string): string {
  return text.toLowerCase().replace(/[^a-z]/g, '');
}

function parsed(text: string): z.infer<typeof schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new CaseFileError('it is not JSON', error);
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  throw new CaseFileError(faults.join('; '), result.error);
}
