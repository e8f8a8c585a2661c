import { significantTokens } from '../../sql/migrate/tokens.ts';
import { fault } from './errors.ts';

/** What a statement is, as far as the way to run it depends on it. Offsets are into the text that was read. */
export type Statement =
  | {
      readonly kind: 'insert_data';
      /** `INSERT INTO t (a, b) `, where FROM INFILE may follow. */
      readonly head: string;
      /** `SETTINGS a = 1 ` or nothing. */
      readonly settings: string;
      readonly format: string;
      /** Where the rows start. */
      readonly dataAt: number;
    }
  | { readonly kind: 'other'; readonly outputFormat: string | undefined };

/**
 * Reads as much of a statement as tells what it is: up to the first row of an INSERT with data, else to the end.
 * Throws ClickHouseFault for what a server refuses as well: no statement, several, FROM INFILE, INTO OUTFILE.
 */
export function recognise(text: string): Statement {
  const words = readWords(text);
  const first = words.next();
  if (first.done === true) throw fault('SYNTAX_ERROR', 'Empty query');
  if (first.value.upper !== 'INSERT') return readOther(first.value, words);
  return readInsert(text, words) ?? readOther(undefined, readWords(text));
}

interface Word {
  /** In capitals if it may be a keyword; a quoted name or string is itself, quotes included. */
  readonly upper: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Of parentheses; an opening one counts itself, a closing one does not. */
  readonly depth: number;
}

function* readWords(text: string): Generator<Word, undefined> {
  let depth = 0;
  for (const { kind, start, end } of significantTokens(text)) {
    const piece = text.slice(start, end);
    if (piece === '(') depth += 1;
    if (piece === ')') depth -= 1;
    yield { upper: kind === 'word' ? piece.toUpperCase() : piece, text: piece, start, end, depth };
  }
}

/** INSERT INTO [TABLE] [FUNCTION] target [(columns)] [SETTINGS …] then VALUES, FORMAT f, or SELECT, which is no data. */
function readInsert(text: string, words: Iterator<Word, undefined>): Statement | undefined {
  if (words.next().value?.upper !== 'INTO') return undefined;
  let target = words.next().value;
  if (target?.upper === 'TABLE') target = words.next().value ?? target;
  // A table may be called `values` or `format`: its name is never taken for a keyword.
  let previous = target?.upper === 'FUNCTION' ? words.next().value : target;
  let settingsAt: number | undefined;
  for (let word = words.next().value; word !== undefined; word = words.next().value) {
    const { text: before } = previous ?? { text: '' };
    previous = word;
    if (before === '.') continue;
    if ((word.upper === 'SELECT' || word.upper === 'WITH') && (word.depth === 0 || before === '(')) return undefined;
    if (word.depth > 0) continue;
    if (word.upper === ';') return undefined;
    if (word.upper === 'INFILE')
      throw fault('UNKNOWN_TYPE_OF_QUERY', 'Query has infile and was sent directly to server');
    if (word.upper === 'SETTINGS') settingsAt ??= word.start;
    if (word.upper === 'VALUES') return insertOf(text, settingsAt, word.start, 'Values', word.end);
    if (word.upper === 'FORMAT') {
      const format = words.next().value;
      return format && insertOf(text, settingsAt, word.start, format.text, rowsStart(text, format.end));
    }
  }
  return undefined;
}

function insertOf(
  text: string,
  settingsAt: number | undefined,
  keywordAt: number,
  format: string,
  dataAt: number,
): Statement {
  const headEnd = settingsAt ?? keywordAt;
  return {
    kind: 'insert_data',
    head: text.slice(0, headEnd),
    settings: text.slice(headEnd, keywordAt),
    format,
    dataAt,
  };
}

/** As ParserInsertQuery.cpp: rows start behind the blanks after the format's name and one line end. */
function rowsStart(text: string, from: number): number {
  if (/^\s*;/.test(text.slice(from, from + 64))) {
    throw fault('SYNTAX_ERROR', "You have excessive ';' symbol before data for INSERT");
  }
  return from + /^[ \t\f]*\r?\n?/.exec(text.slice(from, from + 1_024))![0].length;
}

function readOther(first: Word | undefined, rest: Iterable<Word>): Statement {
  let outputFormat: string | undefined;
  let previous = first;
  let ended = false;
  for (const word of rest) {
    if (word.upper !== ';' && ended) throw fault('SYNTAX_ERROR', 'Multi-statements are not allowed');
    if (word.upper === ';') ended = true;
    if (word.depth === 0 && previous?.upper === 'INTO' && word.upper === 'OUTFILE') {
      throw fault('INCORRECT_QUERY', 'INTO OUTFILE is not allowed');
    }
    if (word.depth === 0 && previous?.upper === 'FORMAT') outputFormat = word.text;
    previous = word;
  }
  return { kind: 'other', outputFormat };
}
