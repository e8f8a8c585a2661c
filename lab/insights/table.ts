import type { QueryResult } from './execution.ts';

/** Characters of a cell that are shown. */
const MAX_CELL = 200;

/** The rows under their columns' names, with line ends and tabs as spaces; what is null is empty. */
export function tableLines({ columns, rows }: Pick<QueryResult, 'columns' | 'rows'>): readonly string[] {
  const cells = rows.map((row) => columns.map((name) => cellOf(row[name] ?? '')));
  const isNumeric = columns.map((name) => rows.some((row) => typeof row[name] === 'number'));
  const widths = columns.map((name, i) => cells.reduce((width, row) => Math.max(width, row[i]!.length), name.length));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (isNumeric[i] === true ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [line(columns), widths.map((width) => '-'.repeat(width)).join('  '), ...cells.map(line)];
}

function cellOf(value: string | number): string {
  const text = String(value).replace(/\s+/g, ' ').trim();
  return text.length > MAX_CELL ? `${text.slice(0, MAX_CELL - 1)}…` : text;
}
