import { z } from 'zod';

/**
 * Market-data messages of the WebSocket API in today's fixed-point form. Source: AsyncAPI, newest copy, and wire frames.
 * Objects are loose: a field we do not know is kept and counted (see decode.ts). Deprecated fields that are still sent
 * are listed, so that they do not count as unknown. Null in a field that may be absent is taken as absent. Sets that the exchange extends (event types, structures) are strings.
 */

const count = z.int().nonnegative();
const text = z.string();
const integer = z.int();
const level = z.tuple([text, text]);
const side = z.enum(['yes', 'no']);

const envelope = { sid: count, seq: count };

const snapshotMsg = z.looseObject({
  market_ticker: text,
  /** '' for a ticker that the exchange does not know. */
  market_id: text.nullish(),
  /** Absent where the side is empty. [price in dollars, contracts], best bid last. */
  yes_dollars_fp: z.array(level).nullish(),
  no_dollars_fp: z.array(level).nullish(),
});

const deltaMsg = z.looseObject({
  market_ticker: text,
  market_id: text.nullish(),
  price_dollars: text,
  /** Signed change of the level, contracts. */
  delta_fp: text,
  side,
  client_order_id: text.nullish(),
  subaccount: z.unknown().optional(),
  ts: text.nullish(),
  ts_ms: integer.nullish(),
});

const tradeMsg = z.looseObject({
  trade_id: text,
  market_ticker: text,
  market_id: text.nullish(),
  yes_price_dollars: text,
  no_price_dollars: text,
  count_fp: text,
  taker_side: side.nullish(),
  taker_outcome_side: side.nullish(),
  taker_book_side: z.enum(['bid', 'ask']).nullish(),
  is_block_trade: z.boolean().nullish(),
  ts: integer.nullish(),
  ts_ms: integer.nullish(),
});

const tickerMsg = z.looseObject({
  market_ticker: text,
  market_id: text.nullish(),
  /** '' or "0.0000": never traded. */
  price_dollars: text,
  yes_bid_dollars: text,
  yes_ask_dollars: text,
  volume_fp: text,
  open_interest_fp: text,
  dollar_volume: integer.nullish(),
  dollar_open_interest: integer.nullish(),
  yes_bid_size_fp: text.nullish(),
  yes_ask_size_fp: text.nullish(),
  last_trade_size_fp: text.nullish(),
  ts: integer.nullish(),
  ts_ms: integer.nullish(),
  time: text.nullish(),
});

const lifecycleMsg = z.looseObject({
  market_ticker: text,
  event_type: text,
  exchange_index: integer.nullish(),
  open_ts: integer.nullish(),
  close_ts: integer.nullish(),
  determination_ts: integer.nullish(),
  settled_ts: integer.nullish(),
  result: text.nullish(),
  /** Dollars. An integer before 2026, in a unit that nobody documents: then the message is invalid rather than misread. */
  settlement_value: text.nullish(),
  is_deactivated: z.boolean().nullish(),
  additional_metadata: z.looseObject({ event_ticker: text.nullish(), title: text.nullish() }).nullish(),
  price_level_structure: text.nullish(),
  price_ranges: z.array(z.looseObject({ start: text, end: text, step: text })).nullish(),
  strike_type: text.nullish(),
  floor_strike: z.unknown().optional(),
  cap_strike: z.unknown().optional(),
  custom_strike: z.unknown().optional(),
  yes_sub_title: text.nullish(),
});

const eventLifecycleMsg = z.looseObject({
  event_ticker: text,
  exchange_index: integer.nullish(),
  title: text.nullish(),
  subtitle: text.nullish(),
  collateral_return_type: text.nullish(),
  series_ticker: text.nullish(),
  strike_date: z.unknown().optional(),
  strike_period: z.unknown().optional(),
});

const eventFeeMsg = z.looseObject({
  event_ticker: text,
  fee_type_override: text.nullish(),
  fee_multiplier_override: z.number().nullish(),
});

