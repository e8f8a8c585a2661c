import { describe, expect, it } from 'vitest';
import { isIdempotent } from '../../sql/migrate/idempotent.ts';

describe('isIdempotent', () => {
  it.each([
    'CREATE TABLE IF NOT EXISTS tape.t (a UInt8, b UInt8) ENGINE = Memory',
    'create materialized view if not exists tape.v to tape.t as select 1, 2',
    '/* why */ CREATE -- x\n DATABASE IF NOT EXISTS tape',
    'CREATE OR REPLACE VIEW tape.v AS SELECT 1, 2',
    'DROP VIEW IF EXISTS tape.v',
    'ALTER TABLE tape.t ADD COLUMN IF NOT EXISTS c UInt8 AFTER b, DROP COLUMN IF EXISTS d',
    "ALTER TABLE tape.t ON CLUSTER 'main cluster' MODIFY SETTING a = 1, b = 2",
    'ALTER TABLE tape.t MODIFY COLUMN c Decimal(9, 6) CODEC(Delta(8), ZSTD(1))',
    'ALTER TABLE `tape`.`t` MODIFY TTL ts + INTERVAL 3 DAY',
    'ALTER TABLE tape.v MODIFY QUERY SELECT a, b FROM tape.t',
  ])('accepts %s', (sql) => {
    expect(isIdempotent(sql)).toBe(true);
  });

  it.each([
    'CREATE TABLE tape.t (a UInt8) ENGINE = Memory',
    "CREATE TABLE tape.t (a String DEFAULT 'IF NOT EXISTS') ENGINE = Memory",
    'CREATE OR REPLACE TABLE tape.t (a UInt8) ENGINE = Memory',
    'CREATE TABLE /* IF NOT EXISTS */ tape.t (a UInt8) ENGINE = Memory',
    'DROP TABLE tape.t',
    'TRUNCATE TABLE IF EXISTS tape.t',
    'INSERT INTO tape.t SELECT 1',
    'RENAME TABLE tape.a TO tape.b',
    'ALTER TABLE tape.t ADD COLUMN IF NOT EXISTS c UInt8, ADD COLUMN d UInt8',
    'ALTER TABLE tape.t DELETE WHERE 1',
    'ALTER TABLE tape.t UPDATE a = a + 1 WHERE 1',
    'ALTER TABLE tape.t MODIFY COLUMN a UInt8, b = 2',
    '',
  ])('refuses %s', (sql) => {
    expect(isIdempotent(sql)).toBe(false);
  });
});
