type TokenKind = 'word' | 'string' | 'quoted' | 'symbol' | 'space' | 'comment' | 'unclosed';

/** A piece of SQL: `text.slice(start, end)`. Tokens follow each other without a hole. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts SQL as ClickHouse's lexer does (measured against 26.7): `--`, `//`, `# ` and `#!` to the end of the line,
 * nested block comments, strings and quoted names with backslashes and doubled quotes, typographic quotes, heredocs
 * (`$tag$ … $tag$`). What is never closed is one token of kind `unclosed` up to the end. Lazy: reads no further than asked.
 */
export function* tokens(text: string): Generator<Token, undefined> {
  let start = 0;
  while (start < text.length) {
    const token = tokenAt(text, start);
    yield token;
    start = token.end;
  }
}

/** Only what the engine's parser sees: no spaces, no comments. */
export function* significantTokens(text: string): Generator<Token, undefined> {
  for (const token of tokens(text)) if (token.kind !== 'space' && token.kind !== 'comment') yield token;
}

const SPACE = /\s+/y;
const LINE_COMMENT = /(?:--|\/\/|#[ !])[^\n]*/y;
const WORD = /[\p{L}\p{N}\p{M}_$]+/uy;
const HEREDOC_TAG = /\$[A-Za-z0-9_]*\$/y;

const QUOTES: Readonly<Record<string, { readonly close: string; readonly kind: TokenKind }>> = {
  "'": { close: "'", kind: 'string' },
  '‘': { close: '’', kind: 'string' },
  '"': { close: '"', kind: 'quoted' },
  '`': { close: '`', kind: 'quoted' },
  '“': { close: '”', kind: 'quoted' },
};

function tokenAt(text: string, start: number): Token {
  const token = (kind: TokenKind, end: number | undefined): Token =>
    end === undefined ? { kind: 'unclosed', start, end: text.length } : { kind, start, end };

  const space = matchEnd(SPACE, text, start);
  if (space !== undefined) return token('space', space);
  const comment = matchEnd(LINE_COMMENT, text, start);
  if (comment !== undefined) return token('comment', comment);
  if (text.startsWith('/*', start)) return token('comment', blockCommentEnd(text, start));
  const quote = QUOTES[text.charAt(start)];
  if (quote !== undefined) return token(quote.kind, quotedEnd(text, start + 1, quote.close));
  const heredoc = heredocEnd(text, start);
  if (heredoc !== undefined) return token('string', heredoc);
  const word = matchEnd(WORD, text, start);
  if (word !== undefined) return token('word', word);
  return token('symbol', start + 1);
}

function matchEnd(pattern: RegExp, text: string, start: number): number | undefined {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function blockCommentEnd(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    if (text.startsWith('/*', at)) {
      depth += 1;
      at += 1;
    } else if (text.startsWith('*/', at)) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

function quotedEnd(text: string, from: number, close: string): number | undefined {
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === close) {
      if (text[at + 1] !== close) return at + 1;
      at += 1;
    }
  }
  return undefined;
}

/** A tag that does not come again is no heredoc but a name with dollar signs. */
function heredocEnd(text: string, start: number): number | undefined {
  const open = text[start] === '$' ? matchEnd(HEREDOC_TAG, text, start) : undefined;
  if (open === undefined) return undefined;
  const tag = text.slice(start, open);
  const close = text.indexOf(tag, open);
  return close === -1 ? undefined : close + tag.length;
}