const errorMsg = z.looseObject({
  code: integer,
  msg: text,
  market_ticker: text.optional(),
  market_tickers: z.array(text).optional(),
});

const data = <T extends string, M extends z.ZodType>(type: T, msg: M) =>
  z.looseObject({ type: z.literal(type), ...envelope, id: count.optional(), msg });

/** Types that we know, each with its schema. Types with a table of their own come first. */
export const MESSAGE_SCHEMAS = {
  orderbook_snapshot: data('orderbook_snapshot', snapshotMsg),
  orderbook_delta: data('orderbook_delta', deltaMsg),
  trade: data('trade', tradeMsg).extend({ seq: count.optional() }),
  ticker: data('ticker', tickerMsg).extend({ seq: count.optional() }),
  market_lifecycle_v2: data('market_lifecycle_v2', lifecycleMsg).extend({ seq: count.optional() }),
  multivariate_market_lifecycle: data('multivariate_market_lifecycle', lifecycleMsg).extend({ seq: count.optional() }),
  event_lifecycle: data('event_lifecycle', eventLifecycleMsg).extend({ seq: count.optional() }),
  event_fee_update: data('event_fee_update', eventFeeMsg).extend({ seq: count.optional() }),
  cfbenchmarks_value: data('cfbenchmarks_value', z.looseObject({})).extend({ seq: count.optional() }),
  cfbenchmarks_value_5hz: data('cfbenchmarks_value_5hz', z.looseObject({})).extend({ seq: count.optional() }),
  pyth_value: data('pyth_value', z.looseObject({})).extend({ seq: count.optional() }),
  subscribed: z.looseObject({
    type: z.literal('subscribed'),
    id: count.optional(),
    msg: z.looseObject({ channel: text, sid: count }),
  }),
  unsubscribed: z.looseObject({
    type: z.literal('unsubscribed'),
    id: count.optional(),
    sid: count.optional(),
    seq: count.optional(),
    msg: z.unknown().optional(),
  }),
  ok: z.looseObject({
    type: z.literal('ok'),
    id: count.optional(),
    sid: count.optional(),
    seq: count.optional(),
    msg: z.unknown().optional(),
  }),
  error: z.looseObject({
    type: z.literal('error'),
    id: count.optional(),
    sid: count.optional(),
    seq: count.optional(),
    msg: errorMsg,
  }),
} as const;

export type MessageType = keyof typeof MESSAGE_SCHEMAS;
export type MessageOf<T extends MessageType> = z.output<(typeof MESSAGE_SCHEMAS)[T]>;
export type Message = { [T in MessageType]: MessageOf<T> }[MessageType];

/** Event types of the lifecycle channels seen so far; another one is kept and counted. */
export const LIFECYCLE_EVENT_TYPES: readonly string[] = [
  'created',
  'activated',
  'deactivated',
  'close_date_updated',
  'determined',
  'settled',
  'price_level_structure_updated',
  'metadata_updated',
];

/** Fields of `msg` that we know, per type; undefined where `msg` is open by nature. */
export const KNOWN_MSG_FIELDS: Readonly<Partial<Record<MessageType, ReadonlySet<string>>>> = {
  orderbook_snapshot: fieldsOf(snapshotMsg),
  orderbook_delta: fieldsOf(deltaMsg),
  trade: fieldsOf(tradeMsg),
  ticker: fieldsOf(tickerMsg),
  market_lifecycle_v2: fieldsOf(lifecycleMsg),
  multivariate_market_lifecycle: fieldsOf(lifecycleMsg),
  event_lifecycle: fieldsOf(eventLifecycleMsg),
  event_fee_update: fieldsOf(eventFeeMsg),
  error: fieldsOf(errorMsg),
};

function fieldsOf(schema: z.ZodObject): ReadonlySet<string> {
  return new Set(Object.keys(schema.shape));
}
