import { describe, expect, test } from 'vitest';
import { type Pattern, PATTERNS } from '../../../core/logging/patterns.ts';
import { type Condition, eventsMatching, matches, toInsights } from '../../../core/logging/query.ts';
import { compileQuery } from '../../../lab/insights/query.ts';
import { ENTRIES, lineOf } from './sample-lines.ts';

const LINES = ENTRIES.flatMap(([event, { fields, optional = [] }]) => {
  const own = new Set<string>([...fields, ...optional]);
  const cases = valuesNamed().filter((values) => Object.keys(values).every((field) => own.has(field)));
  return cases.map((values) => ({ event, message: lineOf(event, values as never), timestamp_ms: 0 }));
});

describe('the query of each heading', () => {
  test.each(Object.entries(PATTERNS as Readonly<Record<string, Pattern>>))(
    '%s, as Logs Insights, counts exactly the lines that it means',
    (_, { query }) => {
      const expected = LINES.filter(({ message }) =>
        matches(query.where, JSON.parse(message) as Record<string, unknown>),
      );
      expect(expected.length).toBeGreaterThan(0);
      expect(new Set(expected.map(({ event }) => event))).toEqual(new Set(eventsMatching(query.where)));
      const { statistics } = compileQuery(toInsights(query)).run(LINES);
      expect(statistics.recordsMatched).toBe(expected.length);
    },
  );

  test('finds the guilty line of a fault among the others', () => {
    const guilty = lineOf('insert_failed', { category: 'schema', exception_msg: 'Table kalshi.frames does not exist' });
    const healthy = [lineOf('heartbeat'), lineOf('insert_ok'), lineOf('warehouse_heartbeat')];
    const { columns, rows } = compileQuery(toInsights(PATTERNS.schema_or_credentials.query)).run(
      [...healthy, guilty].map((message) => ({ message, timestamp_ms: 1 })),
    );
    expect(rows).toHaveLength(1);
    expect(columns).toContain('exception_msg');
    expect(JSON.stringify(rows)).toContain('does not exist');
  });
});

/** Every value that some pattern asks for, so that each condition has lines that satisfy it and lines that do not. */
function valuesNamed(): readonly Record<string, unknown>[] {
  const leaves = (where: Condition): readonly Record<string, unknown>[] => {
    if ('all' in where) return where.all.flatMap(leaves);
    if ('any' in where) return where.any.flatMap(leaves);
    if (['event', 'component', 'level'].includes(where.field)) return [];
    return 'is' in where ? where.is.map((value) => ({ [where.field]: value })) : [{ [where.field]: where.above + 1 }];
  };
  const named = Object.values(PATTERNS as Readonly<Record<string, Pattern>>).flatMap(({ query }) =>
    leaves(query.where),
  );
  return [{}, ...named];
}
