import { setTimeout as sleep } from 'node:timers/promises';
import { withSecrets } from '../core/aws/secrets-in-environment.ts';

/** This process's environment, in which each named variable X holds the text of the secret whose ARN is in `X_SECRET`. */
export function environmentWith(secrets: readonly string[]): Promise<Readonly<Record<string, string | undefined>>> {
  return withSecrets(secrets, process.env, {
    fetch,
    clock: { now: Date.now, sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }) },
    wall_ms: Date.now,
    random: Math.random,
  });
}
