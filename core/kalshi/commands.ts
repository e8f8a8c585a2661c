import { z } from 'zod';

/** Commands a market-data client sends. `id` is unique per connection; 0 means none. Source: AsyncAPI, newest copy. */

const id = z.int().nonnegative();

const subscribe = z.object({
  id,
  cmd: z.literal('subscribe'),
  params: z.object({
    channels: z.array(z.string()).min(1),
    market_tickers: z.array(z.string()).optional(),
    send_initial_snapshot: z.boolean().optional(),
    skip_ticker_ack: z.boolean().optional(),
    use_yes_price: z.boolean().optional(),
  }),
});

const unsubscribe = z.object({
  id,
  cmd: z.literal('unsubscribe'),
  params: z.object({ sids: z.array(z.int()).min(1) }),
});

const updateSubscription = z.object({
  id,
  cmd: z.literal('update_subscription'),
  params: z.object({
    sids: z.array(z.int()).length(1),
    action: z.enum(['add_markets', 'delete_markets', 'get_snapshot']),
    market_tickers: z.array(z.string()).min(1),
  }),
});

const listSubscriptions = z.object({ id, cmd: z.literal('list_subscriptions') });

export const command = z.discriminatedUnion('cmd', [subscribe, unsubscribe, updateSubscription, listSubscriptions]);

export type Command = z.output<typeof command>;
