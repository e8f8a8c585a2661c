/** Codes this server gives by itself; all others come from the engine. Names and numbers are ClickHouse's (26.7). */
const OWN_CODES = {
  UNSUPPORTED_METHOD: 1,
  UNEXPECTED_END_OF_FILE: 3,
  BAD_ARGUMENTS: 36,
  NOT_IMPLEMENTED: 48,
  SYNTAX_ERROR: 62,
  UNKNOWN_TYPE_OF_QUERY: 78,
  INCORRECT_QUERY: 80,
  UNKNOWN_SETTING: 115,
  TOO_MANY_SIMULTANEOUS_QUERIES: 202,
  NETWORK_ERROR: 210,
  TOO_MANY_BYTES: 307,
  ZLIB_INFLATE_FAILED: 354,
  SESSION_NOT_FOUND: 372,
  SESSION_IS_LOCKED: 373,
  AUTHENTICATION_FAILED: 516,
  UNKNOWN_EXCEPTION: 1002,
} as const;

/** A refusal or failure as a ClickHouse server words it. */
export class ClickHouseFault extends Error {
  readonly code: number;
  /** `UNKNOWN_TABLE` */
  readonly type: string;
  readonly status: number;

  constructor(code: number, type: string, message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.name = 'ClickHouseFault';
    this.code = code;
    this.type = type;
    this.status = STATUS_BY_CODE.get(code) ?? 500;
  }
}

export function fault(type: keyof typeof OWN_CODES, message: string, cause?: unknown): ClickHouseFault {
  return new ClickHouseFault(OWN_CODES[type], type, message, { cause });
}

/**
 * Whatever was thrown, as a fault. The engine nests its text when it reads a file: the innermost is the one meant.
 * `hiddenPath` is ours and tells a client nothing.
 */
export function faultFrom(error: unknown, hiddenPath?: string): ClickHouseFault {
  if (error instanceof ClickHouseFault) return error;
  const raw = error instanceof Error ? error.message : String(error);
  const text = hiddenPath === undefined ? raw : raw.replaceAll(hiddenPath, 'request body');
  const innermost = text.slice(Math.max(0, text.lastIndexOf('DB::Exception: Code: ')));
  const match = ENGINE_ERROR.exec(innermost);
  if (match === null) return fault('UNKNOWN_EXCEPTION', text, error);
  return new ClickHouseFault(Number(match[1]), match[3]!, match[2]!.trimEnd(), { cause: error });
}

const ENGINE_ERROR =
  /Code: (\d+)\. DB::Exception: ([\s\S]*?) ?\(([A-Z][A-Z0-9_]+)\)(?: \(version [^)]*\)|\. \([A-Z0-9_]+\))*\s*$/;

/** From exceptionCodeToHTTPStatus.cpp of the server; what is not here is 500. */
const CODES_BY_STATUS: Readonly<Record<number, readonly number[]>> = {
  400: [6, 25, 26, 27, 36, 38, 41, 44, 53, 62, 72, 117, 321, 376, 427, 675, 676],
  401: [194],
  403: [192, 193, 497, 512, 516],
  404: [46, 47, 50, 56, 60, 63, 73, 81, 115, 511],
  408: [159],
  411: [381],
  // Ours: the body was larger than this server takes.
  413: [307],
  501: [48],
  503: [76, 209, 439],
};

const STATUS_BY_CODE: ReadonlyMap<number, number> = new Map(
  Object.entries(CODES_BY_STATUS).flatMap(([status, codes]) => codes.map((code) => [code, Number(status)] as const)),
);
