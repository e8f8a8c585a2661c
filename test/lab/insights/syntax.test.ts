import { describe, expect, test } from 'vitest';
import { caretLines } from '../../../lab/insights/error.ts';
import { refusal, rowsOf, run, valueOf } from './support.ts';

/** `^` marks where the error must point. */
const REFUSED: readonly (readonly [string, string])[] = [
  ['', '^'],
  ['   ', '   ^'],
  ['frobnicate x', '^'],
  ['fields a | pattern @message', '           ^'],
  ['fields a |', '          ^'],
  ['| fields a', '^'],
  ['fields a,', '         ^'],
  ['fields a b', '         ^'],
  ['fields a as', '           ^'],
  ['fields a as 5', '            ^'],
  ['fields and', '       ^'],
  ['fields `a', '       ^'],
  ['fields a.', '         ^'],
  ['fields nosuch(a)', '       ^'],
  ['fields abs(a, b)', '       ^'],
  ['fields abs(a', '            ^'],
  ['fields count(*)', '       ^'],
  ['fields 5m', '       ^'],
  ['fields strlen(*)', '              ^'],
  ['fields list[x]', '            ^'],
  ['filter a == 1', '         ^'],
  ['filter a <> 1', '         ^'],
  ['filter a = 1 && b = 2', '             ^'],
  ['filter !ispresent(a)', '       ^'],
  ['filter a like b', '              ^'],
  ['filter a like /x', '              ^'],
  ['filter a like /x(/', '               ^'],
  ['filter a like /x\\Ay/', '                ^'],
  ['filter a like /[[:alpha:]]/', '               ^'],
  ['filter a like /[:alpha:]/', '               ^'],
  ['filter a like /[]/', '              ^'],
  ['filter a like /x[\\p{L}]/', '                 ^'],
  ['filter a like /x[y\\B]/', '                  ^'],
  ['filter a like /x\\u{47}/', '                ^'],
  ['filter a like /x\\x{1f600}/', '                ^'],
  ['filter a like /x\\x4/', '                ^'],
  ['filter a not b', '             ^'],
  ['filter a in (fields b)', '            ^'],
  ['filter a in [1, 2,]', '                  ^'],
  ['filter a in [,]', '             ^'],
  ['fields abs(a,)', '             ^'],
  ['filter a in [1, 2', '                 ^'],
  ['filter a = "x', '           ^'],
  ['filter a = null', '           ^'],
  ['filter a = ?', '           ^'],
  ['filter @timestamp > "2026-11-23"', '                    ^'],
  ['filter "yesterday" <= @ingestionTime', '       ^'],
  ['filter bin(1h) = ""', '                 ^'],
  ['filter datefloor(t, 1h) != "now"', '                           ^'],
  ['filter dateceil(t, 1h) = "now"', '                         ^'],
  ['filter fromMillis(t) in [0, "now"]', '                            ^'],
  ['stats count(*) by bin(5m) | filter bin(5m) > "22:00"', '                                             ^'],
  ['parse a', '       ^'],
  ['parse a "x*"', '            ^'],
  ['parse "x*y*" as b', '      ^'],
  ['parse /x/', '      ^'],
  ['parse /(x)/', '      ^'],
  ['parse @message logfmt', '               ^'],
  ['stats', '     ^'],
  ['stats a', '      ^'],
  ['stats sum(*)', '          ^'],
  ['stats sum(a) as x, sum(b) as x', '                             ^'],
  ['stats sum(a), max(b), sum(a)', '                      ^'],
  ['stats count(*) as a by a', '                       ^'],
  ['stats count(*) by bin(1h), b, bin(1h)', '                              ^'],
  ['stats count(*) as a by b | stats max(a) as c by b as c', '                                                     ^'],
  ['stats pct(a, 101)', '             ^'],
  ['stats pct(a)', '      ^'],
  ['stats rate(a, 1m)', '      ^'],
  ['stats count(*) by bin(5)', '                      ^'],
  ['stats count(*) by bin(5x)', '                      ^'],
  ['stats count(*) by bin(0m)', '                      ^'],
  ['stats count(*) by bin(5m) offset 1h', '                          ^'],
  ['stats count(*) as n | stats sum(m)', '                                ^'],
  ['stats count(*) as n | stats latest(n)', '                            ^'],
  ['stats count(*) as n | stats count(*) by bin(5m)', '                                        ^'],
  ['limit 5 | stats count(*) as n | stats sum(n)', '^'],
  ['stats count(*) as a | stats max(a) as b | stats max(b)', '                                          ^'],
  ['dedup a | filter b = 1', '          ^'],
  ['limit 0', '      ^'],
  ['limit 10001', '      ^'],
  ['limit', '     ^'],
  ['sort', '    ^'],
  ['unnest a', '        ^'],
  ['head 5', '^'],
];

