import { z } from 'zod';

type AlarmState = 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';

/** A change of an alarm's state, as CloudWatch publishes it to SNS. */
export interface AlarmNotice {
  /** Of the alarm, or the subject of a message that no alarm sent. */
  readonly name: string;
  readonly state: AlarmState | 'UNKNOWN';
  readonly reason: string;
  readonly description: string;
  /** As CloudWatch writes it: `2026-11-23T23:30:00.000+0000`; empty where it is not said. */
  readonly changedAt: string;
  /** For a composite: the alarms whose change changed it, by name, with their states. */
  readonly triggering: readonly { readonly name: string; readonly state: string }[];
}

const text = z.string().catch('');
const alarmMessage = z.object({
  AlarmName: z.string().min(1),
  NewStateValue: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']),
  NewStateReason: text,
  AlarmDescription: text,
  StateChangeTime: text,
  TriggeringChildren: z.array(z.object({ Arn: z.string(), State: z.object({ Value: z.string() }) })).catch([]),
});

/** Never throws: what no alarm sent is told as the text that it is. */
export function noticeOf(message: string, subject: string | undefined): AlarmNotice {
  const parsed = alarmMessage.safeParse(jsonOf(message));
  if (!parsed.success) {
    const name = subject ?? 'a message that no alarm sent';
    return { name, state: 'UNKNOWN', reason: message, description: '', changedAt: '', triggering: [] };
  }
  const { AlarmName, NewStateValue, NewStateReason, AlarmDescription, StateChangeTime, TriggeringChildren } =
    parsed.data;
  return {
    name: AlarmName,
    state: NewStateValue,
    reason: NewStateReason,
    description: AlarmDescription,
    changedAt: StateChangeTime,
    triggering: TriggeringChildren.map(({ Arn, State }) => ({ name: nameOfArn(Arn), state: State.Value })),
  };
}

/** `arn:aws:cloudwatch:us-east-1:123456789012:alarm:NAME`; a name may hold colons. */
function nameOfArn(arn: string): string {
  return arn.split(':').slice(6).join(':');
}

function jsonOf(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}
