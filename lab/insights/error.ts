/** A query that is not evaluated: it is wrong, or it asks for something that is not supported. Nothing was run. */
export class InsightsError extends Error {
  /** Where in the query, counted from 0 in UTF-16 units. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;

  constructor(message: string, query: string, offset: number) {
    const before = query.slice(0, offset);
    const line = before.split('\n').length;
    const column = offset - (before.lastIndexOf('\n') + 1) + 1;
    super(`${message} (line ${line}, column ${column}); the query was not run`);
    this.name = 'InsightsError';
    this.offset = offset;
    this.line = line;
    this.column = column;
  }
}

/** The line of the query that an error is about, and below it a caret under its position. */
export function caretLines(query: string, error: InsightsError): readonly [string, string] {
  const text = query.split('\n')[error.line - 1] ?? '';
  const indent = text.slice(0, error.column - 1).replace(/[^\t]/g, ' ');
  return [text, `${indent}^`];
}
