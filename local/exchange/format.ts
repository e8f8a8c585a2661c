import { ONE_DOLLAR } from './book.ts';

const PRICE_TEXTS: readonly string[] = Array.from({ length: ONE_DOLLAR + 1 }, (_, price) =>
  (price / ONE_DOLLAR).toFixed(4),
);

/** Price units (1e-4 dollars, 0 … 10,000) as the wire writes them: 100 → "0.0100". */
export function priceText(price: number): string {
  const text = PRICE_TEXTS[price];
  if (text === undefined) throw new RangeError(`no such price: ${price}`);
  return text;
}

/** Count units (1e-2 contracts, any sign) as the wire writes them: -5 → "-0.05". */
export function countText(count: number): string {
  const absolute = Math.abs(count);
  const fraction = absolute % 100;
  return `${count < 0 ? '-' : ''}${(absolute - fraction) / 100}.${fraction < 10 ? '0' : ''}${fraction}`;
}

let cachedSecond = -1;
let cachedText = '';

/** Microseconds since 1970 as RFC 3339 with up to 6 decimals, trailing zeros trimmed: "…05.52251Z", "…41Z". */
export function instantText(at_us: number): string {
  const micros = at_us % 1_000_000;
  const second = (at_us - micros) / 1_000_000;
  if (second !== cachedSecond) {
    cachedSecond = second;
    cachedText = new Date(second * 1_000).toISOString().slice(0, 19);
  }
  if (micros === 0) return `${cachedText}Z`;
  let digits = micros;
  let width = 6;
  while (digits % 10 === 0) {
    digits /= 10;
    width--;
  }
  return `${cachedText}.${String(digits).padStart(width, '0')}Z`;
}

/** Microseconds since 1970 in whole milliseconds, as `ts_ms`. */
export function millisOf(at_us: number): number {
  return Math.floor(at_us / 1_000);
}

/** Microseconds since 1970 in whole seconds, as `ts` of trade and ticker. */
export function secondsOf(at_us: number): number {
  return Math.floor(at_us / 1_000_000);
}
