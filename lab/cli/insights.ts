import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { caretLines, InsightsError } from '../insights/error.ts';
import type { Execution, QueryResult, RunOptions } from '../insights/execution.ts';
import { type Format, readLines } from '../insights/ndjson.ts';
import { compileQuery } from '../insights/query.ts';
import { tableLines } from '../insights/table.ts';
import { instantOfText } from '../insights/time-range.ts';

const USAGE =
  'insights --query Q [--json] [--start T] [--end T] [--format auto|lines|events] FILE.ndjson… (- is stdin; T: ISO 8601, epoch ms, now or 15m, that long ago)';

const DONE = 0;
const NOT_READ = 1;
const NOT_UNDERSTOOD = 2;

/** Bytes read from a file at a time. */
const CHUNK_BYTES = 4 * 1_048_576;

/**
 * Runs a Logs Insights query over files of lines and gives its rows to `out`: a table, or one JSON object a row, and at
 * last one line of JSON with the counts. 0: done; 1: a file could not be read; 2: the query or an argument is wrong.
 */
export async function insights(args: readonly string[], out: (line: string) => void): Promise<number> {
  const options = readOptions(args);
  if (typeof options === 'string') {
    out(options);
    out(USAGE);
    return NOT_UNDERSTOOD;
  }
  let execution: Execution;
  try {
    execution = compileQuery(options.query).start(options.range);
  } catch (error) {
    if (!(error instanceof InsightsError)) throw error;
    out(error.message);
    caretLines(options.query, error).forEach(out);
    return NOT_UNDERSTOOD;
  }
  for (const file of options.files) {
    try {
      await readFile(file, execution, options.format);
    } catch (error) {
      out(`${file} was not read to its end, and there is no result: ${(error as Error).message}`);
      return NOT_READ;
    }
  }
  print(execution.finish(), options.json, out);
  return DONE;
}

async function readFile(file: string, execution: Execution, format: Format): Promise<void> {
  const chunks: AsyncIterable<Buffer> =
    file === '-' ? process.stdin : createReadStream(file, { highWaterMark: CHUNK_BYTES });
  await readLines(chunks, execution, { logStream: file === '-' ? undefined : basename(file) }, format);
}

function print(result: QueryResult, json: boolean, out: (line: string) => void): void {
  const { rows, statistics, warnings } = result;
  if (json) for (const row of rows) out(JSON.stringify(row));
  else tableLines(result).forEach(out);
  const { recordsMatched: matched, recordsScanned: scanned, bytesScanned: bytes } = statistics;
  const counts = { rows: rows.length, matched, scanned, bytes };
  out(JSON.stringify(warnings.length === 0 ? counts : { ...counts, warnings }));
}

interface Options {
  readonly query: string;
  readonly json: boolean;
  readonly format: Format;
  readonly range: RunOptions;
  readonly files: readonly string[];
}

/** What is wrong with the arguments, as a text. */
function readOptions(args: readonly string[]): Options | string {
  const parsed = parsedArgs(args);
  if (typeof parsed === 'string') return parsed;
  const { values, positionals: files } = parsed;
  const { query, json = false, format = 'auto', start, end } = values;
  if (query === undefined) return '--query is missing';
  if (files.length === 0) return 'no file is named';
  if (format !== 'auto' && format !== 'lines' && format !== 'events') return `--format ${format} is unknown`;
  const now_ms = Date.now();
  const start_ms = start === undefined ? undefined : instantOfText(start, now_ms);
  const end_ms = end === undefined ? undefined : instantOfText(end, now_ms);
  if (start !== undefined && start_ms === undefined) return `--start ${start} is no instant`;
  if (end !== undefined && end_ms === undefined) return `--end ${end} is no instant`;
  return { query, json, format, range: { now_ms, start_ms, end_ms }, files };
}

function parsedArgs(args: readonly string[]) {
  try {
    return parseArgs({
      args: joined(args),
      allowPositionals: true,
      options: {
        query: { type: 'string' },
        json: { type: 'boolean' },
        format: { type: 'string' },
        start: { type: 'string' },
        end: { type: 'string' },
      },
    });
  } catch (error) {
    return (error as Error).message;
  }
}

/** `--start -15m`: a value may begin with a minus, which parseArgs takes for an option. */
function joined(args: readonly string[]): string[] {
  const result: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const [arg, next] = [args[i]!, args[i + 1]];
    if ((arg === '--start' || arg === '--end' || arg === '--query') && next !== undefined) {
      result.push(`${arg}=${next}`);
      i++;
    } else result.push(arg);
  }
  return result;
}
