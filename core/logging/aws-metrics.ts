import type { Program } from './metrics.ts';

/** Whose metric it is: the stack knows the resource, the dimension's name is AWS's. */
export type AwsResource =
  | { readonly kind: 'stream' }
  | { readonly kind: 'function'; readonly program: Program }
  | { readonly kind: 'event_source' }
  | { readonly kind: 'log_group'; readonly program: Program };

export interface AwsMetric {
  readonly namespace: string;
  readonly name: string;
  readonly of: AwsResource;
}

/** CloudWatch's name for the dimension that tells resources of a kind apart. */
export const DIMENSION_OF: Readonly<Record<AwsResource['kind'], string>> = {
  stream: 'StreamName',
  function: 'FunctionName',
  event_source: 'EventSourceMappingUUID',
  log_group: 'LogGroupName',
};

/** What AWS itself counts and alarms or the dashboard look at. The event source's counts need `EventCount` switched on. */
export const AWS_METRICS = {
  StreamIteratorAge: kinesis('GetRecords.IteratorAgeMilliseconds'),
  StreamThrottled: kinesis('WriteProvisionedThroughputExceeded'),
  StreamBytesIn: kinesis('IncomingBytes'),
  StreamRecordsIn: kinesis('IncomingRecords'),
  SinkErrors: lambda('Errors', 'sink'),
  SinkThrottles: lambda('Throttles', 'sink'),
  SinkDuration: lambda('Duration', 'sink'),
  SinkInvocations: lambda('Invocations', 'sink'),
  ProbeErrors: lambda('Errors', 'probe'),
  BatchesDropped: eventSource('DroppedEventCount'),
  FailureDelivered: eventSource('OnFailureDestinationDeliveredEventCount'),
  InvokesFailed: eventSource('FailedInvokeEventCount'),
  EmfParsingErrors: log('EMFParsingErrors', 'sink'),
  EmfValidationErrors: log('EMFValidationErrors', 'sink'),
  StreamerLogBytes: log('IncomingBytes', 'streamer'),
  SinkLogBytes: log('IncomingBytes', 'sink'),
  ProbeLogBytes: log('IncomingBytes', 'probe'),
  NotifyLogBytes: log('IncomingBytes', 'notify'),
} as const satisfies Record<string, AwsMetric>;

export type AwsMetricName = keyof typeof AWS_METRICS;

function kinesis(name: string): AwsMetric {
  return { namespace: 'AWS/Kinesis', name, of: { kind: 'stream' } };
}

function lambda(name: string, program: Program): AwsMetric {
  return { namespace: 'AWS/Lambda', name, of: { kind: 'function', program } };
}

function eventSource(name: string): AwsMetric {
  return { namespace: 'AWS/Lambda', name, of: { kind: 'event_source' } };
}

function log(name: string, program: Program): AwsMetric {
  return { namespace: 'AWS/Logs', name, of: { kind: 'log_group', program } };
}
