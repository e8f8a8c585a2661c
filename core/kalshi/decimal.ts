/**
 * Exact decimals. The exchange writes prices and counts as decimal strings; they stay strings or become integers of the
 * column's smallest unit, never floats.
 */
export interface DecimalKind {
  /** Decimals the column holds. */
  readonly scale: number;
  /** Digits before the point the column holds. */
  readonly integerDigits: number;
}

/** Decimal(9,6): dollars in units of 1e-6. */
export const PRICE: DecimalKind = { scale: 6, integerDigits: 3 };
/** Decimal(18,2): contracts in units of 1e-2. */
export const COUNT: DecimalKind = { scale: 2, integerDigits: 16 };

export type DecimalFault = 'not_a_decimal' | 'too_many_decimals' | 'out_of_range';

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** The value in units of 10^-scale, or why it cannot be held exactly. Trailing zeros beyond the scale lose nothing. */
export function unitsOf(text: string, kind: DecimalKind): bigint | DecimalFault {
  const parts = DECIMAL.exec(text);
  if (parts === null) return 'not_a_decimal';
  const integer = stripLeadingZeros(parts[2]!);
  const fraction = stripTrailingZeros(parts[3] ?? '');
  if (fraction.length > kind.scale) return 'too_many_decimals';
  if (integer.length > kind.integerDigits) return 'out_of_range';
  const units = BigInt(integer + fraction.padEnd(kind.scale, '0'));
  return parts[1] === '-' ? -units : units;
}

/** Units of 10^-scale as the shortest decimal text with all its decimals: (-125n, COUNT) → "-1.25". */
export function decimalOf(units: bigint, kind: DecimalKind): string {
  const negative = units < 0n;
  const digits = (negative ? -units : units).toString().padStart(kind.scale + 1, '0');
  const cut = digits.length - kind.scale;
  return `${negative ? '-' : ''}${digits.slice(0, cut)}.${digits.slice(cut)}`;
}

function stripLeadingZeros(digits: string): string {
  return digits.replace(/^0+(?=\d)/, '');
}

function stripTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end--;
  return digits.slice(0, end);
}
