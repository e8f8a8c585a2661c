/** Against one threshold. */
const THRESHOLD = {
  GreaterThanThreshold: { sign: '>', holds: (value: number, threshold: number) => value > threshold },
  GreaterThanOrEqualToThreshold: { sign: '>=', holds: (value: number, threshold: number) => value >= threshold },
  LessThanThreshold: { sign: '<', holds: (value: number, threshold: number) => value < threshold },
  LessThanOrEqualToThreshold: { sign: '<=', holds: (value: number, threshold: number) => value <= threshold },
} as const;

/** Against a band of anomaly detection. */
const BAND = {
  LessThanLowerOrGreaterThanUpperThreshold: {
    sign: 'outside',
    holds: (value: number, band: Band) => value < band.lower || value > band.upper,
  },
  LessThanLowerThreshold: { sign: 'below', holds: (value: number, band: Band) => value < band.lower },
  GreaterThanUpperThreshold: { sign: 'above', holds: (value: number, band: Band) => value > band.upper },
} as const;

export interface Band {
  readonly lower: number;
  readonly upper: number;
}
export type ThresholdOperator = keyof typeof THRESHOLD;
export type BandOperator = keyof typeof BAND;

export const isThresholdOperator = (name: string): name is ThresholdOperator => Object.hasOwn(THRESHOLD, name);
export const isBandOperator = (name: string): name is BandOperator => Object.hasOwn(BAND, name);

/** True where the datapoint breaches: it stands to the threshold as the operator says. */
export function breachesThreshold(operator: ThresholdOperator, value: number, threshold: number): boolean {
  return THRESHOLD[operator].holds(value, threshold);
}

export function breachesBand(operator: BandOperator, value: number, band: Band): boolean {
  return BAND[operator].holds(value, band);
}

/** The operator for people: `>=`, `outside`. */
export function signOf(operator: ThresholdOperator | BandOperator): string {
  return isBandOperator(operator) ? BAND[operator].sign : THRESHOLD[operator].sign;
}
