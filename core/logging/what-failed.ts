import type { Failure } from '../failure/failure.ts';

/** The fields by which every event says what failed. */
export function whatFailed(failure: Failure) {
  return {
    category: failure.category,
    failure_class: failure.class,
    exception_type: failure.nodeCode ?? failure.class,
    exception_msg: failure.reason,
    clickhouse_code: failure.clickhouseCode,
    http_status: failure.httpStatus,
  };
}
