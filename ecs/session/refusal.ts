import { classify } from '../../core/failure/classify.ts';
import type { Refusal } from './state.ts';

/** What a refused upgrade means for the next try. */
export function refusalOfStatus(status: number): Refusal {
  const failure = classify({ name: 'UpgradeRefused', message: `the exchange answered ${status}`, statusCode: status });
  const kind = status === 401 || status === 403 ? 'auth' : status === 429 ? 'throttled' : 'other';
  return {
    kind,
    category: failure.category,
    failure_class: failure.class,
    exception_type: 'UpgradeRefused',
    exception_msg: `the exchange refused the connection with HTTP ${status}`,
    http_status: status,
  };
}

/** What a connection that could not be made means for the next try. */
export function refusalOf(error: Error): Refusal {
  const failure = classify(error);
  return {
    kind: 'other',
    category: failure.category,
    failure_class: failure.class,
    exception_type: failure.nodeCode ?? error.name,
    exception_msg: failure.reason,
    http_status: undefined,
  };
}
