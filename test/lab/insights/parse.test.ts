import { describe, expect, test } from 'vitest';
import { rowsOf, run } from './support.ts';

describe('parse', () => {
  test('a glob takes as little as the text after each star leaves, anywhere in the message', () => {
    const lines = ['at 9 user=ann b, method:GET, latency := 12', 'user=bo, method:PUT, latency := 30'];
    const query =
      'parse @message "user=*, method:*, latency := *" as @user, @method, @latency | stats avg(@latency) by @method, @user | sort @user';
    expect(rowsOf(query, lines)).toEqual([
      ['GET', 'ann b', 12],
      ['PUT', 'bo', 30],
    ]);
  });

  test('a star at the begin takes from there, and quotes and brackets are themselves', () => {
    const query =
      'PARSE @message "* [*] *" as time, kind, rest | FILTER kind IN ["ERROR", "INFO"] | DISPLAY rest, kind = "ERROR" as isError';
    expect(rowsOf(query, ['10:00 [ERROR] it [is] bad', '10:01 [DEBUG] no'])).toEqual([['it [is] bad', 1]]);
  });

  test('the message is parsed where no field is named, a field where one is', () => {
    expect(rowsOf("parse 'x=* ' as x | display x", ['x=1 y'])).toEqual([['1']]);
    expect(rowsOf('parse a.b "k:*" as k | display k', [{ a: { b: 'k:v' } }])).toEqual([['v']]);
    expect(
      rowsOf('parse @message "url=*" as url | parse url "/api/*/users/*" as v, id | display v, id', [
        'url=/api/2/users/7',
      ]),
    ).toEqual([['2', '7']]);
  });

  test('what does not match keeps its row, without the fields', () => {
    expect(run('parse @message "x=*" as x', ['y=1'])).toMatchObject({
      columns: ['@timestamp', '@message', 'x'],
      rows: [{ '@timestamp': null, '@message': 'y=1', x: null }],
    });
  });

  test('a regular expression names its groups, or they are named after it', () => {
    const lines = ['id=7 took 1.5 ms'];
    expect(
      rowsOf('parse @message /id=(?<id>\\d+) took (?:about )?(?<@ms>[\\d.]+)/ | display id, @ms * 2 as twice', lines),
    ).toEqual([['7', 3]]);
    expect(rowsOf('parse /id=(\\d+).* ([a-z]+)$/ as id, unit | display id, unit', lines)).toEqual([['7', 'ms']]);
  });

  test('a star after a backslash is a star', () => {
    expect(rowsOf('parse "a\\\\*b*" as x | display x', ['a*b1'])).toEqual([['1']]);
  });

  test('the columns of parse are shown beside those of fields', () => {
    expect(run('fields @message | parse @message "*=*" as k, v', ['a=b']).columns).toEqual(['@message', 'k', 'v']);
  });
});
