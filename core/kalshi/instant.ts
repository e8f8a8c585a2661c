/** Instants as the exchange writes them, in microseconds since 1970 (a safe integer until the year 2255). */

/** 2000-01-01 and 2100-01-01: an instant outside is a wrong unit or garbage, and would open a partition of its own. */
const MIN_US = 946_684_800_000_000;
const MAX_US = 4_102_444_800_000_000;

const RFC3339 = /^(\d{4}-\d{2}-(\d{2}))[Tt ]((?:[01]\d|2[0-3]):\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})$/;

/** RFC 3339 with any number of decimals (the exchange trims trailing zeros); decimals beyond the sixth are cut off. */
export function microsOfRfc3339(text: string): number | undefined {
  const parts = RFC3339.exec(text);
  if (parts === null) return undefined;
  const [, date, day, time, fraction, zone] = parts;
  // Date.parse takes 30 February for 2 March.
  if (Number(day) > 28 && new Date(date!).getUTCDate() !== Number(day)) return undefined;
  const millis = Date.parse(`${date!}T${time!}${zone!.toUpperCase()}`);
  return inRange(millis * 1_000 + Number((fraction ?? '').slice(0, 6).padEnd(6, '0')));
}

export function microsOfSeconds(seconds: number): number | undefined {
  return inRange(seconds * 1_000_000);
}

export function microsOfMillis(millis: number): number | undefined {
  return inRange(millis * 1_000);
}

function inRange(micros: number): number | undefined {
  return Number.isSafeInteger(micros) && micros >= MIN_US && micros < MAX_US ? micros : undefined;
}
