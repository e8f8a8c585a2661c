/**
 * Error codes of the WebSocket API. Source: AsyncAPI, newest copy; 6, 16 and 17 are retired, their numbers reserved.
 * `terminal`: the subscription is gone and its data with it; it must be subscribed anew.
 */
export const EXCHANGE_ERRORS: Readonly<Record<number, { readonly text: string; readonly terminal?: true }>> = {
  1: { text: 'Unable to process message' },
  2: { text: 'Params required' },
  3: { text: 'Channels required' },
  4: { text: 'Subscription IDs required' },
  5: { text: 'Unknown command' },
  7: { text: 'Unknown subscription ID' },
  8: { text: 'Unknown channel name' },
  9: { text: 'Authentication required' },
  10: { text: 'Channel error', terminal: true },
  11: { text: 'Invalid parameter' },
  12: { text: 'Exactly one subscription ID is required' },
  13: { text: 'Unsupported action' },
  14: { text: 'Market Ticker required' },
  15: { text: 'Action required' },
  18: { text: 'Command timeout' },
  19: { text: 'shard_factor must be > 0' },
  20: { text: 'shard_factor is required when shard_key is set' },
  21: { text: 'shard_key must be >= 0 and < shard_factor' },
  22: { text: 'shard_factor must be <= 100' },
  23: { text: 'Match IDs required' },
  24: { text: 'Index IDs required' },
  25: { text: 'Subscription buffer overflow', terminal: true },
  26: { text: 'Subscription market limit exceeded' },
  27: { text: 'Too many requests' },
  28: { text: 'Underlying tickers required' },
};

export const UNKNOWN_SUBSCRIPTION = 7;
export const CHANNEL_ERROR = 10;
export const BUFFER_OVERFLOW = 25;

export function isTerminal(code: number): boolean {
  return EXCHANGE_ERRORS[code]?.terminal === true;
}
