import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recognise } from '../../../local/clickhouse/statement.ts';

const insertOf = (sql: string) => {
  const statement = recognise(sql);
  if (statement.kind !== 'insert_data') throw new Error(`not an insert with data: ${sql}`);
  return { ...statement, data: sql.slice(statement.dataAt) };
};
const codeOf = (sql: string): unknown => {
  try {
    recognise(sql);
  } catch (error) {
    return (error as { code: unknown }).code;
  }
  return undefined;
};

describe('recognise', () => {
  it.each([
    ['INSERT INTO t FORMAT JSONEachRow\n{"a":1}', 'INSERT INTO t ', '', 'JSONEachRow', '{"a":1}'],
    ['INSERT INTO t FORMAT JSONEachRow \r\n\n{"a":1}', 'INSERT INTO t ', '', 'JSONEachRow', '\n{"a":1}'],
    [
      'insert into table d.t (a, b) settings x = 1, y = 2 format CSV 1,2',
      'insert into table d.t (a, b) ',
      'settings x = 1, y = 2 ',
      'CSV',
      '1,2',
    ],
    ["INSERT INTO t VALUES (1),\n\n('SELECT')", 'INSERT INTO t ', '', 'Values', " (1),\n\n('SELECT')"],
    ['INSERT INTO values VALUES (1)', 'INSERT INTO values ', '', 'Values', ' (1)'],
    ['INSERT INTO d.format FORMAT CSV\n1', 'INSERT INTO d.format ', '', 'CSV', '1'],
    [
      'INSERT INTO t (values, format, select) VALUES (1)',
      'INSERT INTO t (values, format, select) ',
      '',
      'Values',
      ' (1)',
    ],
    ['INSERT INTO `VALUES` (`FORMAT`) FORMAT CSV\n1', 'INSERT INTO `VALUES` (`FORMAT`) ', '', 'CSV', '1'],
    ['INSERT INTO t -- FORMAT TSV\n FORMAT CSV\n1', 'INSERT INTO t -- FORMAT TSV\n ', '', 'CSV', '1'],
    ["INSERT INTO FUNCTION null('a UInt8') VALUES (1)", "INSERT INTO FUNCTION null('a UInt8') ", '', 'Values', ' (1)'],
    ['INSERT INTO t FORMAT RowBinary\n', 'INSERT INTO t ', '', 'RowBinary', ''],
  ])('finds the rows of %j', (sql, head, settings, format, data) => {
    expect(insertOf(sql)).toMatchObject({ head, settings, format, data });
  });

  it('leaves the rows untouched, whatever they are', () => {
    const rows = fc
      .string({ unit: fc.constantFrom(...Array.from(`a1 ;'"\`\\/*-\n`), ';DROP TABLE t;', '\n\n') })
      .map((text) => `{${text}`);
    fc.assert(
      fc.property(rows, fc.constantFrom('', ' SETTINGS a = 1', ' /* ; VALUES */', ' (`a;b`)'), (data, between) => {
        expect(insertOf(`INSERT INTO t${between} FORMAT JSONEachRow\n${data}`).data).toBe(data);
      }),
    );
  });

  it.each([
    'SELECT 1',
    'INSERT INTO t SELECT 1',
    'INSERT INTO t (a) SELECT * FROM values((1), (2)) SETTINGS x = 1',
    'INSERT INTO t (SELECT 1)',
    'INSERT INTO t WITH 1 AS x SELECT x',
    "SELECT 'INSERT INTO t VALUES (1)'",
    '/* INSERT INTO t VALUES (1) */ SELECT 1',
    'EXPLAIN INSERT INTO t VALUES (1)',
    'SELECT 1;',
    'SELECT 1; ; -- end',
  ])('sees no rows in %j', (sql) => {
    expect(recognise(sql).kind).toBe('other');
  });

  it.each([
    ['SELECT 1 FORMAT JSON', 'JSON'],
    ['SELECT 1 FORMAT JSON SETTINGS max_threads = 1;', 'JSON'],
    ["SELECT 'x FORMAT CSV' -- FORMAT TSV", undefined],
    ['SELECT (SELECT 1 FORMAT CSV)', undefined],
  ])('knows the format of the answer of %j', (sql, outputFormat) => {
    expect(recognise(sql)).toEqual({ kind: 'other', outputFormat });
  });

  it.each([
    ['', 62],
    [' -- nothing', 62],
    [';', undefined],
    ['SELECT 1; SELECT 2', 62],
    ['INSERT INTO t SELECT 1; DROP TABLE t', 62],
    ['INSERT INTO t FORMAT CSV;\n1', 62],
    ["INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV", 78],
    ["SELECT 1 INTO OUTFILE '/tmp/x'", 80],
  ])('answers %j with code %s', (sql, code) => {
    expect(codeOf(sql)).toBe(code);
  });
});
