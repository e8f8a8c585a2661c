import type { IncomingHttpHeaders } from 'node:http';
import { fault } from './errors.ts';

/** What one HTTP request asks for, without its body. */
export interface QueryRequest {
  /** From the URL (or form); what the body holds comes behind it. May be empty. */
  readonly sql: string;
  readonly database: string | undefined;
  readonly defaultFormat: string;
  /** `param_x` for `{x:Type}`, in the client's escaping, untouched. */
  readonly parameters: readonly Assignment[];
  readonly settings: readonly Assignment[];
  readonly queryId: string;
  readonly session: SessionRequest | undefined;
  /** GET must not change anything (as on a server: readonly = 2). */
  readonly readOnly: boolean;
  readonly gzipAnswer: boolean;
  readonly user: string;
  readonly password: string;
}

export type Assignment = readonly [key: string, value: string];

export interface SessionRequest {
  readonly id: string;
  readonly timeoutSec: number;
  readonly mustExist: boolean;
  readonly closeAfter: boolean;
}

/** Session spans as a server has them, seconds: default_session_timeout, max_session_timeout. */
const SESSION_TIMEOUT_DEFAULT_SEC = 60;
const SESSION_TIMEOUT_MAX_SEC = 3_600;

/** Keys of the URL that are the protocol's own; every other key is a setting. */
const RESERVED =
  /^(query|database|default_format|query_id|session_id|session_timeout|session_check|close_session|role|user|password|quota_key|wait_end_of_query|enable_http_compression|send_progress_in_http_headers|http_.*_interval_ms|buffer_size|compress|decompress|stacktrace|client_protocol_version)$/;
const KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Throws ClickHouseFault on a key that cannot be a setting's name, and on what this server cannot do. */
export function parseRequest(
  method: string,
  parameters: URLSearchParams,
  headers: IncomingHttpHeaders,
  newQueryId: () => string,
): QueryRequest {
  for (const key of ['compress', 'decompress']) {
    if (isOn(parameters.get(key))) {
      throw fault(
        'NOT_IMPLEMENTED',
        `${key}=1 (native compression) is not offered here: use Content-Encoding and enable_http_compression=1`,
      );
    }
  }
  const others = [...parameters].filter(([key]) => !RESERVED.test(key));
  for (const [key] of others) if (!KEY.test(key)) throw fault('UNKNOWN_SETTING', `Unknown setting '${key}'`);
  return {
    sql: parameters.get('query') ?? '',
    database: given(parameters.get('database')) ?? headerOf(headers, 'x-clickhouse-database'),
    defaultFormat:
      given(parameters.get('default_format')) ?? headerOf(headers, 'x-clickhouse-format') ?? 'TabSeparated',
    parameters: others.filter(([key]) => key.startsWith('param_')),
    settings: others.filter(([key]) => !key.startsWith('param_')),
    queryId: given(parameters.get('query_id')) ?? newQueryId(),
    session: sessionOf(parameters),
    readOnly: method !== 'POST',
    gzipAnswer:
      isOn(parameters.get('enable_http_compression')) && /\bgzip\b/.test(headerOf(headers, 'accept-encoding') ?? ''),
    ...credentialsOf(parameters, headers),
  };
}

function sessionOf(parameters: URLSearchParams): SessionRequest | undefined {
  const id = given(parameters.get('session_id'));
  if (id === undefined) return undefined;
  const timeoutSec = Number(parameters.get('session_timeout') ?? SESSION_TIMEOUT_DEFAULT_SEC);
  if (!(timeoutSec >= 1 && timeoutSec <= SESSION_TIMEOUT_MAX_SEC)) {
    throw fault('BAD_ARGUMENTS', `Invalid session timeout: must be 1 … ${SESSION_TIMEOUT_MAX_SEC} s`);
  }
  return {
    id,
    timeoutSec,
    mustExist: isOn(parameters.get('session_check')),
    closeAfter: isOn(parameters.get('close_session')),
  };
}

/** In the server's order: its own headers, basic authentication, the URL. */
function credentialsOf(
  parameters: URLSearchParams,
  headers: IncomingHttpHeaders,
): { readonly user: string; readonly password: string } {
  const user = headerOf(headers, 'x-clickhouse-user');
  const key = headerOf(headers, 'x-clickhouse-key');
  if (user !== undefined || key !== undefined) return { user: user ?? 'default', password: key ?? '' };
  const authorization = headers.authorization;
  if (authorization !== undefined) {
    const basic = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
    const pair = /^([^:]*):([\s\S]*)$/.exec(Buffer.from(basic ?? '', 'base64').toString());
    if (pair === null) throw fault('AUTHENTICATION_FAILED', 'Invalid authentication: only Basic is offered here');
    return { user: pair[1]!, password: pair[2]! };
  }
  return { user: given(parameters.get('user')) ?? 'default', password: parameters.get('password') ?? '' };
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return given(Array.isArray(value) ? value.join(', ') : value);
}

function given(text: string | null | undefined): string | undefined {
  return text === null || text === '' ? undefined : text;
}

function isOn(text: string | null): boolean {
  return text === '1' || text === 'true';
}
