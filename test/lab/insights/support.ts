import { Readable } from 'node:stream';
import type { LogEvent, QueryResult, RunOptions } from '../../../lab/insights/execution.ts';
import { readLines } from '../../../lab/insights/ndjson.ts';
import { InsightsError } from '../../../lab/insights/error.ts';
import { compileQuery } from '../../../lab/insights/query.ts';

/** A text is a message; anything else is the JSON of one. */
export type Line = string | Readonly<Record<string, unknown>>;

function messageOf(line: Line): string {
  return typeof line === 'string' ? line : JSON.stringify(line);
}

export function run(query: string, lines: readonly Line[], options: RunOptions = {}): QueryResult {
  return compileQuery(query).run(
    lines.map((line) => ({ message: messageOf(line) })),
    options,
  );
}

/** The rows, each as the list of its values in the order of the columns. */
export function rowsOf(query: string, lines: readonly Line[], options: RunOptions = {}): unknown[][] {
  const { columns, rows } = run(query, lines, options);
  return rows.map((row) => columns.map((name) => row[name]));
}

/** What one expression is for one line. */
export function valueOf(expression: string, line: Line = {}): unknown {
  return rowsOf(`fields ${expression} as value`, [line])[0]![0];
}

/** As a file is read: in chunks of so many bytes. */
export async function runBytes(query: string, text: string, chunkBytes = 1_000): Promise<QueryResult> {
  const execution = compileQuery(query).start();
  await readLines(chunksOf(Buffer.from(text), chunkBytes), execution, {}, 'auto');
  return execution.finish();
}

export function events(...list: readonly LogEvent[]): readonly LogEvent[] {
  return list;
}

/** The error that the query is refused with. */
export function refusal(query: string): InsightsError {
  try {
    compileQuery(query);
  } catch (error) {
    if (error instanceof InsightsError) return error;
    throw error;
  }
  throw new Error(`not refused: ${query}`);
}

function chunksOf(bytes: Buffer, size: number): AsyncIterable<Buffer> {
  const count = Math.ceil(bytes.length / size);
  return Readable.from(Array.from({ length: count }, (_, i) => Buffer.from(bytes.subarray(i * size, (i + 1) * size))));
}
