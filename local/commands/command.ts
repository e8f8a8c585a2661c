import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';

/** What a command reaches the world with. */
export interface CommandPorts {
  /** A line of the result. */
  readonly out: (line: string) => void;
  /** A line about the result: which source, how far. */
  readonly note: (line: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Aborts when the person wants no more. */
  readonly signal: AbortSignal;
  readonly logsClient: () => CloudWatchLogsClient;
}

export const DONE = 0;
/** Something is not as it should be, or would have paged. */
export const DIFFERS = 1;

/** The call is not understood; nothing was done. */
export class UsageError extends Error {
  constructor(message: string) {
    super(`${message}; nothing was done`);
    this.name = 'UsageError';
  }
}

export const DEFAULT_STAGE = 'prod';
