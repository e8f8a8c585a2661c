import { describe, expect, test } from 'vitest';
import { PATTERNS, type Pattern } from '../../../core/logging/patterns.ts';
import { type Condition, matches, toInsights } from '../../../core/logging/query.ts';
import { run } from './support.ts';

const PATTERN_LIST = Object.entries(PATTERNS as Readonly<Record<string, Pattern>>);

type Fields = Readonly<Record<string, unknown>>;

/** Lines that satisfy the condition, in every way in which it can be satisfied. */
function satisfying(condition: Condition): readonly Fields[] {
  if ('any' in condition) return condition.any.flatMap(satisfying);
  if ('all' in condition) {
    return condition.all.reduce<readonly Fields[]>(
      (lines, part) => lines.flatMap((line) => satisfying(part).map((more) => ({ ...line, ...more }))),
      [{}],
    );
  }
  if ('is' in condition) return condition.is.map((value) => nested(condition.field, value));
  return [nested(condition.field, condition.above + 0.5)];
}

function nested(path: string, value: unknown): Fields {
  const [first, ...rest] = path.split('.');
  return { [first!]: rest.length === 0 ? value : nested(rest.join('.'), value) };
}

/** What satisfies any pattern, and what nearly does: with one field less, and with a number that is too small. */
const LINES = PATTERN_LIST.flatMap(([, { query }]) => satisfying(query.where))
  .flatMap((line) => [line, { ...line, ...smaller(line) }, Object.fromEntries(Object.entries(line).slice(1))])
  .map((line, i): Fields => ({ timestamp: new Date(Date.UTC(2026, 10, 23) + i * 1_000).toISOString(), ...line }));

function smaller(line: Fields): Fields {
  return Object.fromEntries(
    Object.entries(line)
      .filter(([, value]) => typeof value === 'number')
      .map(([k]) => [k, -1]),
  );
}

describe('the queries of the guide', () => {
  test.each(PATTERN_LIST)('%s selects the newest lines that its condition means', (_, { query }) => {
    const selected = LINES.filter((line) => matches(query.where, line)).toReversed();
    expect(selected.length).toBeGreaterThan(0);
    const lineQuery = { where: query.where, show: query.show };
    const { rows, statistics } = run(toInsights(lineQuery), LINES);
    expect(statistics.recordsMatched).toBe(selected.length);
    expect(rows.map((row) => row['@timestamp'])).toEqual(
      selected.slice(0, 20).map((line) => String(line['timestamp']).replace('T', ' ').slice(0, -1)),
    );
    expect(run(toInsights(query), LINES).warnings).toEqual([]);
  });

  test('counts by fields come most first', () => {
    const where: Condition = { field: 'level', is: ['INFO', 'ERROR', 'WARN'] };
    const lines = ['INFO', 'ERROR', 'INFO', 'DEBUG', 'WARN', 'INFO', 'WARN'].map((level) => ({ level }));
    expect(run(toInsights({ where, show: [], countBy: ['level'] }), lines).rows).toEqual([
      { level: 'INFO', lines: 3 },
      { level: 'WARN', lines: 2 },
      { level: 'ERROR', lines: 1 },
    ]);
  });
});
