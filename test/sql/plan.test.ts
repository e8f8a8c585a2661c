import { describe, expect, it } from 'vitest';
import { MigrationError } from '../../sql/migrate/errors.ts';
import { type MigrationFile, parseMigration } from '../../sql/migrate/files.ts';
import { type LedgerEntry, planMigrations } from '../../sql/migrate/plan.ts';

const target = { variant: 'mergetree', database: 'tape' } as const;
const create = (table: string): string => `CREATE TABLE IF NOT EXISTS \${DATABASE}.${table} (a UInt8) ENGINE = Memory`;
const first = parseMigration('001_first.sql', `${create('a')};\n${create('b')};`);
const second = parseMigration('002_second.sql', create('c'));

const ledgerOf = (files: readonly MigrationFile[]): LedgerEntry[] =>
  files.flatMap(({ version, file, statements }) =>
    statements.map(({ checksum }, index) => ({ version, idx: index + 1, name: file, checksum })),
  );

describe('planMigrations', () => {
  it('runs everything in order on an empty ledger', () => {
    const { toRun, skipped } = planMigrations([first, second], [], target);
    expect(toRun.map(({ name, idx }) => [name, idx])).toEqual([
      ['001_first.sql', 1],
      ['001_first.sql', 2],
      ['002_second.sql', 1],
    ]);
    expect(toRun[0]?.sql).toContain('tape.a');
    expect(skipped).toBe(0);
  });

  it('goes on in the middle of a file', () => {
    const { toRun, skipped } = planMigrations([first, second], ledgerOf([first]).slice(0, 1), target);
    expect(toRun.map(({ name, idx }) => [name, idx])).toEqual([
      ['001_first.sql', 2],
      ['002_second.sql', 1],
    ]);
    expect(skipped).toBe(1);
  });

  it('does not mind a file that only got another name', () => {
    const renamed = parseMigration('001_renamed.sql', `${create('a')};\n${create('b')};`);
    expect(planMigrations([renamed], ledgerOf([first]), target).toRun).toEqual([]);
  });

  it('does not mind a comment between statements', () => {
    const commented = parseMigration('001_first.sql', `-- hello\n${create('a')};\n/* ; */${create('b')}`);
    expect(planMigrations([commented], ledgerOf([first]), target).toRun).toEqual([]);
  });

  const refusals: readonly (readonly [string, readonly MigrationFile[], readonly LedgerEntry[], RegExp])[] = [
    [
      'a changed statement',
      [parseMigration('001_first.sql', `${create('a')};${create('x')}`)],
      ledgerOf([first]),
      /001_first\.sql, statement 2/,
    ],
    [
      'a removed statement',
      [parseMigration('001_first.sql', create('a'))],
      ledgerOf([first]),
      /001_first\.sql, statement 2/,
    ],
    ['a removed file', [first], ledgerOf([first, second]), /002_second\.sql, statement 1/],
    ['a file put before an applied one', [first, second], ledgerOf([second]), /001_first\.sql, statement 1/],
    [
      'an unknown template',
      [parseMigration('001_a.sql', `${create('a')} \${NOPE}`)],
      [],
      /001_a\.sql, statement 1.*NOPE/,
    ],
    [
      'a statement that is not safe to repeat',
      [parseMigration('001_a.sql', 'DROP TABLE ${DATABASE}.a')],
      [],
      /001_a\.sql, statement 1/,
    ],
    [
      'a statement without database',
      [parseMigration('001_a.sql', 'DROP TABLE IF EXISTS a')],
      [],
      /001_a\.sql, statement 1/,
    ],
  ];
  it.each(refusals)('refuses %s, names it and says that nothing was run', (_, files, ledger, named) => {
    const plan = (): unknown => planMigrations(files, ledger, target);
    expect(plan).toThrow(MigrationError);
    expect(plan).toThrow(named);
    expect(plan).toThrow(/nothing was run/);
  });
});
