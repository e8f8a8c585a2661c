/** A template with these resources, as far as CloudFormation writes one. */
export function template(resources: object, rest: object = {}): unknown {
  return { AWSTemplateFormatVersion: '2010-09-09', Resources: resources, ...rest };
}

export const lagFilter = (changes: object = {}): object => ({
  Type: 'AWS::Logs::MetricFilter',
  Properties: {
    LogGroupName: { Ref: 'StreamerLogs' },
    FilterPattern: '{ $.event = "heartbeat" }',
    MetricTransformations: [{ MetricNamespace: 'Tape', MetricName: 'Lag', MetricValue: '$.ingest_lag_sec' }],
    ...changes,
  },
});

export const lagAlarm = (changes: object = {}): object => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    AlarmName: 'lag',
    Namespace: 'Tape',
    MetricName: 'Lag',
    Statistic: 'Maximum',
    Period: 60,
    EvaluationPeriods: 3,
    DatapointsToAlarm: 2,
    Threshold: 10,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    AlarmActions: [{ Ref: 'Pages' }],
    OKActions: [{ Ref: 'Pages' }],
    ...changes,
  },
});

/** Two groups, a filter, an alarm over it, a topic. */
export const WATCHED = {
  StreamerLogs: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/tape/streamer' } },
  SinkLogs: { Type: 'AWS::Logs::LogGroup', Properties: {} },
  LagFilter: lagFilter(),
  Pages: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'pages' } },
  LagAlarm: lagAlarm(),
};
