/** A number as it is written in the event: `12.0` is not the text "12". */
export class WrittenNumber {
  readonly value: number;
  readonly source: string;
  constructor(value: number, source: string) {
    this.value = value;
    this.source = source;
  }
}

/** The event as one JSON document, an object or an array; undefined if it is anything else. Never throws. */
export function parseDocument(event: string): object | undefined {
  if (!DOCUMENT_START.test(event)) return undefined;
  try {
    return JSON.parse(event) as object;
  } catch {
    return undefined;
  }
}

/**
 * The same document with every number a WrittenNumber; slower. undefined also where it is nested too deep for that:
 * the numbers' text is then not known.
 */
export function parseWritten(event: string): object | undefined {
  try {
    return JSON.parse(event, keepSource) as object;
  } catch {
    return undefined;
  }
}

/** Most lines that are not JSON need no exception to be found out. */
const DOCUMENT_START = /^[ \t\r\n]*[{[]/;

/** What the reviver is given besides; the type library does not know it yet. */
interface ReviverContext {
  readonly source?: string;
}

function keepSource(_: string, value: unknown, context?: ReviverContext): unknown {
  return typeof value === 'number' ? new WrittenNumber(value, context?.source ?? String(value)) : value;
}
