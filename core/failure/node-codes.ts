import type { FailureClass } from './classes.ts';

/** `error.code` of Node's sockets, resolver, TLS, streams, zlib, files and of undici → class. */
const NODE_CODES: ReadonlyMap<string, FailureClass> = new Map([
  ['ECONNREFUSED', 'connection_refused'],
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'dns'],
  ['EAI_FAIL', 'dns'],
  ['EAI_NODATA', 'dns'],
  ['EAI_NONAME', 'dns'],
  ['ESERVFAIL', 'dns'],
  ['ETIMEDOUT', 'timeout'],
  ['ESOCKETTIMEDOUT', 'timeout'],
  ['ERR_SOCKET_CONNECTION_TIMEOUT', 'timeout'],
  ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
  ['UND_ERR_HEADERS_TIMEOUT', 'timeout'],
  ['UND_ERR_BODY_TIMEOUT', 'timeout'],
  ['ABORT_ERR', 'aborted'],
  ['UND_ERR_ABORTED', 'aborted'],
  ['ECONNRESET', 'connection_lost'],
  ['ECONNABORTED', 'connection_lost'],
  ['EPIPE', 'connection_lost'],
  ['EHOSTUNREACH', 'connection_lost'],
  ['EHOSTDOWN', 'connection_lost'],
  ['ENETUNREACH', 'connection_lost'],
  ['ENETDOWN', 'connection_lost'],
  ['ENOTCONN', 'connection_lost'],
  ['UND_ERR_SOCKET', 'connection_lost'],
  ['ERR_STREAM_PREMATURE_CLOSE', 'connection_lost'],
  ['ENOSPC', 'space'],
  ['EDQUOT', 'space'],
  ['EROFS', 'readonly'],
  ['Z_DATA_ERROR', 'transfer'],
  ['Z_BUF_ERROR', 'transfer'],
  ['ERR_INVALID_URL', 'node_config'],
  ['ERR_INVALID_PROTOCOL', 'node_config'],
  ['EPROTO', 'node_config'],
  ['CERT_HAS_EXPIRED', 'node_config'],
  ['CERT_NOT_YET_VALID', 'node_config'],
  ['CERT_REVOKED', 'node_config'],
  ['CERT_UNTRUSTED', 'node_config'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'node_config'],
  ['HOSTNAME_MISMATCH', 'node_config'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'node_config'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'node_config'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'node_config'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'node_config'],
]);

/** Families of codes that Node and OpenSSL make up as they go. */
const NODE_CODE_PREFIXES: readonly (readonly [string, FailureClass])[] = [
  ['HPE_', 'connection_lost'],
  ['ERR_HTTP2_', 'connection_lost'],
  ['ERR_SSL_', 'node_config'],
  ['ERR_TLS_', 'node_config'],
];

export function classOfNodeCode(code: string): FailureClass | undefined {
  return NODE_CODES.get(code) ?? NODE_CODE_PREFIXES.find(([prefix]) => code.startsWith(prefix))?.[1];
}
