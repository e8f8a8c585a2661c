import { describe, expect, test } from 'vitest';
import { testAlarms } from '../../../lab/cli/test-alarms.ts';
import { ran, scratch } from './files.ts';

const write = scratch();
const file = (...rows: string[][]): string =>
  write(
    'cases.json',
    JSON.stringify({
      range: 5,
      columns: ['missing', 'ignore', 'breaching', 'notBreaching'],
      tables: [{ n: 3, m: 2, rows }],
      prose: ['in words'],
    }),
  );

describe('test-alarms', () => {
  test('ends with counts and 0 where all is as expected', async () => {
    const { code, last } = await ran(testAlarms, file(['0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM']));
    expect([code, last]).toEqual([0, { cases: 12, passed: 12, failed: 0 }]);
  });

  test('prints what differs, counts it and ends 1', async () => {
    const { code, lines, last } = await ran(testAlarms, file(['- - - X -', 'ALARM', 'OK', 'ALARM', 'OK']));
    expect([code, last]).toEqual([1, { cases: 12, passed: 10, failed: 2 }]);
    expect(lines.filter((line) => line.startsWith('differs'))).toHaveLength(2);
    expect(lines.some((line) => line.includes('in words'))).toBe(true);
  });

  test.each([
    ['no file', []],
    ['two files', ['a', 'b']],
    ['an option', ['--what']],
    ['a file that is not there', ['/nowhere/cases.json']],
  ])('ends 2 with %s', async (_, args) => {
    expect((await ran(testAlarms, ...args)).code).toBe(2);
  });

  test('ends 2 with a file that is none', async () => {
    expect((await ran(testAlarms, write('x.json', '[]'))).code).toBe(2);
  });
});
