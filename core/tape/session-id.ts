/**
 * One per connection, sortable by time as text: `20261123T190256123-9f3a1c`, milliseconds and six random hex digits.
 * `random` is in [0, 1).
 */
export function newSessionId(now_ms: number, random: number): string {
  const instant = new Date(now_ms).toISOString().replace(/[-:.Z]/g, '');
  const suffix = Math.floor(random * 0x1000000)
    .toString(16)
    .padStart(6, '0');
  return `${instant}-${suffix}`;
}
