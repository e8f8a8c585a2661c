import { signOf } from './comparison.ts';
import type { Decision } from './decide.ts';
import type { MetricAlarm } from './definition.ts';
import type { Points } from './math/value.ts';

const DIGITS = 6;

/** Why an alarm has its state: for people, never parsed. */
export function reasonOf(alarm: MetricAlarm, decision: Decision, values: Points): string {
  const { m, n, missing } = alarm;
  const seen = `[${values.map((value) => (value === undefined ? '-' : brief(value))).join(' ')}]`;
  switch (decision.rule) {
    case 'datapoints':
      return `${decision.breaching} of the newest ${n} datapoints ${conditionOf(alarm)}, ${m} needed: ${seen}`;
    case 'filled':
      return `${decision.breaching} of ${n} datapoints ${conditionOf(alarm)}, ${m} needed, ${n - decision.real} missing taken as ${missing}: ${seen}`;
    case 'no_data':
      return `no datapoint in ${values.length} periods, missing data taken as ${missing}`;
    case 'premature':
      return `all that was reported is ${conditionOf(alarm)} and old enough, missing data taken as ${missing}: ${seen}`;
  }
}

export function lowSampleReason(alarm: MetricAlarm, samples: number): string {
  return `${samples} samples are too few for the percentile; ${alarm.name} keeps its state`;
}

function conditionOf({ threshold }: MetricAlarm): string {
  return threshold.kind === 'static'
    ? `${signOf(threshold.operator)} ${brief(threshold.value)}`
    : `${signOf(threshold.operator)} the band`;
}

function brief(value: number): string {
  return String(Number(value.toPrecision(DIGITS)));
}
