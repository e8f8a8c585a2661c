import { Alarm, type AlarmBase, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { type Alarm as AlarmEntry, type AlarmName, ALARMS } from '../../core/logging/alarms.ts';
import type { Thresholds } from '../../core/logging/thresholds.ts';
import { type Naming, nameOf, textOf } from './naming.ts';
import type { SeriesOf } from './series.ts';

const OPERATORS: Readonly<Record<AlarmEntry['comparison'], ComparisonOperator>> = {
  above: ComparisonOperator.GREATER_THAN_THRESHOLD,
  at_least: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  below: ComparisonOperator.LESS_THAN_THRESHOLD,
};

const MISSING: Readonly<Record<AlarmEntry['missing']['as'], TreatMissingData>> = {
  breaching: TreatMissingData.BREACHING,
  notBreaching: TreatMissingData.NOT_BREACHING,
};

export interface AlarmsProps {
  readonly naming: Naming;
  readonly series: SeriesOf;
  readonly thresholds: Thresholds;
}

/** Every alarm on numbers. None acts by itself: who is told is the composites' and their owner's business. */
export class Alarms extends Construct {
  readonly byName: ReadonlyMap<AlarmName, AlarmBase>;

  constructor(scope: Construct, id: string, { naming, series, thresholds }: AlarmsProps) {
    super(scope, id);
    const numberOf = (value: AlarmEntry['threshold']): number =>
      typeof value === 'number' ? value : thresholds[value];
    const entries = Object.entries(ALARMS as Readonly<Record<AlarmName, AlarmEntry>>) as [AlarmName, AlarmEntry][];
    this.byName = new Map(
      entries.map(([name, entry]) => [
        name,
        new Alarm(this, name, {
          alarmName: nameOf(naming, name),
          alarmDescription: textOf(naming, entry),
          // A label would turn an alarm on one metric into one on an expression.
          metric: series.metric(entry.of, entry.period_sec, 'expression' in entry.of ? name : undefined),
          comparisonOperator: OPERATORS[entry.comparison],
          threshold: numberOf(entry.threshold),
          datapointsToAlarm: numberOf(entry.m),
          evaluationPeriods: numberOf(entry.n),
          treatMissingData: MISSING[entry.missing.as],
        }),
      ]),
    );
  }
}
