import type { Secret } from '../../core/logging/secret.ts';
import type { Channel } from './channel.ts';
import type { Message } from './message.ts';

/** The webhook answered, and did not take the message. */
class WebhookRefusedError extends Error {
  readonly statusCode: number;

  constructor(statusCode: number) {
    super(`the webhook did not take the message: HTTP ${statusCode}`);
    this.name = 'WebhookRefusedError';
    this.statusCode = statusCode;
  }
}

/** A Slack-compatible webhook: a POST of `{"text": …}`; any 2xx is a yes. */
export function webhookChannel(address: () => Promise<Secret>): Channel {
  return {
    name: 'webhook',
    send: async (message, signal) => {
      const url = await address();
      const answer = await fetch(url.reveal(), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: slackText(message) }),
        // Elsewhere nobody was asked to tell our alarms.
        redirect: 'manual',
        signal,
      });
      // The answer's text may repeat the message; its status is all that counts.
      await answer.body?.cancel();
      if (!answer.ok) throw new WebhookRefusedError(answer.status);
    },
  };
}

/** A block in which nothing is markup: a line of a log must not call everybody in the channel, nor end the block. */
export function slackText({ text }: Message): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `\`\`\`\n${escaped.replaceAll('```', "'''")}\n\`\`\``;
}
