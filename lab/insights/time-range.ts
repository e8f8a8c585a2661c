import { FIXED_MS, type Period, unitOf } from './period.ts';

const RELATIVE = /^-?(\d+)([A-Za-z]+)$/;

/** `now`, `15m` or `-15m` (so long ago), epoch milliseconds, or ISO 8601 (UTC unless it says otherwise). undefined: none of them. */
export function instantOfText(text: string, now_ms: number): number | undefined {
  if (text === 'now') return now_ms;
  if (/^\d{11,}$/.test(text)) return Number(text);
  const relative = RELATIVE.exec(text);
  if (relative !== null) {
    const unit = unitOf(relative[2]!);
    return unit === undefined ? undefined : ago({ count: Number(relative[1]), unit }, now_ms);
  }
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined;
  const hasTime = text.length > 10;
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text.slice(10));
  const ms = Date.parse(hasTime && !hasZone ? `${text.replace(' ', 'T')}Z` : text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Months, quarters and years are those of the calendar. */
function ago({ count, unit }: Period, now_ms: number): number {
  const date = new Date(now_ms);
  switch (unit) {
    case 'mo':
      return date.setUTCMonth(date.getUTCMonth() - count);
    case 'q':
      return date.setUTCMonth(date.getUTCMonth() - 3 * count);
    case 'y':
      return date.setUTCFullYear(date.getUTCFullYear() - count);
    default:
      return now_ms - count * FIXED_MS[unit]!;
  }
}
