import { expect, test } from 'vitest';
import { BACKOFF_POLICIES } from '../../../core/failure/backoff.ts';
import { FAILURE_CATEGORIES, FAILURE_CLASS_NAMES, obligationOf } from '../../../core/failure/classes.ts';
import { CLICKHOUSE_CODES } from '../../../core/failure/clickhouse-codes.ts';
import { GENERAL_ERROR_NAMES, PROGRAM_ERROR_NAMES, SERVICE_ERROR_NAMES } from '../../../core/failure/error-names.ts';
import { classOfStatus } from '../../../core/failure/http-status.ts';
import { classOfNodeCode } from '../../../core/failure/node-codes.ts';
import { CLASS_OF_CODES, RETRYABLE_ELSEWHERE } from './facts.ts';

test.each(CLASS_OF_CODES.flatMap(([name, codes]) => codes.map((code) => [code, name] as const)))(
  'code %i is of class %s',
  (code, name) => expect(CLICKHOUSE_CODES.get(code)).toBe(name),
);

test.each(RETRYABLE_ELSEWHERE)('code %i, which other sinks retry, is retried here too', (code) => {
  expect(obligationOf(CLICKHOUSE_CODES.get(code) ?? 'data').retry).not.toBe('no');
});

test.each(FAILURE_CLASS_NAMES)('class %s says what it means and what to do', (name) => {
  const { meaning, action, category } = obligationOf(name);
  expect(meaning).toMatch(/^[A-Z].{15,}\.$/);
  expect(action).toMatch(/^[A-Z].{10,}\.$/);
  expect(FAILURE_CATEGORIES).toContain(category);
  expect(name).toMatch(/^[a-z][a-z_]*[a-z]$/);
});

test.each(FAILURE_CLASS_NAMES)('what class %s obliges does not contradict itself', (name) => {
  const { row, hold, split, ambiguous, retry } = obligationOf(name);
  expect(row && hold, 'dead-lettered and held').toBe(false);
  expect(row && split === 'no', 'a row is isolated by splitting').toBe(false);
  expect(ambiguous && split !== 'no', 'never split what may have been applied').toBe(false);
  expect(ambiguous && row, 'never dead-letter what may have been applied').toBe(false);
  expect(BACKOFF_POLICIES).toHaveProperty(retry);
});

test('every class is reached by some code, name, status or message', () => {
  const reached = new Set([
    ...CLICKHOUSE_CODES.values(),
    ...[SERVICE_ERROR_NAMES, GENERAL_ERROR_NAMES, PROGRAM_ERROR_NAMES].flatMap((names) => [...names.values()]),
    ...['ECONNREFUSED', 'ENOTFOUND', 'ECONNRESET', 'EPROTO'].map(classOfNodeCode),
    ...[200, 413, 502].map(classOfStatus),
    // Only messages tell these from memory_server and too_many_parts; classify.test.ts reaches them.
    'memory_query',
    'too_many_partitions',
  ]);
  expect(FAILURE_CLASS_NAMES.filter((name) => !reached.has(name))).toEqual([]);
});

test('every category is what some class is told as', () => {
  const told = new Set(FAILURE_CLASS_NAMES.map((name) => obligationOf(name).category));
  expect(FAILURE_CATEGORIES.filter((category) => !told.has(category))).toEqual([]);
});
