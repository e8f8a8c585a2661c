export const ALARM_STATES = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const;
export type AlarmState = (typeof ALARM_STATES)[number];

/** What an alarm has the moment it is created, before anything was evaluated. */
export const INITIAL_STATE: AlarmState = 'INSUFFICIENT_DATA';

/** What to take for a datapoint that nobody reported. CloudWatch's default is `missing`. */
export const MISSING_DATA_TREATMENTS = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
export type MissingDataTreatment = (typeof MISSING_DATA_TREATMENTS)[number];
