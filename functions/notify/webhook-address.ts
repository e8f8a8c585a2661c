import { z } from 'zod';
import { ConfigurationError, parseEnvironment } from '../../core/contract/environment.ts';
import { webhookUrl } from '../../core/contract/notify-env.ts';
import type { Secret } from '../../core/logging/secret.ts';
import { environmentWith } from '../environment.ts';

/** The webhook was not asked: nobody knows its address. */
class WebhookUnknownError extends Error {
  constructor(cause: ConfigurationError) {
    super(`the webhook was not asked: ${cause.faults.join('; ')}`, { cause });
    this.name = 'WebhookUnknownError';
  }
}

const addressEnv = z.object({ WEBHOOK_URL: webhookUrl });

/**
 * Gives the webhook's address, from the secret that `WEBHOOK_URL_SECRET` names. It is read until it could be, once for each
 * who asks: a secret that is not there yet, or not for us, costs this channel and no other. `onRead` hears it first.
 */
export function webhookAddress(onRead: (address: Secret) => void): () => Promise<Secret> {
  let known: Secret | undefined;
  return async () => {
    if (known !== undefined) return known;
    try {
      const { WEBHOOK_URL } = parseEnvironment('webhook', addressEnv, await environmentWith(['WEBHOOK_URL']));
      onRead(WEBHOOK_URL);
      known = WEBHOOK_URL;
      return WEBHOOK_URL;
    } catch (error) {
      throw error instanceof ConfigurationError ? new WebhookUnknownError(error) : error;
    }
  };
}
