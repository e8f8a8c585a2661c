import type { Message } from './message.ts';

/** One way to tell somebody. */
export interface Channel {
  readonly name: 'email' | 'webhook';
  /** Rejects where it is not known to have arrived. The signal ends it, whatever the other side does. */
  readonly send: (message: Message, signal: AbortSignal) => Promise<void>;
}
