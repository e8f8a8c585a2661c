import { describe, expect, test } from 'vitest';
import { run, valueOf } from './support.ts';

const LINE = {
  n: -2.5,
  t: ' Añ😀 ',
  ip: '192.0.2.7',
  ip6: '2001:db8::1',
  json: '{"a":[{"b":"x"},2],"c-d":true}',
  ms: 1_795_471_445_678,
};

describe('functions', () => {
  test.each([
    ['abs(n)', 2.5],
    ['ceil(n)', -2],
    ['floor(n)', -3],
    ['sqrt(16)', 4],
    ['sqrt(-1)', null],
    ['log(1)', 0],
    ['log(0)', null],
    ['greatest(1, n, "7")', 7],
    ['least(1, n, missing)', -2.5],
    ['greatest(missing)', null],
    ['coalesce(missing, "", n)', ''],
    ['strlen(t)', 5],
    ['strlen(missing)', null],
    ['toupper("straße")', 'STRASSE'],
    ['tolower("ÄB")', 'äb'],
    ['trim(t)', 'Añ😀'],
    ['ltrim(t)', 'Añ😀 '],
    ['rtrim(t)', ' Añ😀'],
    ['trim("xyZxyfooxyxyZ", "xyZ")', 'foo'],
    ['ltrim("xyZfooxyZ", "xyZ")', 'fooxyZ'],
    ['rtrim("xyZfooxyZ", "xyZ")', 'xyZfoo'],
    ['substr("xyZfooxyZ", 3)', 'fooxyZ'],
    ['substr("xyZfooxyZ", 3, 3)', 'foo'],
    ['substr(t, 3, 1)', '😀'],
    ['replace("foo", "o", "$&")', 'f$&$&'],
    ['strcontains("foo", "oo")', 1],
    ['strcontains("foo", "O")', 0],
    ['concat("a", 1, missing, true)', 'a11'],
    ['isempty("")', 1],
    ['isempty(" ")', 0],
    ['isempty(missing)', 1],
    ['isblank(" ")', 1],
    ['ispresent(missing)', 0],
    ['isValidIp(ip)', 1],
    ['isValidIp(ip6)', 1],
    ['isValidIp("300.1.1.1")', 0],
    ['isValidIpV4(ip6)', 0],
    ['isValidIpV6(ip6)', 1],
    ['isIpInSubnet(ip, "192.0.2.0/24")', 1],
    ['isIpInSubnet(ip, "192.0.3.0/24")', 0],
    ['isIpInSubnet(ip6, "2001:db8::/32")', 1],
    ['isIpv4InSubnet(ip6, "2001:db8::/32")', 0],
    ['isIpv6InSubnet(ip6, "2001:db8::/32")', 1],
    ['isIpv4InSubnet(ip, "192.0.2.0/33")', 0],
    ['isIpv4InSubnet(ip, "192.0.2.0")', 0],
    ['fromMillis(ms)', '2026-11-23 22:04:05.678'],
    ['toMillis(fromMillis(ms))', 1_795_471_445_678],
    ['datefloor(fromMillis(ms), 1h)', '2026-11-23 22:00:00.000'],
    ['dateceil(fromMillis(ms), 1h)', '2026-11-23 23:00:00.000'],
    ['dateceil(datefloor(fromMillis(ms), 1h), 1h)', '2026-11-23 22:00:00.000'],
    ['jsonParse(json)', '{"a":[{"b":"x"},2],"c-d":true}'],
    ['jsonParse(json).a', undefined],
    ['jsonParse("no json")', null],
    ['jsonStringify(jsonParse("[1, 2]"))', '[1,2]'],
  ])('%s is %s', (expression, value) => {
    if (value === undefined) expect(() => valueOf(expression, LINE)).toThrow();
    else expect(valueOf(expression, LINE)).toBe(value);
  });

  test('what jsonParse() made is entered with dots, brackets and backticks, under its alias', () => {
    const { rows } = run(
      'fields jsonParse(json) as j | display j.a[0].b, j.a.1 as two, j.`c-d` as flag, j.x.y as none',
      [LINE],
    );
    expect(rows).toEqual([{ 'j.a[0].b': 'x', two: 2, flag: 1, none: null }]);
  });

  test('now() is the time the run was told, in seconds', () => {
    expect(run('fields now() as t', [LINE], { now_ms: 5_999 }).rows).toEqual([{ t: 5 }]);
  });
});
