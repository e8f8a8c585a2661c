import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Stream } from 'aws-cdk-lib/aws-kinesis';
import {
  Code,
  EventSourceMapping,
  Function as LambdaFunction,
  Runtime,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Watching, type WatchingProps } from '../../../lib/observability/watching.ts';

const STAGE = 'test';
export const NAMESPACE = `KalshiTape/${STAGE}`;
const SINK_TIMEOUT_SEC = 60;
export const STREAM_NAME = 'tape';
export const SINK_NAME = 'sink';

/** A stack that holds what is watched, with plain names, and the watching. */
export function watchedStack(app = new App({ analyticsReporting: false }), own: Partial<WatchingProps> = {}): Stack {
  const stack = new Stack(app, 'Watched');
  const stream = new Stream(stack, 'Stream', { streamName: STREAM_NAME });
  const program = (name: string): LambdaFunction =>
    new LambdaFunction(stack, name, {
      functionName: name,
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = async () => {}'),
    });
  const sink = program(SINK_NAME);
  const logGroup = (name: string): LogGroup => new LogGroup(stack, `${name}-log`, { logGroupName: name });
  new Watching(stack, 'Watching', {
    stage: STAGE,
    stream,
    sink,
    probe: program('probe'),
    eventSource: new EventSourceMapping(stack, 'Source', {
      target: sink,
      eventSourceArn: stream.streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
    }),
    logGroups: {
      streamer: logGroup('streamer'),
      sink: logGroup('sink'),
      probe: logGroup('probe'),
      notify: logGroup('notify'),
    },
    failureBucket: new Bucket(stack, 'Failures'),
    sinkTimeout: Duration.seconds(SINK_TIMEOUT_SEC),
    topics: {
      page: new Topic(stack, 'Page', { topicName: 'page' }),
      ticket: new Topic(stack, 'Ticket', { topicName: 'ticket' }),
    },
    ...own,
  });
  return stack;
}

export function watchedTemplate(own: Partial<WatchingProps> = {}): Template {
  return Template.fromStack(watchedStack(undefined, own));
}
