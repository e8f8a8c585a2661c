import { MigrationError } from './errors.ts';
import { significantTokens } from './tokens.ts';

/**
 * Cuts a file at every `;` that is neither in a string, a quoted name nor a comment. A statement starts at its first
 * word and ends at its last: comments inside belong to it (and to its checksum), comments between statements do not.
 * Line ends become `\n`, so a checkout with other line ends has the same checksums. Throws MigrationError on text never closed.
 */
export function splitStatements(file: string): string[] {
  const text = file.replaceAll('\r\n', '\n');
  const statements: string[] = [];
  let first: number | undefined;
  let last = 0;
  for (const token of significantTokens(text)) {
    if (token.kind === 'unclosed')
      throw new MigrationError(`a string or comment opened in line ${lineAt(text, token.start)} is never closed`);
    if (text.slice(token.start, token.end) === ';') {
      if (first !== undefined) statements.push(text.slice(first, last));
      first = undefined;
    } else {
      first ??= token.start;
      last = token.end;
    }
  }
  if (first !== undefined) statements.push(text.slice(first, last));
  return statements;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
