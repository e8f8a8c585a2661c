import type { Column, Command, Expression, SortKey } from './ast.ts';
import { Lexer } from './lexer.ts';
import { isSymbol, isWord, parseExpression, parseName, parseRegex } from './parse-expression.ts';
import { globOf } from './regex.ts';

/** Rows that a query returns at most, and where it has no limit. */
export const MAX_ROWS = 10_000;

/** Commands that Logs Insights has and this engine has not. */
const NOT_EVALUATED: ReadonlySet<string> = new Set([
  ...['pattern', 'diff', 'anomaly', 'unmask', 'filterindex', 'source', 'join', 'lookup', 'addtotals', 'subquery'],
  ...['head', 'tail'],
]);

/** The commands of a query, in order. Throws InsightsError: nothing that is not understood is left out. */
export function parseQuery(query: string): readonly Command[] {
  const lexer = new Lexer(query);
  const commands: Command[] = [];
  do commands.push(parseCommand(lexer));
  while (takeSymbol(lexer, '|'));
  const rest = lexer.peek();
  if (rest.kind !== 'end') throw lexer.error('a pipe or the end of the query is expected here', rest.at);
  return commands;
}

function parseCommand(lexer: Lexer): Command {
  const token = lexer.next();
  const { at } = token;
  if (token.kind !== 'name' || token.quoted || token.path.length > 1) {
    throw lexer.error(token.kind === 'end' ? 'a command is missing' : 'a command is expected here', at);
  }
  const name = token.path[0]!;
  switch (name.toLowerCase()) {
    case 'fields':
      return { kind: 'fields', at, columns: parseColumns(lexer) };
    case 'display':
      return { kind: 'display', at, columns: parseColumns(lexer) };
    case 'filter':
      return { kind: 'filter', at, condition: parseExpression(lexer) };
    case 'parse':
      return parseParse(lexer, at);
    case 'stats':
      return parseStats(lexer, at);
    case 'sort':
      // The service's own samples write it with "by" and without.
      takeWord(lexer, 'by');
      return { kind: 'sort', at, keys: parseList(lexer, () => parseSortKey(lexer)) };
    case 'limit':
      return { kind: 'limit', at, count: parseCount(lexer) };
    case 'dedup':
      return { kind: 'dedup', at, fields: parseList(lexer, () => parseExpression(lexer)) };
    case 'unnest':
      return parseUnnest(lexer, at);
    default:
      throw lexer.error(
        `the command "${name}" is ${NOT_EVALUATED.has(name.toLowerCase()) ? 'not supported' : 'unknown'}`,
        at,
      );
  }
}

function parseColumns(lexer: Lexer): readonly Column[] {
  return parseList(lexer, () => parseColumn(lexer));
}

function parseColumn(lexer: Lexer): Column {
  const expression = parseExpression(lexer);
  if (!takeWord(lexer, 'as')) return { expression, name: columnName(expression), nameAt: expression.at };
  const nameAt = lexer.peek().at;
  return { expression, name: parseName(lexer).join('.'), nameAt };
}

/** Without an alias a column has its field's name, or the expression as it was written. */
function columnName(expression: Expression): string {
  return expression.kind === 'field' ? expression.path.join('.') : expression.text;
}

function parseStats(lexer: Lexer, at: number): Command {
  const columns = parseColumns(lexer);
  const by = takeWord(lexer, 'by') ? parseColumns(lexer) : [];
  const rest = lexer.peek();
  if (isWord(rest, 'offset')) throw lexer.error('"offset" is not supported', rest.at);
  return { kind: 'stats', at, columns, by };
}

function parseSortKey(lexer: Lexer): SortKey {
  const expression = parseExpression(lexer);
  const descending = takeWord(lexer, 'desc');
  if (!descending) takeWord(lexer, 'asc');
  return { expression, descending };
}

function parseCount(lexer: Lexer): number {
  const token = lexer.next();
  if (token.kind !== 'number' || !Number.isInteger(token.value) || token.value < 1 || token.value > MAX_ROWS) {
    throw lexer.error(`limit takes a whole number from 1 to ${MAX_ROWS}`, token.at);
  }
  return token.value;
}

function parseParse(lexer: Lexer, at: number): Command {
  const first = lexer.peek();
  const implicit = first.kind === 'string' || isSymbol(first, '/');
  const of: Expression = implicit
    ? { kind: 'field', path: ['@message'], at: first.at, text: '@message' }
    : { kind: 'field', at: first.at, path: parseName(lexer), text: '' };
  const token = lexer.peek();
  if (isSymbol(token, '/')) return { kind: 'parse', at, of, ...parseGroups(lexer) };
  lexer.next();
  if (token.kind !== 'string') throw lexer.error('parse takes a "glob" or a /regular expression/', token.at);
  if (!takeWord(lexer, 'as')) throw lexer.error('"as" and names are expected after a glob', lexer.peek().at);
  const { regex, groups } = globOf(token.text);
  const names = parseList(lexer, () => parseName(lexer).join('.'));
  if (names.length === groups.length) return { kind: 'parse', at, of, regex, names };
  throw lexer.error(`the glob has ${groups.length} * and there are ${names.length} names`, token.at);
}

/** A regular expression names its groups itself, or they are named after it, in order. */
function parseGroups(lexer: Lexer): { readonly regex: RegExp; readonly names: readonly string[] } {
  const { at } = lexer.peek();
  const { regex, groups } = parseRegex(lexer);
  const names = takeWord(lexer, 'as') ? parseList(lexer, () => parseName(lexer).join('.')) : groups;
  if (names.length === 0) throw lexer.error('the regular expression has no group: nothing would be extracted', at);
  if (names.length !== groups.length || names.includes('')) {
    throw lexer.error('every group of the regular expression needs a name: (?<name>…), or (?:…) for none', at);
  }
  return { regex, names };
}

function parseUnnest(lexer: Lexer, at: number): Command {
  const of = parseExpression(lexer);
  if (!takeWord(lexer, 'into')) throw lexer.error('"into" and a name are expected after unnest', lexer.peek().at);
  return { kind: 'unnest', at, of, name: parseName(lexer).join('.') };
}

function parseList<T>(lexer: Lexer, item: () => T): readonly T[] {
  const items = [item()];
  while (takeSymbol(lexer, ',')) items.push(item());
  return items;
}

function takeWord(lexer: Lexer, word: string): boolean {
  return takeIf(lexer, isWord(lexer.peek(), word));
}

function takeSymbol(lexer: Lexer, symbol: string): boolean {
  return takeIf(lexer, isSymbol(lexer.peek(), symbol));
}

function takeIf(lexer: Lexer, wanted: boolean): boolean {
  if (wanted) lexer.next();
  return wanted;
}
