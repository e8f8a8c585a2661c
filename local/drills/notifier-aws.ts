import { PROGRAMS } from '../../core/logging/metrics.ts';
import type { Answer, Asked, Way } from './proxy.ts';

const ALARM_PREFIX = 'kalshi-tape-drill';
const TOPIC_ARN = 'arn:aws:sns:us-east-1:000000000000:evidence';

export function notifierEnv(awsUrl: string): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL: awsUrl,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    TOPIC_ARN,
    STAGE: 'drill',
    ALARM_PREFIX,
    LOG_GROUPS: JSON.stringify(Object.fromEntries(PROGRAMS.map((program) => [program, program]))),
  };
}

/** An alarm as SNS delivers it. */
export const ALARM_TOLD = {
  Records: [
    {
      EventSource: 'aws:sns',
      Sns: {
        MessageId: 'of-a-drill',
        Subject: 'ALARM',
        Message: JSON.stringify({
          AlarmName: `${ALARM_PREFIX}-disk-low`,
          NewStateValue: 'ALARM',
          NewStateReason: 'Threshold Crossed: 3 out of the last 5 datapoints were less than the threshold (5000.0).',
          StateChangeTime: '2026-11-23T02:00:00.000+0000',
        }),
      },
    },
  ],
};

const PUBLISHED =
  '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>';
const DENIED =
  '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>User is not authorized to perform: SNS:Publish</Message></Error></ErrorResponse>';

/** Logs Insights finds no line, SNS takes the message. */
export const AWS_TAKES: Way = { kind: 'answer', answer: answering(200, PUBLISHED) };
/** SNS does not let the notifier publish. */
export const SNS_DENIES: Way = { kind: 'answer', answer: answering(403, DENIED) };

/** CloudWatch Logs is asked in JSON, SNS in a form. */
function answering(status: number, ofSns: string): (asked: Asked) => Answer {
  return ({ headers }) =>
    headers['x-amz-target'] === undefined
      ? { status, headers: { 'content-type': 'text/xml' }, body: ofSns }
      : {
          status: 200,
          headers: { 'content-type': 'application/x-amz-json-1.1' },
          body: JSON.stringify({ queryId: 'q', status: 'Complete', results: [] }),
        };
}
