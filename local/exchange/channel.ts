/**
 * Channels and what sets them apart. Written from PROTOCOL.md and not shared with the recorder: a simulator that used the
 * recorder's tables would agree with its mistakes.
 */
export type Channel = keyof typeof CHANNEL_RULES;

export interface ChannelRules {
  /** `ticker` alone counts nothing. */
  readonly sequenced: boolean;
  /** required: no firehose (error 14). optional: all markets where none is named. ignored: always all. */
  readonly filter: 'required' | 'optional' | 'ignored';
  /** private: needs a key (error 9); accepted, and nothing ever comes. */
  readonly access: 'public' | 'private';
}

export function isChannel(name: string): name is Channel {
  return Object.hasOwn(CHANNEL_RULES, name);
}

export function rulesOf(channel: Channel): ChannelRules {
  return CHANNEL_RULES[channel];
}

/** Error texts by code, AsyncAPI newest copy; 6, 16 and 17 are retired and never sent. */
export const ERROR_TEXTS = {
  1: 'Unable to process message',
  2: 'Params required',
  3: 'Channels required',
  4: 'Subscription IDs required',
  5: 'Unknown command',
  7: 'Unknown subscription ID',
  8: 'Unknown channel name',
  9: 'Authentication required',
  10: 'Channel error',
  11: 'Invalid parameter',
  12: 'Exactly one subscription ID is required',
  13: 'Unsupported action',
  14: 'Market Ticker required',
  15: 'Action required',
  25: 'Subscription buffer overflow',
  26: 'Subscription market limit exceeded',
  27: 'Too many requests',
} as const;

export type ErrorCode = keyof typeof ERROR_TEXTS;

const CHANNEL_RULES = {
  orderbook_delta: { sequenced: true, filter: 'required', access: 'public' },
  trade: { sequenced: true, filter: 'optional', access: 'public' },
  ticker: { sequenced: false, filter: 'optional', access: 'public' },
  market_lifecycle_v2: { sequenced: true, filter: 'ignored', access: 'public' },
  multivariate_market_lifecycle: { sequenced: true, filter: 'ignored', access: 'public' },
  fill: { sequenced: true, filter: 'optional', access: 'private' },
  user_orders: { sequenced: true, filter: 'optional', access: 'private' },
  market_positions: { sequenced: true, filter: 'optional', access: 'private' },
} as const satisfies Readonly<Record<string, ChannelRules>>;
