import { describe, expect, it } from 'vitest';
import { MigrationError } from '../../sql/migrate/errors.ts';
import { render } from '../../sql/migrate/render.ts';

const SQL =
  'CREATE TABLE ${DATABASE}.t ${ON_CLUSTER} (a UInt8) ENGINE = ${REPLICATED}MergeTree ORDER BY a SETTINGS ${DEDUPLICATION}';
const KEEPER = 'replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800';

describe('render', () => {
  it.each([
    [
      { variant: 'mergetree', cluster: undefined } as const,
      'CREATE TABLE tape.t  (a UInt8) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 10000',
    ],
    [
      { variant: 'replicated', cluster: 'main' } as const,
      `CREATE TABLE tape.t ON CLUSTER 'main' (a UInt8) ENGINE = ReplicatedMergeTree ORDER BY a SETTINGS ${KEEPER}`,
    ],
    [
      { variant: 'cloud', cluster: undefined } as const,
      `CREATE TABLE tape.t  (a UInt8) ENGINE = MergeTree ORDER BY a SETTINGS ${KEEPER}`,
    ],
  ])('fills every template for %o', (target, expected) => {
    expect(render(SQL, { database: 'tape', ...target })).toBe(expected);
  });

  it('refuses a template it does not know, by name', () => {
    const target = { database: 'tape', variant: 'cloud' } as const;
    expect(() => render('SELECT ${ENGINE}', target)).toThrow(MigrationError);
    expect(() => render('SELECT ${ENGINE}', target)).toThrow(/\$\{ENGINE\}/);
    expect(() => render('SELECT ${DATABASE', target)).toThrow(MigrationError);
  });
});
