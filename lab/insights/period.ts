/** A span of time as bin(), datefloor() and dateceil() take it. */
export interface Period {
  readonly count: number;
  readonly unit: Unit;
}

export type Unit = 'ms' | 's' | 'm' | 'h' | 'd' | 'w' | 'mo' | 'q' | 'y';

/** What Logs Insights caps a count at: `300s` is taken as `60s`. */
export const PERIOD_CAPS: Partial<Record<Unit, number>> = { ms: 1_000, s: 60, m: 60, h: 24 };

const NAMES: Record<Unit, readonly string[]> = {
  ms: ['millisecond', 'ms', 'msec'],
  s: ['second', 's', 'sec'],
  m: ['minute', 'm', 'min'],
  h: ['hour', 'h', 'hr'],
  d: ['day', 'd'],
  w: ['week', 'w'],
  mo: ['month', 'mo', 'mon'],
  q: ['quarter', 'q', 'qtr'],
  y: ['year', 'y', 'yr'],
};

/** Units that are always as long; months, quarters and years are not. */
export const FIXED_MS: Partial<Record<Unit, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const MONTHS: Partial<Record<Unit, number>> = { mo: 1, q: 3, y: 12 };

/** Weeks start on Monday; the first Monday after 1970 began. */
const FIRST_MONDAY_MS = 4 * 86_400_000;

/** The unit of a name, `hr` or `Hours`; every name of more than one letter has a plural. */
export function unitOf(name: string): Unit | undefined {
  const lower = name.toLowerCase();
  const known = Object.entries(NAMES) as [Unit, readonly string[]][];
  return known.find(([, names]) => names.some((text) => named(lower, text)))?.[0];
}

/** As Logs Insights implements it: counts above the unit's cap are the cap. */
export function cappedPeriod(period: Period): Period {
  const cap = PERIOD_CAPS[period.unit];
  return cap === undefined || period.count <= cap ? period : { count: cap, unit: period.unit };
}

/** The begin of the period that holds the instant, UTC. Milliseconds since 1970. */
export function floorTo(ms: number, period: Period): number {
  const months = MONTHS[period.unit];
  if (months !== undefined) return monthStart(monthsSince1970(ms, months * period.count));
  const step = FIXED_MS[period.unit]! * period.count;
  const origin = period.unit === 'w' ? FIRST_MONDAY_MS : 0;
  return Math.floor((ms - origin) / step) * step + origin;
}

/** The instant itself where a period begins, else the begin of the next one. */
export function ceilTo(ms: number, period: Period): number {
  const floor = floorTo(ms, period);
  if (floor === ms) return ms;
  const months = MONTHS[period.unit];
  if (months === undefined) return floor + FIXED_MS[period.unit]! * period.count;
  return monthStart(monthsSince1970(ms, months * period.count) + months * period.count);
}

function named(name: string, text: string): boolean {
  return name === text || (text.length > 1 && name === `${text}s`);
}

/** Whole months since January 1970, down to a multiple of `step`. */
function monthsSince1970(ms: number, step: number): number {
  const date = new Date(ms);
  const months = (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
  return Math.floor(months / step) * step;
}

function monthStart(months: number): number {
  return Date.UTC(1970, months, 1);
}
