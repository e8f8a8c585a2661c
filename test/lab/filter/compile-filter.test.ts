import { describe, expect, test } from 'vitest';
import { compileFilter, withinRegexQuota } from '../../../lab/filter/compile-filter.ts';
import { PatternError } from '../../../lab/filter/pattern-error.ts';
import { printPattern } from '../../../lab/filter/print-pattern.ts';
import { JSON_CASES, REFUSED, SPACE_CASES, TERM_CASES } from './cases.ts';

const KINDS = [
  ['a JSON pattern', JSON_CASES],
  ['a pattern of terms', TERM_CASES],
  ['a space-delimited pattern', SPACE_CASES],
] as const;

function refusal(pattern: string): PatternError {
  try {
    compileFilter(pattern);
  } catch (error) {
    if (error instanceof PatternError) return error;
    throw error;
  }
  throw new Error(`compiled: ${pattern}`);
}

describe.each(KINDS)('%s', (_, cases) => {
  test.each(cases)('%s of %s is %s', (pattern, event, matches) => {
    const filter = compileFilter(pattern);
    expect(filter.matches(event)).toBe(matches);
    expect(filter.matches(event), 'a second time').toBe(matches);
    expect(filter.extract(event) !== undefined).toBe(matches);
  });

  test.each(cases)('%s of %s is the same when printed and read again', (pattern, event, matches) => {
    const { pattern: read } = compileFilter(pattern);
    const again = compileFilter(printPattern(read));
    expect(printPattern(again.pattern)).toBe(printPattern(read));
    expect(again.matches(event)).toBe(matches);
  });
});

describe('what CloudWatch refuses', () => {
  test.each(REFUSED)('is refused with its place: %s at %i', (pattern, position) => {
    const error = refusal(pattern);
    expect(error.position).toBe(position);
    expect(error.expected).not.toBe('');
  });

  test('is a pattern of more than 1,024 characters, and not one of exactly so many', () => {
    expect(compileFilter(`"${'a'.repeat(1_022)}"`).matches('b')).toBe(false);
    expect(refusal(' '.repeat(1_025)).position).toBe(1_024);
  });

  test('is a sixth pattern with a regular expression in one log group', () => {
    const five = Array.from({ length: 5 }, (_, at) => `{ $.a = %${at}% && $.b = %x% }`);
    expect(withinRegexQuota([...five, 'ERROR', '[a, ...]', '{ $.x IS NULL }', ''])).toBe(true);
    expect(withinRegexQuota([...five, '[a = %x%]'])).toBe(false);
    expect(withinRegexQuota([...five, '%x%'])).toBe(false);
  });
});

describe('what a space-delimited pattern takes out', () => {
  const LINE = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534';

  test('is by name where there is one, else by number', () => {
    expect(compileFilter('[..., request=*.html*, status_code=4*,]').extract(LINE)).toEqual({
      $1: '127.0.0.1',
      $2: '-',
      $3: 'frank',
      $4: '10/Oct/2000:13:25:15 -0700',
      $request: 'GET /index.html HTTP/1.0',
      $status_code: '404',
      $7: '1534',
    });
  });

  test('is all fields by number where the brackets hold nothing', () => {
    expect(compileFilter('[]').extract('INFO "two words" 3')).toEqual({ $1: 'INFO', $2: 'two words', $3: '3' });
  });

  test('has in the last field all that is left, as it is written', () => {
    expect(compileFilter('[ip, , who, rest]').extract(`${LINE} `)).toEqual({
      $ip: '127.0.0.1',
      $2: '-',
      $who: 'frank',
      $rest: '[10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534',
    });
  });

  test('keeps a bracket or a quote that does not close at the end of a field', () => {
    expect(compileFilter('[a, b, c, d, e]').extract('[x]: "y"z "a \\"b\\" c" [] "open')).toEqual({
      $a: '[x]:',
      $b: '"y"z',
      $c: 'a \\"b\\" c',
      $d: '',
      $e: '"open',
    });
  });

  test('is nothing of an event that does not match, and no field of a pattern of another kind', () => {
    expect(compileFilter('[a, b]').extract('one')).toBeUndefined();
    expect(compileFilter('{ $.a = 1 }').extract('{"a":1}')).toEqual({});
  });
});

test('a number nested too deep for its written text to be known is compared without it', () => {
  const depth = 200_000;
  const event = `{"a":12,"b":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  expect(compileFilter('{ $.a = "12" }').matches(event)).toBe(true);
});
