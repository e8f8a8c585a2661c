import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ClickHouseFault } from './errors.ts';
import type { Answer } from './execute.ts';
import type { QueryRequest } from './request.ts';

const gzipAsync = promisify(gzip);

const CONTENT_TYPES: readonly (readonly [RegExp, string])[] = [
  [/^JSON(Compact)?(Strings)?$|^JSONColumns/, 'application/json; charset=UTF-8'],
  [/EachRow/, 'application/x-ndjson; charset=UTF-8'],
  [/^(TabSeparated|TSV)/, 'text/tab-separated-values; charset=UTF-8'],
  [/^CSV/, 'text/csv; charset=UTF-8'],
  [/^XML$/, 'application/xml; charset=UTF-8'],
  [/^(Native|RowBinary|Parquet|Arrow|ORC|Avro|MsgPack|Protobuf|CapnProto|BSON)/, 'application/octet-stream'],
];

/** Answers with a result, compressed if the client asked in both ways a server wants to be asked. */
export async function sendAnswer(
  response: ServerResponse,
  request: QueryRequest,
  { result, format, kind }: Answer,
): Promise<void> {
  const written = kind === 'insert_data';
  response.setHeader(
    'X-ClickHouse-Summary',
    JSON.stringify({
      read_rows: String(result.rows),
      read_bytes: String(result.rowBytes),
      written_rows: String(written ? result.rows : 0),
      written_bytes: String(written ? result.rowBytes : 0),
      total_rows_to_read: '0',
      result_rows: String(result.rows),
      result_bytes: String(result.bytes.length),
      elapsed_ns: String(Math.round(result.elapsed_sec * 1e9)),
    }),
  );
  if (format !== undefined) {
    response.setHeader('X-ClickHouse-Format', format);
    response.setHeader(
      'Content-Type',
      CONTENT_TYPES.find(([pattern]) => pattern.test(format))?.[1] ?? 'text/plain; charset=UTF-8',
    );
  }
  const body =
    request.gzipAnswer && result.bytes.length > 0 ? await gzipAsync(result.bytes, { level: 1 }) : result.bytes;
  if (body !== result.bytes) response.setHeader('Content-Encoding', 'gzip');
  send(response, 200, body);
}

/** The shape clients parse: `Code: N. DB::Exception: message (TYPE) (version …)`. */
export function sendFault(response: ServerResponse, fault: ClickHouseFault, version: string): void {
  if (response.headersSent) {
    response.destroy(fault);
    return;
  }
  response.setHeader('X-ClickHouse-Exception-Code', String(fault.code));
  sendText(
    response,
    fault.status,
    `Code: ${fault.code}. DB::Exception: ${fault.message} (${fault.type}) (version ${version})\n`,
  );
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  send(response, status, Buffer.from(text));
}

function send(response: ServerResponse, status: number, body: Uint8Array): void {
  response.writeHead(status, { 'Content-Length': body.length });
  response.end(body);
}
