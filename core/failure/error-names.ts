import type { FailureClass } from './classes.ts';

/**
 * `error.name` (AWS SDK v3: the exception of the service; also `ErrorCode` of one PutRecords result) → class.
 * Sources: API reference of Kinesis Data Streams, "Common errors" of AWS, error classification of @smithy/core.
 */
export const SERVICE_ERROR_NAMES: ReadonlyMap<string, FailureClass> = new Map([
  ['ProvisionedThroughputExceededException', 'overload'],
  ['KMSThrottlingException', 'overload'],
  ['LimitExceededException', 'overload'],
  ['RequestLimitExceeded', 'overload'],
  ['RequestThrottled', 'overload'],
  ['RequestThrottledException', 'overload'],
  ['SlowDown', 'overload'],
  ['Throttling', 'overload'],
  ['ThrottledException', 'overload'],
  ['ThrottlingException', 'overload'],
  ['TooManyRequestsException', 'overload'],
  ['InternalFailure', 'unavailable'],
  ['InternalFailureException', 'unavailable'],
  ['InternalServerError', 'unavailable'],
  ['ResourceInUseException', 'unavailable'],
  ['ServiceUnavailable', 'unavailable'],
  ['ServiceUnavailableException', 'unavailable'],
  ['RequestTimeout', 'timeout'],
  ['RequestTimeoutException', 'timeout'],
  ['AccessDenied', 'auth'],
  ['AccessDeniedException', 'auth'],
  ['CredentialsProviderError', 'auth'],
  ['ExpiredToken', 'auth'],
  ['ExpiredTokenException', 'auth'],
  ['IncompleteSignature', 'auth'],
  ['InvalidClientTokenId', 'auth'],
  ['InvalidSignatureException', 'auth'],
  ['KMSAccessDeniedException', 'auth'],
  ['KMSDisabledException', 'auth'],
  ['KMSInvalidStateException', 'auth'],
  ['KMSNotFoundException', 'auth'],
  ['KMSOptInRequired', 'auth'],
  ['MissingAuthenticationToken', 'auth'],
  ['MissingAuthenticationTokenException', 'auth'],
  ['NotAuthorized', 'auth'],
  ['OptInRequired', 'auth'],
  ['RequestExpired', 'auth'],
  ['RequestTimeTooSkewed', 'auth'],
  ['SignatureDoesNotMatch', 'auth'],
  ['TokenProviderError', 'auth'],
  ['UnrecognizedClientException', 'auth'],
  ['ResourceNotFoundException', 'schema'],
  ['ExpiredIteratorException', 'session'],
  ['InvalidArgumentException', 'data'],
  ['ValidationException', 'data'],
]);

/** Names anybody may give an error: believed only where code, service and status say nothing. */
export const GENERAL_ERROR_NAMES: ReadonlyMap<string, FailureClass> = new Map([
  ['TimeoutError', 'timeout'],
  ['AbortError', 'aborted'],
]);

/** What JavaScript itself throws at a mistake of ours; `fetch failed` is a TypeError too, so causes are heard first. */
export const PROGRAM_ERROR_NAMES: ReadonlyMap<string, FailureClass> = new Map([
  ['TypeError', 'local_bug'],
  ['RangeError', 'local_bug'],
  ['ReferenceError', 'local_bug'],
  ['SyntaxError', 'local_bug'],
  ['AssertionError', 'local_bug'],
]);
