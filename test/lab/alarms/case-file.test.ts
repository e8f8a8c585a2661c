import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { CaseFileError, differenceOf, readCaseFile } from '../../../lab/alarms/case-file.ts';

const SHARED = fileURLToPath(new URL('../../../../shared/aws/alarm-missing-data-cases.json', import.meta.url));

/** AWS's table for three of three, in the form of the file. */
const file = (changes: object = {}): string =>
  JSON.stringify({
    range: 5,
    columns: ['missing', 'ignore', 'breaching', 'notBreaching'],
    tables: [
      {
        n: 3,
        m: 3,
        rows: [
          ['0 - X - X', 'OK', 'OK', 'OK', 'OK'],
          ['- - - - -', 'Insufficient data', 'Retain current state', 'ALARM', 'OK'],
          ['- - X - -', 'ALARM', 'RETAIN', 'ALARM', 'OK'],
        ],
      },
    ],
    ...changes,
  });

describe('a file of missing-data tables', () => {
  test('is a case for each cell and each state before', () => {
    const { cases } = readCaseFile(file());
    expect(cases).toHaveLength(3 * 4 * 3);
    expect(cases.filter((one) => differenceOf(one) !== undefined)).toEqual([]);
  });

  test('finds a cell that is wrong, from every state before', () => {
    const tables = [{ n: 3, m: 3, rows: [['0 X X - X', 'OK', 'ALARM', 'ALARM', 'ALARM']] }];
    const differing = readCaseFile(file({ tables })).cases.filter((one) => differenceOf(one) !== undefined);
    expect(differing.map(({ missing, prior }) => [missing, prior])).toEqual([
      ['missing', 'OK'],
      ['missing', 'ALARM'],
      ['missing', 'INSUFFICIENT_DATA'],
    ]);
  });

  test('reads its columns in whatever order they stand', () => {
    const columns = ['notBreaching', 'breaching', 'ignore', 'missing'];
    const tables = [{ n: 3, m: 3, rows: [['- - X - -', 'OK', 'ALARM', 'RETAIN', 'ALARM']] }];
    expect(readCaseFile(file({ columns, tables })).cases.every((one) => differenceOf(one) === undefined)).toBe(true);
  });

  test('takes only as many of the newest datapoints as are retrieved', () => {
    const tables = [{ n: 3, m: 3, rows: [['X X X 0 - - - -', 'OK', 'OK', 'OK', 'OK']] }];
    expect(readCaseFile(file({ tables })).cases[0]?.datapoints).toEqual([
      'ok',
      'missing',
      'missing',
      'missing',
      'missing',
    ]);
  });

  test('understands "not ALARM", rows on their own, and keeps words as notes', () => {
    const row = ['- - - - X', 'not ALARM', 'not ALARM', 'ALARM', 'OK'];
    const { cases, notes } = readCaseFile(file({ tables: [], prose: [{ n: 3, m: 3, row }, 'said in words'] }));
    expect(cases).toHaveLength(12);
    expect(cases.every((one) => differenceOf(one) === undefined)).toBe(true);
    expect(notes).toEqual(['said in words']);
  });

  test.each([
    ['text that is not JSON', '{'],
    ['no tables', '{"range":5}'],
    ['an unknown treatment', file({ columns: ['missing', 'ignore', 'breaching', 'other'] })],
    ['an unknown mark', file({ tables: [{ n: 1, m: 1, rows: [['0 ?', 'OK', 'OK', 'OK', 'OK']] }] })],
    ['an unknown state', file({ tables: [{ n: 1, m: 1, rows: [['0', 'FINE', 'OK', 'OK', 'OK']] }] })],
    ['a row that is short', file({ tables: [{ n: 1, m: 1, rows: [['0', 'OK']] }] })],
    ['M above N', file({ tables: [{ n: 1, m: 2, rows: [['0', 'OK', 'OK', 'OK', 'OK']] }] })],
  ])('is refused with %s', (_, text) => {
    expect(() => readCaseFile(text)).toThrow(CaseFileError);
  });

  test.skipIf(!existsSync(SHARED))(
    'the recorded tables pass whole (skipped where they are not on this machine)',
    () => {
      const { cases } = readCaseFile(readFileSync(SHARED, 'utf8'));
      expect(cases.length).toBeGreaterThan(0);
      expect(cases.filter((one) => differenceOf(one) !== undefined)).toEqual([]);
    },
  );
});
