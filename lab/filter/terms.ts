import type { Pattern, Term } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { readQuoted } from './literal.ts';

/** Reads words and "phrases": all must be there, `-` excludes, `?` means one of them is enough. */
export function readTerms(cursor: Cursor): Pattern {
  const terms: Term[] = [];
  cursor.skipSpace();
  while (!cursor.done) {
    terms.push(readTerm(cursor));
    cursor.skipSpace();
  }
  return { kind: 'terms', terms };
}

/** Whether an event holds the terms as substrings, in any order, by case. */
export function compileTerms(terms: readonly Term[]): (event: string) => boolean {
  const texts = (role: Term['role']): string[] =>
    terms.filter((term) => term.role === role && !isAnything(term)).map(({ text }) => text);
  const all = texts('all');
  const none = texts('none');
  if (terms.some((term) => term.role === 'none' && isAnything(term))) return () => false;
  // As CloudWatch does: beside a plain or an excluded term, those with a question mark are ignored.
  const onlyAny = terms.every(({ role }) => role === 'any');
  if (onlyAny) {
    const any = texts('any');
    return (event) => any.length < terms.length || any.some((text) => event.includes(text));
  }
  return (event) => all.every((text) => event.includes(text)) && !none.some((text) => event.includes(text));
}

const ROLES = { '?': 'any', '-': 'none' } as const;
const WORD = /[A-Za-z0-9_]+/y;
const AFTER_TERM = /$|\s/y;

function readTerm(cursor: Cursor): Term {
  const sign = cursor.char;
  const role = sign === '?' || sign === '-' ? ROLES[sign] : 'all';
  if (role !== 'all') cursor.at += 1;
  // The user guide prints `"ERROR" - "Exiting"`.
  if (role === 'none') cursor.skipSpace();
  const text = readText(cursor);
  AFTER_TERM.lastIndex = cursor.at;
  if (!AFTER_TERM.test(cursor.pattern)) {
    throw cursor.fail('a space before the next term: quote a term that has more than letters, digits and _');
  }
  return { role, text };
}

function readText(cursor: Cursor): string {
  const at = cursor.at;
  if (cursor.char === '%') throw cursor.fail('a term: a regular expression stands alone, or in { } or [ ]');
  if (cursor.char !== '"') {
    const word = cursor.match(WORD);
    if (word === undefined) throw cursor.fail('a term of letters, digits and _, or a "quoted" one');
    return word;
  }
  const text = readQuoted(cursor);
  if (text === '') throw cursor.fail('a phrase that is not empty', at);
  return text;
}

/** `" "` matches every event, also one without a space. */
const isAnything = ({ text }: Term): boolean => text.trim() === '';
