/** What stands before the alarms' names in the tests. */
export const PREFIX = 'kalshi-tape-prod';
export const CHANGED_AT = '2026-11-23T23:30:00.000+0000';

interface Changes {
  readonly state?: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';
  readonly reason?: string;
  readonly triggering?: readonly string[];
}

/**
 * A change as CloudWatch publishes it, written after AWS's documentation ("Using Amazon CloudWatch alarms", "Create a
 * composite alarm"); the catalogue's name makes the alarm's.
 */
export function published(name: string, { state = 'ALARM', reason, triggering }: Changes = {}): string {
  const alarmName = `${PREFIX}-${name.replaceAll('_', '-')}`;
  return JSON.stringify({
    AlarmName: alarmName,
    AlarmDescription: 'means\naction\nLOGGING_GUIDE.md#heading',
    AWSAccountId: '123456789012',
    NewStateValue: state,
    NewStateReason:
      reason ?? 'Threshold Crossed: 3 out of the last 5 datapoints were greater than the threshold (0.0).',
    StateChangeTime: CHANGED_AT,
    Region: 'US East (N. Virginia)',
    AlarmArn: arnOf(name),
    OldStateValue: state === 'ALARM' ? 'OK' : 'ALARM',
    ...(triggering === undefined
      ? { Trigger: { MetricName: 'Heartbeats', Namespace: 'KalshiTape/prod', Period: 60 } }
      : {
          AlarmRule: 'ALARM(…)',
          TriggeringChildren: triggering.map((child) => ({
            Arn: arnOf(child),
            State: { Value: 'ALARM', Timestamp: CHANGED_AT },
          })),
        }),
  });
}

export function arnOf(name: string): string {
  return `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${PREFIX}-${name.replaceAll('_', '-')}`;
}

export const LOG_GROUPS = { streamer: 'g-streamer', sink: 'g-sink', probe: 'g-probe', notify: 'g-notify' };
