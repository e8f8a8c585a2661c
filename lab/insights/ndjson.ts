import type { Execution, LineSource, LogEvent } from './execution.ts';

/** A line longer than this is not read: an event of CloudWatch Logs has 1 MB at most. */
export const MAX_LINE_BYTES = 16 * 1_048_576;

/**
 * What the lines of a file are: `lines`: each is a message, `events`: each is a JSON object with the message in it, as
 * FilterLogEvents or GetLogEvents give them; `auto`: what the first line is.
 */
export type Format = 'auto' | 'lines' | 'events';

/** Feeds whole lines to the run. Throws RangeError at a line above MAX_LINE_BYTES; nothing after it was read. */
export async function readLines(
  chunks: AsyncIterable<Buffer>,
  execution: Execution,
  source: LineSource,
  format: Format,
): Promise<void> {
  let known = format;
  let rest: Buffer[] = [];
  let restBytes = 0;
  const take = (bytes: Buffer, start: number, end: number): void => {
    if (known === 'auto') known = firstLineIsEvent(bytes, start, end) ? 'events' : 'lines';
    if (known === 'lines') execution.block(bytes, start, end, source);
    else for (const line of bytes.toString('utf8', start, end).split('\n')) takeEvent(line, execution, source);
  };
  for await (const chunk of chunks) {
    const last = chunk.lastIndexOf(0x0a);
    let from = 0;
    if (restBytes > 0 && last >= 0) {
      from = chunk.indexOf(0x0a) + 1;
      const line = Buffer.concat([...rest, chunk.subarray(0, from)]);
      rest = [];
      restBytes = 0;
      take(line, 0, line.length);
    }
    if (last + 1 > from) take(chunk, from, last + 1);
    const tail = chunk.subarray(Math.max(from, last + 1));
    if (tail.length === 0) continue;
    rest.push(Buffer.from(tail));
    restBytes += tail.length;
    if (restBytes > MAX_LINE_BYTES) throw new RangeError(`a line has more than ${MAX_LINE_BYTES} bytes: not read`);
  }
  if (restBytes > 0) take(Buffer.concat(rest), 0, restBytes);
}

/** Keys of an event as the API gives it; a JSON object with any other key is a message itself. */
const EVENT_KEYS: ReadonlySet<string> = new Set([
  ...['message', 'timestamp', 'timestamp_ms', 'ingestionTime', 'ingestion_ms', 'eventId', 'id'],
  ...['log', 'logGroup', 'logGroupName', 'logStream', 'logStreamName'],
]);

/** undefined: the line is no event in an envelope. */
export function eventOf(line: string): LogEvent | undefined {
  const json = objectOf(line);
  if (json === undefined || typeof json['message'] !== 'string') return undefined;
  const timestamp_ms = json['timestamp_ms'] ?? json['timestamp'];
  if (typeof timestamp_ms !== 'number' || !Object.keys(json).every((key) => EVENT_KEYS.has(key))) return undefined;
  return {
    message: json['message'],
    timestamp_ms,
    ingestion_ms: firstOf(json, ['ingestion_ms', 'ingestionTime'], isNumber),
    log: firstOf(json, ['log', 'logGroup', 'logGroupName'], isText),
    logStream: firstOf(json, ['logStream', 'logStreamName'], isText),
  };
}

function takeEvent(line: string, execution: Execution, source: LineSource): void {
  if (line.trim() === '') return;
  const event = eventOf(line);
  execution.event(
    event === undefined
      ? { ...source, message: line }
      : { ...event, log: event.log ?? source.log, logStream: event.logStream ?? source.logStream },
  );
}

function firstLineIsEvent(bytes: Buffer, start: number, end: number): boolean {
  const first = bytes
    .toString('utf8', start, Math.min(end, start + MAX_LINE_BYTES))
    .split('\n')
    .find((line) => line.trim() !== '');
  return first !== undefined && eventOf(first) !== undefined;
}

function objectOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(line);
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function firstOf<T>(
  json: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  is: (value: unknown) => value is T,
): T | undefined {
  return keys.map((key) => json[key]).find(is);
}

const isNumber = (value: unknown): value is number => typeof value === 'number';
const isText = (value: unknown): value is string => typeof value === 'string';
