/**
 * The sizes that hold the path together. A bound that two programs must agree on is here and nowhere else.
 */

/** Kinesis: a record's data plus its partition key, bytes (AWS quota, default MaxRecordSize). */
export const KINESIS_RECORD_LIMIT_BYTES = 1_048_576;
/** Kinesis PutRecords: records in one request (AWS quota). */
export const PUT_RECORDS_MAX_RECORDS = 500;
/** Kinesis PutRecords: data and partition keys in one request, bytes. AWS allows 10 MiB; older endpoints 5 MiB, so we keep to that. */
export const PUT_RECORDS_MAX_BYTES = 5 * 1_048_576;

/** Lambda: an invocation's payload, bytes after base64 (AWS quota). */
export const LAMBDA_PAYLOAD_LIMIT_BYTES = 6 * 1_048_576;
/** What a Kinesis record costs in an event beside its base64 data: ids, arn, sequence number; bytes, generous. */
export const EVENT_RECORD_OVERHEAD_BYTES = 1_024;

/** The largest block, encoded, bytes: a block is one Kinesis record. */
export const BLOCK_MAX_RECORD_BYTES = 262_144;
/** The largest block before compression, bytes; one that claims or unpacks to more is refused. A larger frame is named in `gaps`. */
export const BLOCK_MAX_RAW_BYTES = 4 * 1_048_576;
/** The most entries (frames and markers) a block may hold. */
export const BLOCK_MAX_ENTRIES = 100_000;

/** Event source: records in one batch. With every block at its bound, the payload is still below Lambda's limit. */
export const BATCH_MAX_RECORDS = 17;
