import { COUNT, type DecimalKind, PRICE, unitsOf } from '../kalshi/decimal.ts';
import { microsOfMillis, microsOfRfc3339, microsOfSeconds } from '../kalshi/instant.ts';

/** Where a message stands on the tape. Instants in microseconds since 1970; sid and seq are 0 where there is none. */
export interface Position {
  readonly session_id: string;
  readonly frame_no: number;
  readonly recv_ts: number;
  readonly sid: number;
  readonly seq: number;
}

export const REJECT_REASONS = [
  'not_json',
  'invalid_message',
  'not_a_decimal',
  'too_many_decimals',
  'out_of_range',
  'price_out_of_range',
  'bad_instant',
  'refused_by_clickhouse',
  'undecodable_record',
  'row_error',
] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];

/** Thrown while one row is made, caught where its frame is known: the row becomes a reject and nothing else is lost. */
export class Unfit extends Error {
  readonly reason: RejectReason;

  constructor(reason: RejectReason, detail: string) {
    super(detail);
    this.name = 'Unfit';
    this.reason = reason;
  }
}

const ONE_DOLLAR = 10n ** BigInt(PRICE.scale);

/** A price in dollars for a Decimal(9,6) column: 0 … 1, as the text that came. */
export function price(field: string, text: string): string {
  const units = decimal(field, text, PRICE);
  if (units < 0n || units > ONE_DOLLAR) throw new Unfit('price_out_of_range', `${field} is not within 0 … 1 dollar`);
  return text;
}

/** Contracts for a Decimal(18,2) column, as the text that came. */
export function contracts(field: string, text: string): string {
  decimal(field, text, COUNT);
  return text;
}

export interface Instant {
  readonly ts: number;
  readonly ts_source: 'exchange' | 'recv';
}

/** The exchange's instant of a message, the finest it gives; the receive time where it gives none. */
export function exchangeInstant(
  msg: { readonly ts?: string | number | null | undefined; readonly ts_ms?: number | null | undefined },
  recv_ts: number,
): Instant {
  // Null is as good as absent.
  const [ts, ts_ms] = [msg.ts ?? undefined, msg.ts_ms ?? undefined];
  if (ts === undefined && ts_ms === undefined) return { ts: recv_ts, ts_source: 'recv' };
  const micros =
    typeof ts === 'string'
      ? microsOfRfc3339(ts)
      : ts_ms !== undefined
        ? microsOfMillis(ts_ms)
        : microsOfSeconds(ts ?? Number.NaN);
  if (micros === undefined) throw new Unfit('bad_instant', `ts ${JSON.stringify(ts)}, ts_ms ${JSON.stringify(ts_ms)}`);
  return { ts: micros, ts_source: 'exchange' };
}

/** Whole seconds of a lifecycle field, in microseconds; null where the message has none. */
export function secondsOrNull(field: string, seconds: number | null | undefined): number | null {
  if (seconds === undefined || seconds === null) return null;
  const micros = microsOfSeconds(seconds);
  if (micros === undefined) throw new Unfit('bad_instant', `${field} ${seconds}`);
  return micros;
}

function decimal(field: string, text: string, kind: DecimalKind): bigint {
  const units = unitsOf(text, kind);
  if (typeof units === 'string') throw new Unfit(units, `${field} ${JSON.stringify(text.slice(0, 60))}`);
  return units;
}
