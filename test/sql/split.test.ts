import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MigrationError } from '../../sql/migrate/errors.ts';
import { splitStatements } from '../../sql/migrate/split.ts';

const anyText = fc.string({ unit: fc.constantFrom(...Array.from(`ab;'"\`\\-/*# \n`)), maxLength: 12 });
const quoted = (quote: string) =>
  anyText.map((text) => quote + text.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`) + quote);
const word = fc.constantFrom('SELECT', 'a', '1', '(', ')', ',', '=', '${DATABASE}.t');
const piece = fc.oneof(word, quoted("'"), quoted('"'), quoted('`'));
const blockComment = anyText.map((text) => `/* ${text.replaceAll(/[*/]/g, '')} */`);
const lineComment = anyText.map((text) => `-- ${text.replaceAll('\n', '')}\n`);
const gap = fc.oneof(fc.constant(' '), fc.constant('\n'), blockComment, lineComment);
/** Ends in a word, so that a comment at the end never belongs to it. */
const statement = fc
  .tuple(fc.array(fc.tuple(piece, gap), { maxLength: 6 }), word)
  .map(([parts, end]) => [...parts.map(([text, after]) => ` ${text} ${after}`), end].join('').trim());

describe('splitStatements', () => {
  it('gives back exactly the statements that were joined, whatever their strings and comments hold', () => {
    fc.assert(
      fc.property(fc.array(statement), gap, (statements, between) => {
        const file = statements.map((text) => `${between}${text}${between};`).join('');
        expect(splitStatements(file)).toEqual(statements);
      }),
      { numRuns: 500 },
    );
  });

  it('takes a last statement without a semicolon and drops empty ones', () => {
    expect(splitStatements(';;\nSELECT 1;-- end\n;SELECT 2 -- the last\n')).toEqual(['SELECT 1', 'SELECT 2']);
  });

  it('reads the same statements from a file with Windows line ends', () => {
    expect(splitStatements('SELECT\r\n1;\r\nSELECT 2')).toEqual(splitStatements('SELECT\n1;\nSELECT 2'));
  });

  it('refuses a string that is never closed, naming its line', () => {
    expect(() => splitStatements("SELECT 1;\nSELECT 'a;")).toThrow(MigrationError);
    expect(() => splitStatements("SELECT 1;\nSELECT 'a;")).toThrow(/line 2/);
  });
});
