import { describe, expect, test } from 'vitest';
import type { FailureClass } from '../../../core/failure/classes.ts';
import { classify } from '../../../core/failure/classify.ts';
import { MESSAGES } from './facts.ts';

/** What @clickhouse/client throws: the code is text and the message has lost its `Code: N` prefix. */
const clientError = (code: string, message: string) => Object.assign(new Error(message), { code, type: 'SOME_TYPE' });
const nodeError = (code: string, message = code) => Object.assign(new Error(message), { code });
const awsError = (name: string, status: number, more: object = {}) =>
  Object.assign(new Error(name), { name, $fault: 'client', $metadata: { httpStatusCode: status }, ...more });

type Row = readonly [what: string, error: unknown, expected: FailureClass];

describe('ClickHouse', () => {
  test.each<Row>([
    ['the memory of one query', new Error(MESSAGES.memoryQuery), 'memory_query'],
    ['the memory of one query, old server', new Error(MESSAGES.memoryLegacy), 'memory_query'],
    ['the memory of a user', new Error(MESSAGES.memoryUser), 'memory_server'],
    ['the memory of the server', new Error(MESSAGES.memoryTotal), 'memory_server'],
    ['the memory of the server, old server', new Error(MESSAGES.memoryLegacyTotal), 'memory_server'],
    ['memory, but nobody says whose', clientError('241', 'Memory'), 'memory_server'],
    ['the client’s own shape', clientError('241', 'Query memory limit exceeded: would use 12.06 MiB'), 'memory_query'],
    ['too many parts', new Error(MESSAGES.tooManyParts), 'too_many_parts'],
    ['too many partitions under the same code', new Error(MESSAGES.tooManyPartitions), 'too_many_partitions'],
    ['a bad date', new Error(MESSAGES.badDate), 'data'],
    ['a violated constraint', new Error(MESSAGES.constraint), 'data'],
    ['a missing table', new Error(MESSAGES.unknownTable), 'schema'],
    ['a table without Keeper', new Error(MESSAGES.readOnly), 'replica_readonly'],
    ['a cluster’s nested error, by the outer code', new Error(MESSAGES.nested), 'network'],
    ['the same from the client: outer code, inner type', clientError('279', 'Connection refused'), 'network'],
    ['chdb, synchronous', new Error(MESSAGES.chdbSync), 'schema'],
    ['chdb, asynchronous', { code: 'CHDB_INSERT', clickhouseCode: 27, message: 'Code: 27. …' }, 'data'],
    ['a code nobody knows', clientError('9999', 'new in 30.1'), 'unknown'],
    ['the client’s timeout, without a code', new Error('Timeout error.'), 'timeout'],
    ['the client’s abort, without a code', new Error('The user aborted a request.'), 'aborted'],
    ['a wrong password', clientError('516', 'default: Authentication failed'), 'auth'],
  ])('%s', (_, error, expected) => expect(classify(error).class).toBe(expected));

  test('the scope of a memory limit is named', () => {
    const scopes = [MESSAGES.memoryQuery, MESSAGES.memoryLegacy, MESSAGES.memoryUser, MESSAGES.memoryTotal];
    expect(scopes.map((message) => classify(new Error(message)).memoryScope)).toEqual([
      'query',
      'query',
      'user',
      'server',
    ]);
    expect(classify(clientError('173', 'Cannot allocate')).memoryScope).toBe('server');
    expect(classify(clientError('60', MESSAGES.memoryQuery))).not.toHaveProperty('memoryScope');
  });

  test('the bad row is named where the server counts from the start of the payload', () => {
    expect(classify(new Error(MESSAGES.badDate)).row).toBe(2);
    expect(classify(new Error(MESSAGES.constraint))).not.toHaveProperty('row');
    expect(classify(clientError('60', 'no (at row 7)'))).not.toHaveProperty('row');
  });

  test('the code is kept', () => expect(classify(new Error(MESSAGES.memoryTotal)).clickhouseCode).toBe(241));

  test('words about codes that are no ClickHouse error are not taken for one', () => {
    expect(classify(new Error('Status Code: 404; Error Code: NoSuchKey')).clickhouseCode).toBeUndefined();
    expect(classify(new DOMException('late', 'TimeoutError'))).toMatchObject({ class: 'timeout' });
    expect(classify(new DOMException('late', 'TimeoutError'))).not.toHaveProperty('clickhouseCode');
  });
});