describe('a query that is not understood', () => {
  test.each(REFUSED)('is refused as a whole, with its position: %s', (query, caret) => {
    expect(refusal(query).offset).toBe(caret.length - 1);
  });

  test('names line and column, and a caret stands below the place', () => {
    const query = 'fields a\n\t| filter b == 1';
    const error = refusal(query);
    expect([error.line, error.column, error.offset]).toEqual([2, 13, 21]);
    expect(caretLines(query, error)).toEqual(['\t| filter b == 1', '\t           ^']);
  });
});

describe('the language', () => {
  test('commands, words and functions are known in any case, values are not', () => {
    const lines = [{ a: 'X' }, { a: 'x' }];
    expect(rowsOf('FIELDS toUpper(a) AS up | FILTER a IN ["x"] AND NOT IsEmpty(a) | SORT up DESC', lines)).toEqual([
      ['X'],
    ]);
  });

  test('a # begins a comment, but not in a text, a name or a regular expression', () => {
    const query = 'fields a # | filter a = 0\n# nothing\n| filter b = "#1" and b like /#/ # end';
    expect(rowsOf(query, [{ a: 1, b: '#1' }])).toEqual([[1]]);
  });

  test('a pipe in a text, a name or a regular expression ends no command', () => {
    expect(rowsOf('fields `x|y` | filter `x|y` = "|" and `x|y` like /a|\\|/', [{ 'x|y': '|' }])).toEqual([['|']]);
  });

  test('a name with other characters stands between backticks, whole or in part', () => {
    const line = { 'x-y': 1, a: { 'b c': 2 }, 'p.q': 3 };
    expect(rowsOf('fields `x-y`, a.`b c`, p.q, `by`', [line])).toEqual([[1, 2, 3, null]]);
    expect(run('fields `x-y`', [line]).columns).toEqual(['x-y']);
  });

  test('a minus between names is a difference', () => {
    expect(valueOf('x-y', { x: 5, y: 2, 'x-y': 9 })).toBe(3);
  });

  test.each([
    [String.raw`"a\"b"`, 'a"b'],
    [String.raw`'it\'s'`, "it's"],
    [String.raw`"a\\b\n\t"`, 'a\\b\n\t'],
    [String.raw`"\d"`, String.raw`\d`],
    [`"it's"`, "it's"],
  ])('escapes in the text %s', (text, value) => {
    expect(valueOf(text)).toBe(value);
  });

  test.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['2 ^ 3 ^ 2', 512],
    ['-2 ^ 2', -4],
    ['10 % 3 - -1', 2],
    ['8 / 4 / 2', 1],
    ['1 / 0', null],
    ['1 + missing', null],
    ['"2" * 3', 6],
    ['"two" * 3', null],
    ['1 = 1 and not 2 < 1 or missing = 1', 1],
    ['1 < 2 = true', undefined],
  ])('%s is %s', (expression, value) => {
    if (value === undefined) expect(() => valueOf(expression)).toThrow();
    else expect(valueOf(expression)).toBe(value);
  });
});
