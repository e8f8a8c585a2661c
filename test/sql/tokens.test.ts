import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { significantTokens, tokens } from '../../sql/migrate/tokens.ts';

const kindsOf = (sql: string): string[] =>
  [...significantTokens(sql)].map(({ kind, start, end }) => `${kind} ${sql.slice(start, end)}`);

describe('tokens', () => {
  it('cover any text from start to end without a hole', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from(`ab1 \n'"\`\\/*-#$;(),.‘’“”é`)) }), (text) => {
        let at = 0;
        for (const { start, end } of tokens(text)) {
          expect(start).toBe(at);
          expect(end).toBeGreaterThan(start);
          at = end;
        }
        expect(at).toBe(text.length);
      }),
    );
  });

  // Each was run against ClickHouse 26.7.2.1 (chdb 3.4.0).
  it.each([
    ['SELECT 10 //2', ['word SELECT', 'word 10']],
    ['SELECT 1 # x', ['word SELECT', 'word 1']],
    ['SELECT 1 #!x', ['word SELECT', 'word 1']],
    ['SELECT 5--3', ['word SELECT', 'word 5']],
    ['SELECT /* a /* b */ c */ 1', ['word SELECT', 'word 1']],
    ['SELECT 1 /* a /* b */', ['word SELECT', 'word 1', 'unclosed /* a /* b */']],
    [`SELECT 'a\\'b;c'`, ['word SELECT', `string 'a\\'b;c'`]],
    [`SELECT 'it''s'`, ['word SELECT', `string 'it''s'`]],
    ['SELECT ‘a;b’', ['word SELECT', 'string ‘a;b’']],
    ['SELECT “a;b”', ['word SELECT', 'quoted “a;b”']],
    ['SELECT 1 AS `a\\`;b`', ['word SELECT', 'word 1', 'word AS', 'quoted `a\\`;b`']],
    ['SELECT $a$ ; $b$ $a$', ['word SELECT', 'string $a$ ; $b$ $a$']],
    ['SELECT $1$ x', ['word SELECT', 'word $1$', 'word x']],
    ['SELECT 1 AS a$b$c', ['word SELECT', 'word 1', 'word AS', 'word a$b$c']],
    [`SELECT 'open`, ['word SELECT', `unclosed 'open`]],
  ])('of %s are those of the engine', (sql, expected) => {
    expect(kindsOf(sql)).toEqual(expected);
  });
});
