const SIZES = ['Bytes', 'Kilobytes', 'Megabytes', 'Gigabytes', 'Terabytes'];
const BITS = ['Bits', 'Kilobits', 'Megabits', 'Gigabits', 'Terabits'];
const COUNTED = [...SIZES, ...BITS, 'Count'];

/** Every unit that CloudWatch knows. */
export const UNITS: ReadonlySet<string> = new Set([
  ...['Seconds', 'Microseconds', 'Milliseconds', 'Percent', 'None'],
  ...COUNTED,
  ...COUNTED.map((unit) => `${unit}/Second`),
]);
