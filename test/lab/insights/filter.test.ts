import { describe, expect, test } from 'vitest';
import { rowsOf, type Line } from './support.ts';

const LINES: readonly Line[] = [
  { id: 1, level: 'INFO', n: 5, s: '5', ok: true, list: [{ x: 'deep' }] },
  { id: 2, level: 'info', n: 10, s: '10.0', ok: false },
  { id: 3, level: 'ERROR', n: 9, s: 'nine', err: { code: 'E1' } },
  { id: 4, n: null, s: '' },
  'no JSON: ERROR id 5',
];

function ids(condition: string): unknown[] {
  return rowsOf(`fields id | filter ${condition} | sort id`, LINES).map(([id]) => id);
}

describe('filter', () => {
  test.each([
    ['level = "INFO"', [1]],
    ["level = 'info'", [2]],
    ['level != "INFO"', [2, 3]],
    ['not level = "INFO"', [2, 3]],
    ['level like "NF"', [1]],
    ['level like /NF/', [1]],
    ['level =~ /^(?i)info$/', [1, 2]],
    ['level =~ "ERR"', [3]],
    ['level like "INF%"', []],
    ['level not like /(?i)INFO/', [3]],
    ['level in ["INFO", "ERROR"]', [1, 3]],
    ['level not in ["INFO", "ERROR"]', [2]],
    ['level in []', []],
    ['n in [5, "9"]', [1, 3]],
    ['n = 5 or n = 9 and level = "x"', [1]],
    ['(n = 5 or n = 9) and level = "ERROR"', [3]],
    ['n > 5', [2, 3]],
    ['n >= "9"', [2, 3]],
    ['s = 10', [2]],
    ['s > 6', [2]],
    ['6 < s', [2]],
    ['not s > 6', [1, 3, 4]],
    ['s != 6', [1, 2, 3, 4]],
    ['s in [5, "nine"]', [1, 3]],
    ['level > 6 or level >= 6 or level < 6 or level <= 6 or level = 6', []],
    ['level > "6"', [1, 2, 3]],
    ['n + 1 = 6', [1]],
    ['ok = true', [1]],
    ['ok = "true"', [1]],
    ['ok = 1', [1]],
    ['ok != 1', [2]],
    ['ok', [1]],
    ['not ok', [2]],
    ['err.code = "E1"', [3]],
    ['list.0.x = "deep"', [1]],
    ['ispresent(err.code)', [3]],
    ['not ispresent(level) and ispresent(id)', [4]],
    ['ispresent(n) and not isblank(s)', [1, 2, 3]],
    ['isempty(s) and ispresent(id)', [4]],
    ['strcontains(level, "RR")', [3]],
    ['strlen(level) > 4', [3]],
  ] as const)('%s', (condition, expected) => {
    expect(ids(condition)).toEqual(expected);
  });

  test('a field that is missing satisfies no comparison, neither = nor !=, nor its negation', () => {
    for (const condition of ['n = 1', 'n != 1', 'n < 1', 'not n = 1', 'n in [1]', 'n not in [1]', 'n not like "1"']) {
      expect(rowsOf(`filter (${condition}) and id = 4`, LINES)).toEqual([]);
    }
    expect(ids('n != 1 or id = 4')).toEqual([1, 2, 3, 4]);
  });

  test('two filters are one with "and"', () => {
    expect(ids('n > 5 | filter n < 10')).toEqual([3]);
  });

  test('an instant compares with milliseconds, and with a text only where fields or parse made it a text', () => {
    const at = (condition: string, before = '') =>
      rowsOf(`${before} filter ${condition} | display id`, [{ id: 1, timestamp: '2026-11-23T22:00:00Z' }]).flat();
    expect(at('@timestamp >= 1795471200000 and @timestamp < "1795471200001"')).toEqual([1]);
    expect(at('bin(1h) in [1795471200000]')).toEqual([1]);
    expect(at('@timestamp > "2026-11-23"', 'fields timestamp as @timestamp |')).toEqual([1]);
    expect(at('t > "2026-11-23" or t <= "2026-11-23"', 'fields @timestamp as t |')).toEqual([]);
  });

  test('texts of many digits are told apart where doubles are not', () => {
    const lines = [{ id: '20261123190256123' }, { id: '20261123190256124' }];
    expect(rowsOf('fields id | filter id = "20261123190256124"', lines)).toEqual([['20261123190256124']]);
  });

  test('a line that is no JSON has its message only', () => {
    expect(rowsOf('fields @message, id | filter @message like /ERROR id \\d/', LINES)).toEqual([
      ['no JSON: ERROR id 5', null],
    ]);
  });

  test('a flag in a regular expression holds to the end of its group, in later alternatives too', () => {
    const match = (regex: string) =>
      rowsOf(`fields t | filter t like /${regex}/ | sort t`, [{ t: 'AB' }, { t: 'Ab' }, { t: 'ab' }]).flat();
    expect(match('A(?i)b')).toEqual(['AB', 'Ab']);
    expect(match('(?:(?i)a)b')).toEqual(['Ab', 'ab']);
    expect(match('(?i)x|ab')).toEqual(['AB', 'Ab', 'ab']);
    expect(match('(?i)a(?-i)b')).toEqual(['Ab', 'ab']);
  });

  test.each([
    ['^[]x]+$', ['x]', ']']],
    ['[^]x]+', ['a/b', 'G', 'x{47}']],
    ['^[]/]$', [']']],
    ['^[x[\\]]]$', ['x]']],
    ['\\x{47}', ['G']],
    ['^[\\x{0000047}]$', ['G']],
    ['\\x47', ['G']],
    ['\\u0047', ['G']],
    ['^x\\{47}$', ['x{47}']],
  ])('a regular expression is read as PCRE: %s', (regex, expected) => {
    const lines = ['a/b', 'x]', ']', 'G', 'x{47}'].map((t) => ({ t }));
    expect(rowsOf(`fields t | filter t like /${regex}/`, lines).flat()).toEqual(expected);
  });
});
