import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Channel } from './channel.ts';

/** The topic whose subscribers are people. */
export function emailChannel(client: SNSClient, topicArn: string): Channel {
  return {
    name: 'email',
    send: async ({ subject, text }, abortSignal) => {
      const command = new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: text });
      await client.send(command, { abortSignal });
    },
  };
}