describe('Node', () => {
  test.each<Row>([
    ['ECONNREFUSED', nodeError('ECONNREFUSED'), 'connection_refused'],
    ['ENOTFOUND', nodeError('ENOTFOUND', 'getaddrinfo ENOTFOUND ch.invalid'), 'dns'],
    ['EAI_AGAIN', nodeError('EAI_AGAIN'), 'dns'],
    ['ETIMEDOUT', nodeError('ETIMEDOUT'), 'timeout'],
    ['ECONNRESET', nodeError('ECONNRESET', 'read ECONNRESET'), 'connection_lost'],
    ['a socket hang up without a code', new Error('socket hang up'), 'connection_lost'],
    ['aborted by the peer', nodeError('ECONNRESET', 'aborted'), 'connection_lost'],
    ['EPIPE', nodeError('EPIPE'), 'connection_lost'],
    ['EHOSTUNREACH', nodeError('EHOSTUNREACH'), 'connection_lost'],
    ['a parse error', nodeError('HPE_INVALID_CONSTANT', 'Parse Error: Expected HTTP/'), 'connection_lost'],
    ['https to an http port', nodeError('EPROTO', 'write EPROTO … wrong version number'), 'node_config'],
    ['the same under another name', nodeError('ERR_SSL_WRONG_VERSION_NUMBER'), 'node_config'],
    ['an expired certificate', nodeError('CERT_HAS_EXPIRED'), 'node_config'],
    ['another name in the certificate', nodeError('ERR_TLS_CERT_ALTNAME_INVALID'), 'node_config'],
    ['a full disk of our own', nodeError('ENOSPC'), 'space'],
    ['a damaged gzip body', nodeError('Z_DATA_ERROR'), 'transfer'],
    ['an abort', new DOMException('This operation was aborted', 'AbortError'), 'aborted'],
    ['both families refused', Object.assign(new AggregateError([nodeError('ECONNREFUSED')]), {}), 'connection_refused'],
    ['fetch failed', new TypeError('fetch failed', { cause: nodeError('ECONNREFUSED') }), 'connection_refused'],
    ['a cause of a cause', new Error('a', { cause: new Error('b', { cause: nodeError('ENOTFOUND') }) }), 'dns'],
    ['a mistake of ours', new TypeError('Do not know how to serialize a BigInt'), 'local_bug'],
    ['text', 'Code: 60. DB::Exception: no table (UNKNOWN_TABLE)', 'schema'],
    ['undefined', undefined, 'unknown'],
    ['null', null, 'unknown'],
    ['an empty error', new Error(''), 'unknown'],
  ])('%s', (_, error, expected) => expect(classify(error).class).toBe(expected));

  test('an unknown failure still says what was said', () => {
    expect(classify(new Error('', { cause: new Error('the inner word') })).reason).toBe('the inner word');
    expect(classify({ code: 'EWHATEVER' })).toMatchObject({ class: 'unknown', nodeCode: 'EWHATEVER' });
  });
});

describe('AWS', () => {
  test.each<Row>([
    ['throughput', awsError('ProvisionedThroughputExceededException', 400), 'overload'],
    [
      'one PutRecords result',
      { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'Rate' },
      'overload',
    ],
    ['one PutRecords result, internal', { ErrorCode: 'InternalFailure', ErrorMessage: 'Internal' }, 'unavailable'],
    ['KMS throttling', awsError('KMSThrottlingException', 400), 'overload'],
    ['limit', awsError('LimitExceededException', 400), 'overload'],
    ['throttling', awsError('ThrottlingException', 400), 'overload'],
    ['throttled by trait', awsError('NewException', 400, { $retryable: { throttling: true } }), 'overload'],
    ['internal failure', awsError('InternalFailureException', 500), 'unavailable'],
    ['unavailable', awsError('ServiceUnavailable', 503), 'unavailable'],
    ['no name, but a status', awsError('UnknownError', 503), 'unavailable'],
    ['an expired token', awsError('ExpiredTokenException', 400), 'auth'],
    ['access denied', awsError('AccessDeniedException', 400), 'auth'],
    ['unknown client', awsError('UnrecognizedClientException', 400), 'auth'],
    ['no credentials', awsError('CredentialsProviderError', 0), 'auth'],
    ['a disabled key', awsError('KMSDisabledException', 400), 'auth'],
    ['no stream', awsError('ResourceNotFoundException', 400), 'schema'],
    ['a timeout', Object.assign(nodeError('ETIMEDOUT'), { name: 'TimeoutError' }), 'timeout'],
    ['a timeout without code', Object.assign(new Error('x'), { name: 'TimeoutError' }), 'timeout'],
    [
      'a refusal the SDK calls a timeout',
      Object.assign(nodeError('ECONNREFUSED'), { name: 'TimeoutError' }),
      'connection_refused',
    ],
    [
      'an answer nobody could read',
      Object.assign(new SyntaxError('<'), { $metadata: { httpStatusCode: 200 } }),
      'unknown',
    ],
  ])('%s', (_, error, expected) => expect(classify(error).class).toBe(expected));
});

describe('a refused WebSocket upgrade', () => {
  test.each<readonly [number, FailureClass]>([
    [401, 'auth'],
    [403, 'auth'],
    [404, 'schema'],
    [429, 'overload'],
    [502, 'unavailable'],
    [301, 'node_config'],
  ])('%i', (statusCode, expected) => {
    expect(classify({ statusCode }).class).toBe(expected);
    expect(classify(new Error(`Unexpected server response: ${statusCode}`))).toMatchObject({
      class: expected,
      httpStatus: statusCode,
    });
  });

  test('its Retry-After is kept', () => {
    expect(classify({ statusCode: 429, headers: { 'retry-after': '3' } }).retryAfterMs).toBe(3_000);
  });
});

test('a failure that was classified before stays what it was', () => {
  const failure = classify(new Error(MESSAGES.badDate));
  expect(classify(Object.assign(new Error('wrapped'), { failure }))).toBe(failure);
  expect(classify(new Error('outer', { cause: { failure } }))).toBe(failure);
  expect(classify({ failure: { class: 'data', category: 'auth', reason: '' } }).class).toBe('unknown');
});

test('a reason is one bounded line without credentials', () => {
  const { reason } = classify(new Error(`cannot reach\n\thttps://user:s3cret@host/ ${'x'.repeat(9_999)}`));
  expect(reason).toMatch(/^cannot reach https:\/\/\*\*\*@host\/ x+…$/);
  expect(reason.length).toBe(300);
});
