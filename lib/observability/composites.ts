import { Duration } from 'aws-cdk-lib';
import { AlarmRule, AlarmState, CompositeAlarm, type IAlarmRule } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { AlarmName } from '../../core/logging/alarms.ts';
import {
  COMPOSITES,
  type CompositeName,
  membersOf,
  SUPPRESSOR_EXTENSION_SEC,
  SUPPRESSOR_WAIT_SEC,
} from '../../core/logging/composites.ts';
import type { Alarms } from './alarms.ts';
import { type Naming, nameOf, textOf } from './naming.ts';

export interface CompositesProps {
  readonly naming: Naming;
  readonly alarms: Alarms;
}

/** One alarm per cause: what may come of one cause is told as one, and held back while its cause is told elsewhere. */
export class Composites extends Construct {
  readonly byName: ReadonlyMap<CompositeName, CompositeAlarm>;

  constructor(scope: Construct, id: string, { naming, alarms }: CompositesProps) {
    super(scope, id);
    const made = new Map<CompositeName, CompositeAlarm>();
    const find = (name: string) => {
      const alarm = made.get(name as CompositeName) ?? alarms.byName.get(name as AlarmName);
      if (alarm === undefined) throw new Error(`no composite was made: ${name} is no alarm, or comes later`);
      return alarm;
    };
    const fires = (name: string): IAlarmRule => AlarmRule.fromAlarm(find(name), AlarmState.ALARM);
    for (const [name, composite] of Object.entries(COMPOSITES) as [
      CompositeName,
      (typeof COMPOSITES)[CompositeName],
    ][]) {
      const { rule, suppressor } = composite;
      const members = membersOf(rule).map(fires);
      const alarm = new CompositeAlarm(this, name, {
        compositeAlarmName: nameOf(naming, name),
        alarmDescription: textOf(naming, composite),
        alarmRule: 'anyOf' in rule ? AlarmRule.anyOf(...members) : AlarmRule.allOf(...members),
        ...(suppressor === undefined
          ? {}
          : {
              actionsSuppressor: find(suppressor),
              actionsSuppressorWaitPeriod: Duration.seconds(SUPPRESSOR_WAIT_SEC),
              actionsSuppressorExtensionPeriod: Duration.seconds(SUPPRESSOR_EXTENSION_SEC),
            }),
      });
      made.set(name, alarm);
    }
    this.byName = made;
  }
}
