import { classify } from '../../core/failure/classify.ts';
import type { Refusal } from './state.ts';

/** What of a refusal's body is told, characters. */
const BODY_MAX_CHARS = 200;

/** An upgrade that was answered with something else. */
export interface RefusedUpgrade {
  readonly status: number;
  /** As far as it came. */
  readonly body: string;
  /** The header: the exchange's clock, to the second. */
  readonly date: string | undefined;
  /** Ours when the answer came, milliseconds since 1970. */
  readonly now_ms: number;
}

/** What a refused upgrade means for the next try. A wrong key and a wrong clock get the same answer: its date tells them apart. */
export function refusalOfUpgrade({ status, body, date, now_ms }: RefusedUpgrade): Refusal {
  const said = body.trim().slice(0, BODY_MAX_CHARS);
  const theirs_ms = Date.parse(date ?? '');
  const failure = classify({ name: 'UpgradeRefused', message: `the exchange answered ${status}`, statusCode: status });
  const kind = status === 401 || status === 403 ? 'auth' : status === 429 ? 'throttled' : 'other';
  return {
    kind,
    category: failure.category,
    failure_class: failure.class,
    exception_type: 'UpgradeRefused',
    exception_msg: `the exchange refused the connection with HTTP ${status}${said === '' ? '' : `: ${said}`}`,
    http_status: status,
    clock_offset_sec: Number.isNaN(theirs_ms) ? undefined : Math.round((now_ms - theirs_ms) / 1_000),
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
    clock_offset_sec: undefined,
  };
}
