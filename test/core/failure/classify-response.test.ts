import { describe, expect, test } from 'vitest';
import type { FailureClass } from '../../../core/failure/classes.ts';
import { classifyResponse } from '../../../core/failure/classify-response.ts';
import { MESSAGES } from './facts.ts';

const answer = (status: number, body = '', headers: Record<string, string> = {}) =>
  classifyResponse({ status, headers, body });
const code = (n: number) => ({ 'x-clickhouse-exception-code': String(n) });

describe('an answer', () => {
  test.each<readonly [string, ReturnType<typeof answer>, FailureClass]>([
    ['500 with a code header and no body', answer(500, '', code(241)), 'memory_server'],
    ['500 with code and message', answer(500, MESSAGES.memoryQuery, code(241)), 'memory_query'],
    ['500 with a message only', answer(500, MESSAGES.tooManyPartitions), 'too_many_partitions'],
    ['401 with its code', answer(401, 'Code: 194. DB::Exception: Password required', code(194)), 'auth'],
    ['404 with its code', answer(404, MESSAGES.unknownTable, code(60)), 'schema'],
    ['200 with a code header', answer(200, '', code(159)), 'timeout'],
    ['502 of a load balancer', answer(502, '<html><h1>502 Bad Gateway</h1></html>'), 'unavailable'],
    ['503 with nothing', answer(503), 'unavailable'],
    ['504 as text', answer(504, 'upstream request timeout'), 'unavailable'],
    ['500 without ClickHouse', answer(500, 'Internal Server Error'), 'unavailable'],
    ['413', answer(413, '<html>413 Request Entity Too Large</html>'), 'size'],
    ['429', answer(429), 'overload'],
    ['403 of a firewall', answer(403, 'Forbidden'), 'auth'],
    ['301', answer(301, '', { location: 'https://elsewhere/' }), 'node_config'],
    ['a code nobody knows, with 429', answer(429, '', code(9_998)), 'overload'],
    ['a code nobody knows, with 500', answer(500, '', code(9_998)), 'unknown'],
  ])('%s', (_, failure, expected) => expect(failure?.class).toBe(expected));

  test('200 without a word of failure is a success', () => {
    expect(answer(200)).toBeUndefined();
    expect(answer(200, '{"n":1}\n', { 'x-clickhouse-summary': '{}' })).toBeUndefined();
  });

  test('200 is a failure if the exception came after the status', () => {
    const late = `{"n":1}\n\r\n__exception__\r\nabcdefghijklmnop\r\n${MESSAGES.memoryTotal}\r\n120 abcdefghijklmnop\r\n__exception__\r\n`;
    expect(answer(200, late)).toMatchObject({ class: 'memory_server', clickhouseCode: 241, memoryScope: 'server' });
    expect(answer(200, `{"n":1}\n${MESSAGES.badDate}`)).toMatchObject({ class: 'data', row: 2 });
    expect(answer(200, MESSAGES.unknownTable)).toMatchObject({ class: 'schema', httpStatus: 200 });
    expect(answer(200, `${'{"n":1}\n'.repeat(50_000)}${MESSAGES.memoryTotal}`)).toMatchObject({ clickhouseCode: 241 });
    expect(answer(200, '{"exception": "Code: 395. DB::Exception: no (X)"}')).toMatchObject({ clickhouseCode: 395 });
  });

  test('a row that quotes an exception is data', () => {
    const row = JSON.stringify({ title: `\n__exception__\n${MESSAGES.memoryTotal}` });
    expect(answer(200, `${row}\n`)).toBeUndefined();
  });

  test('the code in the header is believed before the text', () => {
    expect(answer(500, MESSAGES.unknownTable, code(252))).toMatchObject({
      class: 'too_many_parts',
      clickhouseCode: 252,
    });
  });

  test('Retry-After is seconds or a date of the same clock, bounded', () => {
    const after = (text: string) =>
      answer(429, '', { 'retry-after': text, date: 'Mon, 23 Nov 2026 19:00:00 GMT' })?.retryAfterMs;
    expect(['2', '0.5', '999999', 'soon', '-1'].map(after)).toEqual([2_000, 500, 120_000, undefined, 0]);
    expect(after('Mon, 23 Nov 2026 19:00:07 GMT')).toBe(7_000);
    expect(after('Mon, 23 Nov 2026 18:00:00 GMT')).toBe(0);
  });
});
